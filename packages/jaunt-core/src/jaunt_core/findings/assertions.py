"""Generated tests that prove nothing, as far as their source shows."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator, Mapping

from jaunt_core.findings.codes import FindingCode
from jaunt_core.findings.test_wording import expects_no_error
from jaunt_core.model.candidate import CandidateFacts, TestFacts
from jaunt_core.model.generation import Finding
from jaunt_core.model.spec import ClassFacts, Kind, SpecModule, SpecRef, SpecSource

_RETURNS_NOTHING = frozenset({"", "None", "typing.NoReturn", "typing.Never"})
_CONSTRUCTORS = frozenset({"__init__", "__init_subclass__"})


def assertion_findings(
    module: SpecModule, candidate: CandidateFacts, specs: Mapping[SpecRef, SpecSource]
) -> Iterator[Finding]:
    """Tests of an answer that prove nothing; `specs` are all of the project.

    A test has the benefit of the doubt: what its source does not show may well assert.
    """
    if module.kind is not Kind.TEST:
        return
    stubs = {definition.name for definition in candidate.definitions if definition.stub}
    tests = {test.name: test for test in candidate.tests if test.name not in stubs}
    for spec in module.specs:
        test = tests.get(spec.name)
        if test is not None:
            if test.skipped:
                message = f"{spec.name} is always skipped or left there, so it proves nothing"
                yield FindingCode.TEST_SKIPPED.finding(
                    message, "a test that runs", line=test.skipped
                )
            named = exceptions_named_in(spec) if test.catches_any else []
            if named:
                message = f"{spec.name} is satisfied by any exception, its spec names {named[0]}"
                yield FindingCode.TEST_CATCHES_ANY.finding(
                    message, f"pytest.raises({named[0]})", line=test.catches_any
                )
            yield from _missing_assertion_findings(spec, test, specs)
            yield from _target_findings(spec, test)
    yield from _replacement_findings(module, candidate)


def exceptions_named_in(spec: SpecSource) -> list[str]:
    """The exceptions that the docstring of a test names; none where it speaks of any."""
    words = re.findall(r"[A-Z]\w*", spec.definition.docstring)
    if {"Exception", "BaseException"} & set(words):
        return []
    own = {entry.ref.qualname: entry.text for entry in spec.context}
    return [word for word in words if _is_exception(word, own)]


def _is_exception(name: str, own: Mapping[str, str]) -> bool:
    """Whether a name is that of an exception; `own` are the texts of shown definitions."""
    kind = getattr(builtins, name, None)
    if isinstance(kind, type):
        return issubclass(kind, BaseException)
    bases = re.match(r"class \w+\((.*?)\):", own.get(name, ""))
    rest = {other: text for other, text in own.items() if other != name}
    parts = re.findall(r"\w+", bases[1]) if bases else []
    return any(_is_exception(part, rest) for part in parts)


def _missing_assertion_findings(
    spec: SpecSource, test: TestFacts, specs: Mapping[SpecRef, SpecSource]
) -> Iterator[Finding]:
    if test.proves or _is_right_without(spec, test):
        return
    if test.vacuous:
        message = f"what {spec.name} asserts holds whatever the code does"
        expected = "an assertion about what a target returns, raises or changes"
        yield FindingCode.TEST_ASSERTS_CONSTANT.finding(message, expected, line=test.vacuous)
    elif not (_may_return_nothing(spec, test, specs) if spec.targets else test.calls):
        yield FindingCode.TEST_ASSERTS_NOTHING.finding(
            f"{spec.name} asserts nothing", "an `assert`, or `pytest.raises`", line=test.line
        )


def _is_right_without(spec: SpecSource, test: TestFacts) -> bool:
    """Whether a call is all that the spec asks for: that nothing is raised."""
    is_called = test.calls and any(_reaches(ref, test) for ref in spec.targets)
    return is_called and expects_no_error(spec.definition.docstring)


def _may_return_nothing(
    spec: SpecSource, test: TestFacts, specs: Mapping[SpecRef, SpecSource]
) -> bool:
    """Whether no target returns anything, as far as is known: it is a test that none raises."""
    return all(ref not in specs or _returns_nothing(specs[ref], test) for ref in spec.targets)


def _returns_nothing(target: SpecSource, test: TestFacts) -> bool:
    definition = target.definition
    if not isinstance(definition, ClassFacts):
        return (definition.returns.form if definition.returns else "") in _RETURNS_NOTHING
    called = [method for method in definition.methods if method.name in test.methods]
    return any(
        (method.returns.form if method.returns else "") in _RETURNS_NOTHING
        for method in called
        if method.name not in _CONSTRUCTORS
    )


def _target_findings(spec: SpecSource, test: TestFacts) -> Iterator[Finding]:
    if not spec.targets or test.opaque:
        return
    if any(_reaches(ref, test) for ref in spec.targets):
        return
    names = " or ".join(ref.qualname for ref in spec.targets)
    message = f"{spec.name} never uses {names}, which it is to test"
    expected = "calls of what stands in `targets=`, imported from its spec module"
    yield FindingCode.TEST_MISSES_TARGET.finding(message, expected, line=test.line)


def _reaches(ref: SpecRef, test: TestFacts) -> bool:
    """Whether a test reaches a target: by name, by its module as a whole, or by a string."""
    dotted = f"{ref.module}.{ref.qualname}"
    reached = any(
        name == dotted or name.startswith(f"{dotted}.") or dotted.startswith(f"{name}.")
        for name in test.uses
    )
    return reached or ref.qualname in test.texts


def _replacement_findings(module: SpecModule, candidate: CandidateFacts) -> Iterator[Finding]:
    targets = {ref for spec in module.specs for ref in spec.targets}
    names = {ref.qualname: ref for ref in targets}
    names |= {f"{ref.module}.{ref.qualname}": ref for ref in targets}
    for replacement in candidate.replaced:
        if replacement.name in names:
            ref = names[replacement.name]
            message = f"{ref.qualname} is what is to be tested, and this module defines its own"
            expected = f"from {ref.module} import {ref.qualname}"
            yield FindingCode.TEST_IMPLEMENTS.finding(message, expected, line=replacement.line)
