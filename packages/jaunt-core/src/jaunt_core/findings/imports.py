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


def _tool_finding(imported: ImportFacts, policy: ImportPolicy) -> Finding | None:
    """An import of jaunt, or of its tools unless the project declares or uses these itself."""
    top = imported.module.partition(".")[0]
    is_tool = top in _TOOLS and bool(imported.distributions) and policy.packages is None
    if top not in _NEVER and not is_tool:
        return None
    return Finding(
        code=FindingCode.IMPORT_JAUNT,
        line=imported.line,
        message=f"generated code does not import {top}",
        expected="plain definitions without its decorators",
    )


def _forbidden_finding(module: SpecModule, imported: ImportFacts, own: set[str]) -> Finding | None:
    if imported.generated:
        return Finding(
            code=FindingCode.IMPORT_GENERATED,
            line=imported.line,
            message=f"{imported.module} is a generated module",
            expected="an import of the spec module that declares the name",
        )
    if imported.name == "*":
        return Finding(
            code=FindingCode.IMPORT_STAR,
            line=imported.line,
            message=f"star import of {imported.module}",
            expected="the names that are used, one by one",
        )
    if imported.module == module.name and imported.name in own:
        return Finding(
            code=FindingCode.IMPORT_OWN_SPEC,
            line=imported.line,
            message=f"{imported.name} is imported from its own spec module, but this module "
            "defines it",
            expected=f"{imported.name} used by its plain name",
        )
    return None


def _unresolved_finding(imported: ImportFacts) -> Finding:
    nearest = imported.nearest or ""
    if imported.status == "no module":
        why = nearest or "no such module in the project's environment"
        return Finding(
            code=FindingCode.IMPORT_MODULE,
            line=imported.line,
            message=f"module {imported.module} cannot be imported: {why}",
            expected="modules of the project, its dependencies or the standard library",
        )
    return Finding(
        code=FindingCode.IMPORT_NAME,
        line=imported.line,
        message=f"module {imported.module} has no name {imported.name}",
        expected=nearest or "a name that it has",
    )


def _typing_only_finding(imported: ImportFacts) -> Finding:
    return Finding(
        code=FindingCode.IMPORT_TYPING_ONLY,
        line=imported.evaluated,
        message=f"{imported.name or imported.module} is imported under TYPE_CHECKING only, at line "
        f"{imported.line}, but it is needed as soon as this module is imported",
        expected="`from __future__ import annotations` where only annotations need it, else an "
        "import that runs",
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
        yield Finding(
            code=FindingCode.IMPORT_HALF_BOUND,
            line=imported.line,
            message=f"{imported.name} is bound at line {line} of {module.path}, below the first "
            f"class spec at line {module.first_class_line}, so it does not exist yet when this "
            "module is imported",
            expected=remedy,
        )
    elif imported.cyclic:
        what = "spec" if imported.ref in specs else "name"
        name = imported.name
        missing = f"the {what} {name} may not exist" if name else "it may be half done"
        yield Finding(
            code=FindingCode.IMPORT_CYCLE,
            line=imported.line,
            message=f"{imported.module} and {module.name} import each other, so {missing} yet "
            "when this module is imported",
            expected=remedy,
        )
