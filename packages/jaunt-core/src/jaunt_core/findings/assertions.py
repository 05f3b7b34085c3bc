"""Whether generated tests can prove anything, as far as their source shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jaunt_core.findings.codes import FindingCode
from jaunt_core.model.candidate import CandidateFacts, TestFacts
from jaunt_core.model.generation import Finding
from jaunt_core.model.spec import ClassFacts, Kind, SpecModule, SpecRef, SpecSource

_RETURNS_NOTHING = frozenset({"", "None", "typing.NoReturn", "typing.Never"})
_CONSTRUCTORS = frozenset({"__init__", "__init_subclass__"})


def assertion_findings(
    module: SpecModule, candidate: CandidateFacts, specs: Mapping[SpecRef, SpecSource]
) -> Iterator[Finding]:
    """The tests of an answer that no implementation could fail; `specs` are all of the project."""
    if module.kind is not Kind.TEST:
        return
    stubs = {item.name for item in candidate.definitions if item.stub}
    facts = {item.name: item for item in candidate.tests if item.name not in stubs}
    for spec in module.specs:
        found = facts.get(spec.name)
        if found is not None:
            yield from _missing_assertion_findings(spec, found, specs)
            yield from _target_findings(spec, found)
    yield from _replacement_findings(module, candidate)


def _missing_assertion_findings(
    spec: SpecSource, found: TestFacts, specs: Mapping[SpecRef, SpecSource]
) -> Iterator[Finding]:
    if found.proves:
        return
    if found.vacuous:
        yield Finding(
            code=FindingCode.TEST_ASSERTS_CONSTANT,
            line=found.vacuous,
            message=f"what {spec.name} asserts holds whatever the code does",
            expected="an assertion about what a target returns, raises or changes",
        )
    elif not (_may_return_nothing(spec, found, specs) if spec.targets else found.calls):
        yield Finding(
            code=FindingCode.TEST_ASSERTS_NOTHING,
            line=found.line,
            message=f"{spec.name} asserts nothing",
            expected="an `assert`, or `pytest.raises`",
        )


def _may_return_nothing(
    spec: SpecSource, found: TestFacts, specs: Mapping[SpecRef, SpecSource]
) -> bool:
    """Whether all that can be seen of the targets may be that they do not raise."""
    return all(ref not in specs or _is_silent(specs[ref], found) for ref in spec.targets)


def _is_silent(target: SpecSource, found: TestFacts) -> bool:
    definition = target.definition
    if not isinstance(definition, ClassFacts):
        return (definition.returns.form if definition.returns else "") in _RETURNS_NOTHING
    called = [item for item in definition.methods if item.name in found.methods]
    return any(
        (item.returns.form if item.returns else "") in _RETURNS_NOTHING
        for item in called
        if item.name not in _CONSTRUCTORS
    )


def _target_findings(spec: SpecSource, found: TestFacts) -> Iterator[Finding]:
    if not spec.targets or found.opaque:
        return
    if any(_uses(ref, found) for ref in spec.targets):
        return
    names = " or ".join(ref.qualname for ref in spec.targets)
    yield Finding(
        code=FindingCode.TEST_MISSES_TARGET,
        line=found.line,
        message=f"{spec.name} never uses {names}, which it is to test",
        expected="calls of what stands in `targets=`, imported from its spec module",
    )


def _uses(ref: SpecRef, found: TestFacts) -> bool:
    """Whether a test gets to a target: by name, by its module as a whole, or by a text."""
    dotted = f"{ref.module}.{ref.qualname}"
    reached = any(
        name == dotted or name.startswith(f"{dotted}.") or dotted.startswith(f"{name}.")
        for name in found.uses
    )
    return reached or ref.qualname in found.texts


def _replacement_findings(module: SpecModule, candidate: CandidateFacts) -> Iterator[Finding]:
    targets = {ref for spec in module.specs for ref in spec.targets}
    names = {ref.qualname: ref for ref in targets}
    names |= {f"{ref.module}.{ref.qualname}": ref for ref in targets}
    for item in candidate.replaced:
        if item.name in names:
            ref = names[item.name]
            yield Finding(
                code=FindingCode.TEST_IMPLEMENTS,
                line=item.line,
                message=f"{ref.qualname} is what is to be tested, and this module defines its own",
                expected=f"from {ref.module} import {ref.qualname}",
            )


__all__ = ["assertion_findings"]
