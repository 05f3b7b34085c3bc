"""Examples and `Raises:` lines of a module that can be tried, and findings for their outcomes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from jaunt_core.claims.declared_kinds import built_in_kinds
from jaunt_core.claims.shown_calls import Callee, shown_calls
from jaunt_core.findings.codes import FindingCode
from jaunt_core.findings.raises import raises_lines
from jaunt_core.model.generation import Finding
from jaunt_core.model.spec import ClassFacts, FunctionFacts, Parameter, SpecModule
from jaunt_core.model.trial import RaisesLine, TrialOutcome

PROMPT = ">>>"
_MOST_PER_SPEC = 5
_NO_MEMORY = "it uses up all the memory that it may have"


@dataclass(frozen=True, slots=True, kw_only=True)
class Docstring:
    """A docstring with examples, and the spec or `Class.method` that it is of."""

    owner: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A call that a docstring shows outside of its examples, and what that is to come to.

    It is either a value, as text, or the name of an exception.
    """

    owner: str
    source: str
    want: str
    error: str
    prose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredResult:
    """The annotation of a result, empty where there is none, and the built-in types it allows.

    There are no `kinds` where others may be returned, too.
    """

    text: str
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Documentation:
    """The claims in the docstrings of a module that can be tried.

    `returns` has the functions and methods whose signature is settled.
    """

    docs: tuple[Docstring, ...]
    claims: tuple[Claim, ...]
    raises: tuple[RaisesLine, ...]
    returns: Mapping[str, DeclaredResult]


def documentation_of(module: SpecModule) -> Documentation:
    """What can be tried of a module."""
    docs: list[Docstring] = []
    claims: list[Claim] = []
    callees: dict[str, Callee] = {}
    raises: list[RaisesLine] = []
    returns: dict[str, DeclaredResult] = {}
    for spec in module.specs:
        definition = spec.definition
        callees[spec.name] = callee_of(definition)
        functions = {}
        if isinstance(definition, ClassFacts):
            docs.append(Docstring(owner=spec.name, text=definition.docstring))
            functions = {f"{spec.name}.{method.name}": method for method in definition.methods}
        else:
            functions = {spec.name: definition}
        for owner, function in functions.items():
            text = function.returns.text if function.returns else ""
            kinds = tuple(sorted(built_in_kinds(text)))
            returns[owner] = DeclaredResult(text=text, kinds=kinds)
            docs.append(Docstring(owner=owner, text=function.docstring))
            if "Raises" in function.docstring or ":" in function.docstring:
                raises.extend(raises_lines(owner, function))
    for doc in docs:
        claims += [
            Claim(
                owner=doc.owner,
                source=call.source,
                want=call.want,
                error=call.error,
                prose=doc.text.lower(),
            )
            for call in shown_calls(doc.text, callees[doc.owner.partition(".")[0]])
        ]
    shown = tuple(doc for doc in docs if PROMPT in doc.text)
    return Documentation(docs=shown, claims=tuple(claims), raises=tuple(raises), returns=returns)


def callee_of(definition: FunctionFacts | ClassFacts) -> Callee:
    """The name of a spec and its parameters, as a docstring may call it."""
    parameters: tuple[Parameter, ...] = ()
    if isinstance(definition, ClassFacts):
        constructors = (method for method in definition.methods if method.name == "__init__")
        parameters = next((method.parameters[1:] for method in constructors), ())
    else:
        parameters = definition.parameters
    return Callee(
        name=definition.name,
        parameters=tuple(parameter.name for parameter in parameters),
        needed=sum(
            parameter.default is None and parameter.kind not in ("*args", "**kwargs")
            for parameter in parameters
        ),
    )


def outcome_findings(
    outcomes: Iterable[TrialOutcome], place_of: Callable[[TrialOutcome], str]
) -> tuple[Finding, ...]:
    """Findings for outcomes that are not as documented, a few for each spec.

    Args:
        outcomes: What came of the examples.
        place_of: Tells where in the project an example stands.
    """
    counts: dict[str, int] = {}
    findings = []
    for outcome in outcomes:
        if outcome.status in ("failed", "raised"):
            spec = outcome.owner.partition(".")[0]
            counts[spec] = counts.get(spec, 0) + 1
            if counts[spec] <= _MOST_PER_SPEC:
                findings.append(replace(_finding_of(outcome), place=place_of(outcome)))
    return tuple(findings)


def _finding_of(outcome: TrialOutcome) -> Finding:
    if outcome.kind == "import":
        message = f"importing the module raises {_on_one_line(outcome.got)}"
        expected = "a module that can be imported"
        return FindingCode.EXAMPLE_CRASH.finding(message, expected, line=outcome.line)
    source, symbol = _on_one_line(outcome.source), outcome.owner.partition(".")[0]
    if outcome.kind == "raises":
        message = f"{source}: {_on_one_line(outcome.got)}, but the docstring documents an error"
        expected = _on_one_line(outcome.want)
        return FindingCode.RAISES_MISSING.finding(
            message, expected, line=outcome.line, symbol=symbol
        )
    if outcome.got.partition(":")[0] == "MemoryError":
        return fault_finding(outcome.owner, outcome.source, fault=_NO_MEMORY, timed_out=False)
    verb = "raises" if outcome.status == "raised" else "gives"
    got = _on_one_line(outcome.got) or "nothing"
    message = f"the example `{source}` in the docstring of {outcome.owner} {verb} {got}"
    expected = _on_one_line(outcome.want) or "no error"
    return FindingCode.EXAMPLE_FAILED.finding(message, expected, line=outcome.line, symbol=symbol)


def fault_finding(owner: str, source: str, *, fault: str, timed_out: bool) -> Finding:
    """The finding for an example, or a call, that took the process down with it."""
    what = f"`{_on_one_line(source)}` of {owner}" if owner else "importing the module"
    message, symbol = f"{what}: {fault}", owner.partition(".")[0]
    if timed_out:
        expected = "code that comes to an end"
        return FindingCode.EXAMPLE_TIMEOUT.finding(message, expected, symbol=symbol)
    expected = "code that neither crashes nor ends the process"
    return FindingCode.EXAMPLE_CRASH.finding(message, expected, symbol=symbol)


def unclear_outcomes(outcomes: Iterable[TrialOutcome]) -> Iterator[TrialOutcome]:
    """The outcomes that say nothing about the answer."""
    return (outcome for outcome in outcomes if outcome.status == "unclear")


def _on_one_line(text: str) -> str:
    return "\\n".join(text.splitlines())
