"""What has happened so far, for summaries and for the JSON of runs that did not get far."""

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
        """Remember an event."""
        if not isinstance(event, PytestPrinted):
            self.events.append(event)

    def report(self, kind: Kind) -> BuildReport:
        """What was done so far with one kind of spec."""
        return fold_events(self.events, kind)

    def reached(self, kind: Kind) -> bool:
        """Whether anything was said about one kind of spec."""
        return any(_kind_of(event) is kind for event in self.events)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What people were warned of."""
        return tuple(event.message for event in self.events if isinstance(event, WarningRaised))

    @property
    def pytest(self) -> PytestResult | None:
        """How pytest ended, None where it did not."""
        for event in reversed(self.events):
            if isinstance(event, PytestFinished):
                return event.result
        return None

    @property
    def strength(self) -> MutationReport | None:
        """How strong the tests are, None where that was not measured."""
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
