"""Definitions of an answer that have the name of one that the project has and a spec means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jaunt_core.findings.codes import FindingCode
from jaunt_core.model.candidate import CandidateFacts, ClassMade
from jaunt_core.model.generation import Finding
from jaunt_core.model.spec import FunctionFacts, SpecModule, SpecRef, SpecSource


def redefinition_findings(
    module: SpecModule, candidate: CandidateFacts, specs: Mapping[SpecRef, SpecSource]
) -> Iterator[Finding]:
    """What the answer makes anew.

    Nobody who catches or compares the real class gets the other one, and who replaces the real
    function, as tests do with a clock, does not reach the other one.
    """
    expected = {spec.name for spec in module.specs}
    meant = {ref.qualname: ref for spec in module.specs for ref in _meant_by(spec, specs)}
    # For type checkers it may be the real one all the same: `else: Order = object`.
    imported = {entry.name for entry in candidate.imports if entry.ref is not None}
    for defined in candidate.classes:
        home = meant.get(defined.name) or _only_home(defined)
        if home is not None and defined.name not in expected | imported:
            yield FindingCode.REDEFINED_NAME.finding(
                f"a spec means the {defined.name} of {home.module}; this is another one",
                f"from {home.module} import {home.qualname}",
                line=defined.line,
            )
    shown = {entry.ref.qualname: entry.ref for spec in module.specs for entry in spec.context}
    for function in candidate.definitions:
        home = shown.get(function.name)
        if home is None or function.name in expected or not isinstance(function, FunctionFacts):
            continue
        yield FindingCode.REDEFINED_NAME.finding(
            f"{home.module} has a {function.name}, which a spec stands on; this is another one",
            f"the {function.name} of {home.module}",
            line=function.line,
        )


def _only_home(defined: ClassMade) -> SpecRef | None:
    """The one class of the project that has the name of an error which no import leads to."""
    return SpecRef(f"{defined.homes[0]}:{defined.name}") if len(defined.homes) == 1 else None


def _meant_by(spec: SpecSource, specs: Mapping[SpecRef, SpecSource]) -> Iterator[SpecRef]:
    """What a spec names, and what the docstrings name that are shown with it."""
    named = (*spec.explicit, *spec.inferred, *spec.mentioned)
    yield from named
    shown = [entry.names for entry in spec.context]
    shown += [specs[ref].api_names for ref in named if ref in specs]
    for homes in shown:
        yield from (home.ref for home in homes if home.ref is not None)
    yield from (entry.ref for entry in spec.context)
