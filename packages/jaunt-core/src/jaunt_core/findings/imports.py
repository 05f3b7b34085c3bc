"""Which imports of an answer are wrong."""

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
    bound = {item.name: item.line for item in module.bindings}
    for item in candidate.imports:
        forbidden = (
            _ours(item, policy) or _forbidden(module, item, own) or undeclared_finding(policy, item)
        )
        if forbidden is not None:
            yield forbidden
            continue
        if item.status != "ok" and not item.optional:
            yield _unresolved(item)
        elif item.evaluated:
            yield _typing_only(item)
        elif item.scope == "module":
            yield from _half_import_findings(module, item, bound, specs)


def _ours(item: ImportFacts, policy: ImportPolicy) -> Finding | None:
    """An import of what is ours; a project that is about it imports it in the spec module too."""
    top = item.module.partition(".")[0]
    is_tool = top in _TOOLS and bool(item.distributions) and policy.packages is None
    if top not in _NEVER and not is_tool:
        return None
    return Finding(
        code=FindingCode.IMPORT_JAUNT,
        line=item.line,
        message=f"generated code does not import {top}",
        expected="plain definitions without its decorators",
    )


def _forbidden(module: SpecModule, item: ImportFacts, own: set[str]) -> Finding | None:
    if item.generated:
        return Finding(
            code=FindingCode.IMPORT_GENERATED,
            line=item.line,
            message=f"{item.module} is a generated module",
            expected="an import of the spec module that declares the name",
        )
    if item.name == "*":
        return Finding(
            code=FindingCode.IMPORT_STAR,
            line=item.line,
            message=f"star import of {item.module}",
            expected="the names that are used, one by one",
        )
    if item.module == module.name and item.name in own:
        return Finding(
            code=FindingCode.IMPORT_OWN_SPEC,
            line=item.line,
            message=f"{item.name} is imported from its own spec module, but this module defines it",
            expected=f"{item.name} used by its plain name",
        )
    return None


def _unresolved(item: ImportFacts) -> Finding:
    nearest = item.nearest or ""
    if item.status == "no module":
        why = nearest or "no such module in the project's environment"
        return Finding(
            code=FindingCode.IMPORT_MODULE,
            line=item.line,
            message=f"module {item.module} cannot be imported: {why}",
            expected="modules of the project, its dependencies or the standard library",
        )
    return Finding(
        code=FindingCode.IMPORT_NAME,
        line=item.line,
        message=f"module {item.module} has no name {item.name}",
        expected=nearest or "a name that it has",
    )


def _typing_only(item: ImportFacts) -> Finding:
    return Finding(
        code=FindingCode.IMPORT_TYPING_ONLY,
        line=item.evaluated,
        message=f"{item.name or item.module} is imported under TYPE_CHECKING only, at line "
        f"{item.line}, but it is needed as soon as this module is imported",
        expected="`from __future__ import annotations` where only annotations need it, else an "
        "import that runs",
    )


def _half_import_findings(
    module: SpecModule,
    item: ImportFacts,
    bound: Mapping[str, int],
    specs: Mapping[SpecRef, SpecSource],
) -> Iterator[Finding]:
    """A module with a class spec is imported while its spec module is half done."""
    remedy = "an import inside the function that uses it, or under TYPE_CHECKING for annotations"
    line = bound.get(item.name or "", 0) if item.module == module.name else 0
    if module.first_class_line is not None and line >= module.first_class_line:
        yield Finding(
            code=FindingCode.IMPORT_HALF_BOUND,
            line=item.line,
            message=f"{item.name} is bound at line {line} of {module.path}, below the first "
            f"class spec at line {module.first_class_line}, so it does not exist yet when this "
            "module is imported",
            expected=remedy,
        )
    elif item.cyclic:
        what = "spec" if item.ref in specs else "name"
        missing = f"the {what} {item.name} may not exist" if item.name else "it may be half done"
        yield Finding(
            code=FindingCode.IMPORT_CYCLE,
            line=item.line,
            message=f"{item.module} and {module.name} import each other, so {missing} yet "
            "when this module is imported",
            expected=remedy,
        )


__all__ = ["import_findings"]
