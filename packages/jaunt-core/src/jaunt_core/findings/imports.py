"""Imports of an answer that are forbidden, do not resolve or come too early."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jaunt_core.findings.codes import FindingCode
from jaunt_core.findings.import_policy import undeclared_finding
from jaunt_core.model.candidate import CandidateFacts, ImportFacts
from jaunt_core.model.generation import Finding, ImportPolicy
from jaunt_core.model.spec import SpecModule, SpecRef, SpecSource

_NEVER = ("jaunt", "_jaunt_worker")
_TOOLS = ("jaunt_core", "jaunt_cli", "jaunt_backend_openai", "jaunt_backend_command")


def import_findings(
    module: SpecModule,
    candidate: CandidateFacts,
    specs: Mapping[SpecRef, SpecSource],
    policy: ImportPolicy,
) -> Iterator[Finding]:
    """What is wrong with the imports of an answer for `module`; `specs` are all of the project."""
    for binding in candidate.fallbacks:
        message = f"{binding.name} is part of this project, but something else stands in for it"
        expected = "a plain import; where it fails, that has to be seen"
        yield FindingCode.IMPORT_FALLBACK.finding(message, expected, line=binding.line)
    own = {spec.name for spec in module.specs}
    lines = {binding.name: binding.line for binding in module.bindings}
    for imported in candidate.imports:
        forbidden = (
            _tool_finding(imported, policy)
            or _forbidden_finding(module, imported, own)
            or undeclared_finding(policy, imported)
        )
        if forbidden is not None:
            yield forbidden
            continue
        if imported.status != "ok" and not imported.optional:
            yield _unresolved_finding(imported)
        elif imported.evaluated:
            yield _typing_only_finding(imported)
        elif imported.scope == "module":
            yield from _half_import_findings(module, imported, lines, specs)
            if imported.rebound:
                yield _rebound_finding(imported)


def generated_name_findings(candidate: CandidateFacts) -> Iterator[Finding]:
    """Texts that name what stands in a generated module: patches of it reach nobody else."""
    for named in candidate.generated_names:
        message = f'"{named.name}" leads into a generated module'
        expected = "the name in the spec module, whose replacement reaches the generated code"
        yield FindingCode.IMPORT_GENERATED.finding(message, expected, line=named.line)


def _tool_finding(imported: ImportFacts, policy: ImportPolicy) -> Finding | None:
    """An import of jaunt, or of its tools unless the project declares or uses these itself."""
    top = imported.module.partition(".")[0]
    is_tool = top in _TOOLS and bool(imported.distributions) and policy.packages is None
    if top not in _NEVER and not is_tool:
        return None
    message = f"generated code does not import {top}"
    expected = "plain definitions without its decorators"
    return FindingCode.IMPORT_JAUNT.finding(message, expected, line=imported.line)


def _forbidden_finding(module: SpecModule, imported: ImportFacts, own: set[str]) -> Finding | None:
    if imported.generated:
        message = f"{imported.module} is a generated module"
        expected = "an import of the spec module that declares the name"
        return FindingCode.IMPORT_GENERATED.finding(message, expected, line=imported.line)
    if imported.name == "*":
        message = f"star import of {imported.module}"
        expected = "the names that are used, one by one"
        return FindingCode.IMPORT_STAR.finding(message, expected, line=imported.line)
    if imported.module == module.name and imported.name in own:
        return FindingCode.IMPORT_OWN_SPEC.finding(
            f"{imported.name} is imported from its own spec module, but this module defines it",
            f"{imported.name} used by its plain name",
            line=imported.line,
        )
    return None


def _unresolved_finding(imported: ImportFacts) -> Finding:
    nearest = imported.nearest or ""
    if imported.status == "no module":
        why = nearest or "no such module in the project's environment"
        message = f"module {imported.module} cannot be imported: {why}"
        expected = "modules of the project, its dependencies or the standard library"
        return FindingCode.IMPORT_MODULE.finding(message, expected, line=imported.line)
    message = f"module {imported.module} has no name {imported.name}"
    expected = nearest or "a name that it has"
    return FindingCode.IMPORT_NAME.finding(message, expected, line=imported.line)


def _typing_only_finding(imported: ImportFacts) -> Finding:
    return FindingCode.IMPORT_TYPING_ONLY.finding(
        f"{imported.name or imported.module} is imported under TYPE_CHECKING only, at line "
        f"{imported.line}, but it is needed as soon as this module is imported",
        "`from __future__ import annotations` where only annotations need it, else an "
        "import that runs",
        line=imported.evaluated,
    )


def _rebound_finding(imported: ImportFacts) -> Finding:
    home, name = imported.module, imported.name
    return FindingCode.IMPORT_REBOUND.finding(
        f"functions of {home} bind {name} anew by `global`, so this import keeps an old value",
        f"`import {home}` and `{home}.{name}`, or the import inside the function that uses it",
        line=imported.line,
    )


def _half_import_findings(
    module: SpecModule,
    imported: ImportFacts,
    bound_lines: Mapping[str, int],
    specs: Mapping[SpecRef, SpecSource],
) -> Iterator[Finding]:
    """Imports of names that are not bound yet when the answer is imported.

    A generated module with a class spec is imported while its spec module is half done.
    """
    remedy = "an import inside the function that uses it, or under TYPE_CHECKING for annotations"
    line = bound_lines.get(imported.name or "", 0) if imported.module == module.name else 0
    if module.first_class_line is not None and line >= module.first_class_line:
        message = (
            f"{imported.name} is bound at line {line} of {module.path}, below the first "
            f"class spec at line {module.first_class_line}, so it does not exist yet when this "
            "module is imported"
        )
        yield FindingCode.IMPORT_HALF_BOUND.finding(message, remedy, line=imported.line)
    elif imported.cyclic:
        what = "spec" if imported.ref in specs else "name"
        name = imported.name
        missing = f"the {what} {name} may not exist" if name else "it may be half done"
        message = (
            f"{imported.module} and {module.name} import each other, so {missing} yet "
            "when this module is imported"
        )
        yield FindingCode.IMPORT_CYCLE.finding(message, remedy, line=imported.line)
