"""Facts in, findings out: whether an answer may land."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jaunt_core.analysis.import_policy import undeclared_finding
from jaunt_core.analysis.members import class_findings
from jaunt_core.analysis.signature import function_findings
from jaunt_core.model.candidate import CandidateFacts, ImportFacts
from jaunt_core.model.generation import ANY_IMPORTS, Finding, ImportPolicy
from jaunt_core.model.spec import (
    ClassFacts,
    Definition,
    FunctionFacts,
    SpecModule,
    SpecRef,
    SpecSource,
)


def findings_of(
    module: SpecModule,
    candidate: CandidateFacts,
    specs: Mapping[SpecRef, SpecSource],
    imports: ImportPolicy = ANY_IMPORTS,
) -> tuple[Finding, ...]:
    """All that is wrong with an answer for `module`, ordered by line.

    Args:
        module: The spec module that the answer is for.
        candidate: The facts of the answer.
        specs: All specs of the project, to tell them from handwritten definitions.
        imports: What may be imported.
    """
    fault = candidate.syntax_error
    if fault is not None:
        return (
            Finding(
                code="syntax",
                line=fault.line,
                message=f"the code does not compile: {fault.message}",
                expected="Python source of the project's version, and nothing else",
            ),
        )
    found = [
        *_definition_findings(module, candidate),
        *_import_findings(module, candidate, specs, imports),
    ]
    return tuple(sorted(found, key=lambda item: (item.line, item.code, item.message)))


def _definition_findings(module: SpecModule, candidate: CandidateFacts) -> Iterator[Finding]:
    by_name: dict[str, list[Definition]] = {}
    for definition in candidate.definitions:
        by_name.setdefault(definition.name, []).append(definition)
    for spec in module.specs:
        same = by_name.get(spec.name, [])
        lines = [item.line for item in same]
        lines += [item.line for item in candidate.conditional if item.name == spec.name]
        if not same:
            yield _missing(spec, candidate)
        elif len(lines) > 1:
            yield Finding(
                code="duplicate-name",
                line=lines[1],
                message=f"{spec.name} is defined more than once, at lines "
                + " and ".join(str(line) for line in lines),
                expected="one definition",
            )
        else:
            yield from _one_definition(module, spec, same[0], candidate)


def _one_definition(
    module: SpecModule, spec: SpecSource, found: Definition, candidate: CandidateFacts
) -> Iterator[Finding]:
    declared = spec.definition
    if isinstance(declared, FunctionFacts) and isinstance(found, FunctionFacts):
        yield from function_findings(declared, found, kind=module.kind)
    elif isinstance(declared, ClassFacts) and isinstance(found, ClassFacts):
        is_bare = not any(part.name == "decorators" for part in spec.parts)
        yield from class_findings(declared, found, is_bare=is_bare)
    else:
        yield _wrong_kind(spec, found.line)
    if spec.name in candidate.assigned:
        yield Finding(
            code="duplicate-name",
            line=found.line,
            message=f"{spec.name} is defined, and bound to something else as well",
            expected="one definition",
        )


def _missing(spec: SpecSource, candidate: CandidateFacts) -> Finding:
    imported = [item for item in candidate.imports if item.name == spec.name]
    if spec.name in candidate.assigned or imported:
        return _wrong_kind(spec, imported[0].line if imported else 0)
    inside = [item.line for item in candidate.conditional if item.name == spec.name]
    if inside:
        return Finding(
            code="missing-name",
            line=inside[0],
            message=f"{spec.name} is defined inside a block only, so that it may be missing",
            expected="a definition at the top level",
        )
    return Finding(
        code="missing-name",
        message=f"{spec.name} is not defined at the top level",
        expected=spec.definition.declaration,
    )


def _wrong_kind(spec: SpecSource, line: int) -> Finding:
    word = "class" if isinstance(spec.definition, ClassFacts) else "def"
    return Finding(
        code="wrong-kind",
        line=line,
        message=f"{spec.name} has to be a `{word}` statement of this module",
        expected=spec.definition.declaration,
    )


def _import_findings(
    module: SpecModule,
    candidate: CandidateFacts,
    specs: Mapping[SpecRef, SpecSource],
    imports: ImportPolicy,
) -> Iterator[Finding]:
    own = {spec.name for spec in module.specs}
    bound = {item.name: item.line for item in module.bindings}
    for item in candidate.imports:
        policy = _policy_finding(module, item, own) or undeclared_finding(imports, item)
        if policy is not None:
            yield policy
            continue
        if item.status != "ok" and not item.optional:
            yield _unresolved(item)
        elif item.evaluated:
            yield _typing_only(item)
        elif item.scope == "module":
            yield from _half_import_findings(module, item, bound, specs)


def _policy_finding(module: SpecModule, item: ImportFacts, own: set[str]) -> Finding | None:
    if item.module.partition(".")[0] == "jaunt":
        return Finding(
            code="import-jaunt",
            line=item.line,
            message="generated code does not import jaunt",
            expected="plain definitions without its decorators",
        )
    if item.generated:
        return Finding(
            code="import-generated",
            line=item.line,
            message=f"{item.module} is a generated module",
            expected="an import of the spec module that declares the name",
        )
    if item.name == "*":
        return Finding(
            code="import-star",
            line=item.line,
            message=f"star import of {item.module}",
            expected="the names that are used, one by one",
        )
    if item.module == module.name and item.name in own:
        return Finding(
            code="import-own-spec",
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
            code="import-module",
            line=item.line,
            message=f"module {item.module} cannot be imported: {why}",
            expected="modules of the project, its dependencies or the standard library",
        )
    return Finding(
        code="import-name",
        line=item.line,
        message=f"module {item.module} has no name {item.name}",
        expected=nearest or "a name that it has",
    )


def _typing_only(item: ImportFacts) -> Finding:
    return Finding(
        code="import-typing-only",
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
            code="import-half-bound",
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
            code="import-cycle",
            line=item.line,
            message=f"{item.module} and {module.name} import each other, so {missing} yet "
            "when this module is imported",
            expected=remedy,
        )


__all__ = ["findings_of"]
