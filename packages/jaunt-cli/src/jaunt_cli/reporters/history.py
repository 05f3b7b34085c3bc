"""The events of a run so far, for summaries and for the JSON of runs that were stopped."""

from __future__ import annotations

from jaunt_core.model.events import (
    Event,
    ModuleFinished,
    MutationFinished,
    PlanReady,
    PytestFinished,
    PytestPrinted,
    RunFinished,
    WarningRaised,
    fold_events,
)
from jaunt_core.model.report import BuildReport, MutationReport, PytestResult
from jaunt_core.model.spec import Kind


class History:
    """The events of a run, without the output of pytest."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def add(self, event: Event) -> None:
        """Add an event."""
        # Tests may print any amount; the reporter passes it on as it comes.
        if not isinstance(event, PytestPrinted):
            self.events.append(event)

    def report(self, kind: Kind) -> BuildReport:
        """The report so far of one kind of spec."""
        return fold_events(self.events, kind)

    def reached(self, kind: Kind) -> bool:
        """Whether there is any event about one kind of spec."""
        return any(_kind_of(event) is kind for event in self.events)

    @property
    def warnings(self) -> tuple[str, ...]:
        """The messages of all warnings."""
        return tuple(event.message for event in self.events if isinstance(event, WarningRaised))

    @property
    def pytest(self) -> PytestResult | None:
        """The result of pytest, None where it has not ended."""
        for event in reversed(self.events):
            if isinstance(event, PytestFinished):
                return event.result
        return None

    @property
    def mutation(self) -> MutationReport | None:
        """The mutation scores, None where they were not measured."""
        for event in reversed(self.events):
            if isinstance(event, MutationFinished):
                return event.report
        return None


def _kind_of(event: Event) -> Kind | None:
    match event:
        case PlanReady(plan=plan):
            return plan.kind
        case ModuleFinished(kind=kind) | RunFinished(kind=kind) | WarningRaised(kind=kind):
            return kind
        case _:
            return None
