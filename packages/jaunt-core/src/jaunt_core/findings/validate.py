"""All checks of an answer that need only its facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from jaunt_core.findings.assertions import assertion_findings
from jaunt_core.findings.codes import FindingCode
from jaunt_core.findings.import_effects import import_effect_findings
from jaunt_core.findings.imports import generated_name_findings, import_findings
from jaunt_core.findings.members import class_findings
from jaunt_core.findings.redefinitions import redefinition_findings
from jaunt_core.findings.signature import function_findings
from jaunt_core.findings.stubs import stub_findings
from jaunt_core.model.candidate import CandidateFacts, SyntaxFault
from jaunt_core.model.generation import ANY_IMPORTS, Finding, ImportPolicy
from jaunt_core.model.spec import (
    ClassFacts,
    Definition,
    FunctionFacts,
    SpecModule,
    SpecRef,
    SpecSource,
)

_LONGEST = 2_000


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
        return (_syntax_finding(fault),)
    findings = [
        *_definition_findings(module, candidate),
        *import_findings(module, candidate, specs, imports),
        *generated_name_findings(candidate),
        *import_effect_findings(candidate, kind=module.kind),
        *assertion_findings(module, candidate, specs),
        *redefinition_findings(module, candidate, specs),
    ]
    ordered = sorted(findings, key=lambda finding: (finding.line, finding.code, finding.message))
    return tuple(replace(finding, message=_shortened(finding.message)) for finding in ordered)


def _shortened(message: str) -> str:
    """A message of bearable length: an answer may have names of any length."""
    return message if len(message) <= _LONGEST else f"{message[:_LONGEST]}…"


def _syntax_finding(fault: SyntaxFault) -> Finding:
    if fault.prose:
        message = f"this is prose, no code: {fault.prose[:80]}"
        expected = "Python source and nothing else; remarks as comments"
        return FindingCode.ANSWER_PROSE.finding(message, expected, line=fault.line)
    message = f"the code does not compile: {fault.message}"
    expected = "Python source of the project's version, and nothing else"
    return FindingCode.SYNTAX.finding(message, expected, line=fault.line)


def _definition_findings(module: SpecModule, candidate: CandidateFacts) -> Iterator[Finding]:
    by_name: dict[str, list[Definition]] = {}
    for definition in candidate.definitions:
        by_name.setdefault(definition.name, []).append(definition)
    for spec in module.specs:
        same = by_name.get(spec.name, [])
        lines = [definition.line for definition in same]
        lines += [binding.line for binding in candidate.conditional if binding.name == spec.name]
        if not same:
            yield _missing_finding(spec, candidate)
        elif len(lines) > 1:
            message = f"{spec.name} is defined more than once, at lines " + " and ".join(
                str(line) for line in lines
            )
            yield FindingCode.DUPLICATE_NAME.finding(
                message, "one definition", line=lines[1], symbol=spec.name
            )
        else:
            for finding in _comparison_findings(module, spec, same[0], candidate):
                yield replace(finding, symbol=spec.name)


def _comparison_findings(
    module: SpecModule, spec: SpecSource, actual: Definition, candidate: CandidateFacts
) -> Iterator[Finding]:
    declared = spec.definition
    if isinstance(declared, FunctionFacts) and isinstance(actual, FunctionFacts):
        yield from function_findings(declared, actual, kind=module.kind)
        yield from stub_findings(declared, actual, kind=module.kind)
    elif isinstance(declared, ClassFacts) and isinstance(actual, ClassFacts):
        is_bare = not any(part.name == "decorators" for part in spec.parts)
        yield from class_findings(declared, actual, is_bare=is_bare)
    else:
        yield _wrong_kind_finding(spec, actual.line)
    if spec.name in candidate.assigned:
        message = f"{spec.name} is defined, and bound to something else as well"
        yield FindingCode.DUPLICATE_NAME.finding(message, "one definition", line=actual.line)


def _missing_finding(spec: SpecSource, candidate: CandidateFacts) -> Finding:
    imported = [binding for binding in candidate.imports if binding.name == spec.name]
    if spec.name in candidate.assigned or imported:
        return _wrong_kind_finding(spec, imported[0].line if imported else 0)
    inside = [binding.line for binding in candidate.conditional if binding.name == spec.name]
    if inside:
        message = f"{spec.name} is defined inside a block only, so that it may be missing"
        expected = "a definition at the top level"
        return FindingCode.MISSING_NAME.finding(message, expected, line=inside[0])
    message = f"{spec.name} is not defined at the top level"
    return FindingCode.MISSING_NAME.finding(message, spec.definition.declaration, symbol=spec.name)


def _wrong_kind_finding(spec: SpecSource, line: int) -> Finding:
    word = "class" if isinstance(spec.definition, ClassFacts) else "def"
    message = f"{spec.name} has to be a `{word}` statement of this module"
    return FindingCode.WRONG_KIND.finding(
        message, spec.definition.declaration, line=line, symbol=spec.name
    )
