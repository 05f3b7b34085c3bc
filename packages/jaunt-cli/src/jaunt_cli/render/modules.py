"""Lines about one module of a run: its outcome, rejected answers, delayed requests."""

from __future__ import annotations

from jaunt_cli.render.lines import Line, Span, Style, block_of, line_of
from jaunt_cli.words.quantities import calls_text, cost_parts, duration_text
from jaunt_cli.words.reasons import first_reason_text
from jaunt_core.model.events import AttemptRejected, RequestDelayed
from jaunt_core.model.report import FailedModule, ModuleReport, Outcome

_STYLES = {
    Outcome.GENERATED: Style.GOOD,
    Outcome.REUSED: Style.GOOD,
    Outcome.KEPT: Style.GOOD,
    Outcome.FRESH: Style.QUIET,
    Outcome.FAILED: Style.BAD,
    Outcome.SKIPPED: Style.CAUTION,
}
_WIDTH = max(len(outcome.value) for outcome in Outcome)


def finished_lines(report: ModuleReport) -> list[Line]:
    """The outcome of a module, its cost and its first reason; a failure in full."""
    head = [Span(f"{report.outcome.value:{_WIDTH}}", _STYLES[report.outcome]), Span(" ")]
    head.append(Span(report.module, Style.NAME))
    if report.outcome is Outcome.SKIPPED:
        return [line_of(*head, f"  {skip_reason(report.failure)}")]
    bill = report.bill
    cost = [duration_text(report.seconds)] if report.seconds or bill.calls else []
    if bill.calls > 1:
        cost.append(calls_text(bill))
    cost += cost_parts(bill)
    if cost:
        head.append(Span("  " + ", ".join(cost)))
    why = first_reason_text(report.reasons)
    if why:
        head.append(Span(f"  ({why})", Style.QUIET))
    if report.written:
        head.append(Span(f"  only {', '.join(report.written)} written anew", Style.QUIET))
    return [line_of(*head), *_failure_lines(report.failure)]


def skip_reason(failure: FailedModule | None) -> str:
    """Why a module was skipped, with the module that it was skipped for."""
    if failure is None:
        return ""
    named = not failure.blocked_by or failure.blocked_by in failure.message
    return failure.message if named else f"{failure.message} ({failure.blocked_by})"


def _failure_lines(failure: FailedModule | None) -> list[Line]:
    if failure is None:
        return []
    lines = block_of(failure.message, indent="  ")
    # Messages of core may have the findings or the path of the answer in them already.
    for finding in failure.findings:
        if str(finding) not in failure.message:
            lines += block_of(str(finding), indent="    ")
    if failure.rejected is not None and str(failure.rejected) not in failure.message:
        lines.append(line_of(f"  the last answer is kept in {failure.rejected}"))
    if failure.hint:
        lines += block_of(failure.hint, first=line_of("hint: "), indent="  ")
    return lines


def rejected_lines(event: AttemptRejected, attempts: int | None) -> list[Line]:
    """The findings of a rejected answer, and where it is kept.

    None for the last of all `attempts`: the outcome of the module, which follows, has them.
    """
    if attempts is not None and event.attempt >= attempts:
        return []
    of = f" of {attempts}" if attempts else ""
    head = line_of(
        Span(event.module, Style.NAME),
        f": answer {event.attempt}{of} ",
        Span("rejected", Style.CAUTION),
        ": ",
    )
    place = line_of(f"  kept in {event.rejected}")
    if len(event.findings) == 1:
        return [*block_of(str(event.findings[0]), first=head), place]
    findings = [row for finding in event.findings for row in block_of(str(finding), indent="  ")]
    return [(*head, Span(f"{len(event.findings)} findings")), *findings, place]


def delayed_line(event: RequestDelayed) -> Line:
    """The fault that delays a request, and for how long."""
    return line_of(
        Span(event.module, Style.NAME), f": {event.fault}, next try in {event.seconds:.1f} s"
    )
