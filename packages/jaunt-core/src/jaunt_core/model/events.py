"""Events that a run emits; progress bars, plain lines and JSON are listeners."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from jaunt_core.model.generation import Finding
from jaunt_core.model.plan import Action, BuildPlan
from jaunt_core.model.report import (
    BuildReport,
    ModuleReport,
    MutationReport,
    MutationScore,
    Outcome,
    PytestResult,
)
from jaunt_core.model.spec import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningRaised:
    """A warning that the user should read; the run goes on."""

    kind: Kind
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanReady:
    """The plan is made; nothing has been asked or written yet."""

    plan: BuildPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleStarted:
    """Work on a module begins."""

    kind: Kind
    module: str
    action: Action


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptStarted:
    """The backend is asked, for the `attempt`-th time for this module."""

    kind: Kind
    module: str
    attempt: int
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRejected:
    """An answer did not pass; it is kept in the file `rejected`."""

    kind: Kind
    module: str
    attempt: int
    findings: tuple[Finding, ...]
    rejected: PurePosixPath


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendNoted:
    """A message of the backend to the user, beside its answers."""

    kind: Kind
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestDelayed:
    """A transient fault; the same request is sent again after `seconds`."""

    kind: Kind
    module: str
    fault: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleFinished:
    """A module of the rebuild set has ended, one way or another."""

    kind: Kind
    report: ModuleReport


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFinished:
    """All modules of one kind have ended."""

    kind: Kind
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PytestStarted:
    """pytest begins on these generated files."""

    paths: tuple[PurePosixPath, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PytestPrinted:
    """A piece of pytest's output, as it came."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PytestFinished:
    """pytest has ended."""

    result: PytestResult


@dataclass(frozen=True, slots=True, kw_only=True)
class MutationStarted:
    """Mutants of the code of so many specs are made, and their tests run against them."""

    specs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecScored:
    """The tests of a spec were run against the mutants of its code."""

    score: MutationScore


@dataclass(frozen=True, slots=True, kw_only=True)
class MutationFinished:
    """The tests of all specs were measured."""

    report: MutationReport


Event = (
    WarningRaised
    | PlanReady
    | ModuleStarted
    | AttemptStarted
    | AttemptRejected
    | BackendNoted
    | RequestDelayed
    | ModuleFinished
    | RunFinished
    | PytestStarted
    | PytestPrinted
    | PytestFinished
    | MutationStarted
    | SpecScored
    | MutationFinished
)
Sink = Callable[[Event], None]


def fold_events(events: Iterable[Event], kind: Kind) -> BuildReport:
    """The report that the events of one kind add up to."""
    reports: dict[str, ModuleReport] = {}
    warnings: list[str] = []
    seconds = 0.0
    for event in events:
        match event:
            case PlanReady(plan=plan) if plan.kind is kind:
                for module in plan.modules:
                    if module.action is Action.FRESH:
                        reports[module.name] = ModuleReport(
                            module=module.name, path=module.file.path, outcome=Outcome.FRESH
                        )
            case ModuleFinished(kind=its_kind, report=report) if its_kind is kind:
                reports[report.module] = _with_earlier_bill(reports.get(report.module), report)
            case WarningRaised(kind=its_kind, message=message) if its_kind is kind:
                warnings.append(message)
            case RunFinished(kind=its_kind, seconds=its_seconds) if its_kind is kind:
                seconds = its_seconds
            case _:
                pass
    return BuildReport(
        kind=kind,
        modules=tuple(reports[name] for name in sorted(reports)),
        warnings=tuple(warnings),
        seconds=seconds,
    )


def _with_earlier_bill(before: ModuleReport | None, report: ModuleReport) -> ModuleReport:
    """The report of a module, with what was spent on it before in the same run."""
    # A module finishes a second time when its code was repaired after failed tests.
    if before is None or not before.bill.calls:
        return report
    return replace(report, bill=before.bill + report.bill)
