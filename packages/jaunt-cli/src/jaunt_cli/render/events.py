"""Lines for each event of a run."""

from __future__ import annotations

from jaunt_cli.render.lines import Line, Span, Style, line_of
from jaunt_cli.render.modules import delayed_line, finished_lines, rejected_lines
from jaunt_cli.render.mutation import finished_line, score_lines, started_line
from jaunt_cli.render.runs import plan_line, pytest_lines, summary_lines, warning_lines
from jaunt_core.model.events import (
    AttemptRejected,
    AttemptStarted,
    BackendNoted,
    Event,
    ModuleFinished,
    MutationFinished,
    MutationStarted,
    PlanReady,
    PytestFinished,
    RequestDelayed,
    RunFinished,
    SpecScored,
    WarningRaised,
    fold_events,
)


def lines_of(event: Event, before: list[Event]) -> list[Line]:
    """The lines that show an event, often none.

    Args:
        event: What has just happened.
        before: All events so far, this one included.
    """
    match event:
        case WarningRaised() | BackendNoted():
            return _message_lines(event)
        case PlanReady(plan=plan):
            return [plan_line(plan)]
        case AttemptRejected():
            return rejected_lines(event, _attempts_of(event, before))
        case RequestDelayed():
            return [delayed_line(event)]
        case ModuleFinished(report=report):
            return finished_lines(report)
        case RunFinished(kind=kind):
            return summary_lines(fold_events(before, kind))
        case PytestFinished(result=result):
            return pytest_lines(result)
        case _:
            return _mutation_lines(event)


def _mutation_lines(event: Event) -> list[Line]:
    match event:
        case MutationStarted(specs=specs):
            return [started_line(specs)]
        case SpecScored(score=score):
            return score_lines(score)
        case MutationFinished(report=report):
            return [finished_line(report)]
        case _:
            return []


def _message_lines(event: WarningRaised | BackendNoted) -> list[Line]:
    if isinstance(event, WarningRaised):
        return warning_lines(event.message)
    return [line_of(Span("note: ", Style.NAME), event.message)]


def _attempts_of(event: AttemptRejected, before: list[Event]) -> int | None:
    """How many answers the module of a rejected one may have."""
    for earlier in reversed(before):
        match earlier:
            # Dotted names are compared with, not bound.
            case AttemptStarted(kind=event.kind, module=event.module, attempts=attempts):
                return attempts
            case _:
                pass
    return None
