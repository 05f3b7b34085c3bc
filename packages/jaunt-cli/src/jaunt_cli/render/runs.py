"""A whole run: what it is going to do, what it did, what stopped it."""

from __future__ import annotations

from jaunt_cli.render.fresh import nothing_to_do
from jaunt_cli.render.lines import Line, Span, Style, block_of, line_of
from jaunt_cli.render.modules import skip_reason
from jaunt_cli.words.quantities import counted, duration, prices, sent
from jaunt_core.model.plan import Action, BuildPlan
from jaunt_core.model.report import BuildReport, Outcome, PytestResult
from jaunt_core.model.spec import Kind

_NOTHING_COLLECTED = 5
_NAMED = 3
_UNDONE = {Outcome.FAILED: Style.BAD, Outcome.SKIPPED: Style.CAUTION}
_NOUNS = {Kind.BUILD: "specs", Kind.TEST: "test specs"}


def plan_line(plan: BuildPlan) -> Line:
    """What is going to happen, before the first call."""
    head = Span(f"{plan.kind}: ", Style.NAME)
    fresh = plan.count(Action.FRESH)
    if not plan.modules:
        return line_of(head, f"nothing to do, there are no {_NOUNS[plan.kind]}")
    if not plan.rebuild:
        return nothing_to_do(plan.kind, fresh)
    parts = [
        f"{counted(plan.count(Action.GENERATE), 'module')} to generate",
        f"{plan.count(Action.KEEP):,} to keep",
        f"{plan.count(Action.REUSE):,} to reuse",
        f"{fresh:,} fresh",
    ]
    refused = plan.count(Action.REFUSE)
    if refused:
        parts.append(f"{refused:,} refused")
    return line_of(head, ", ".join(parts))


def summary_lines(report: BuildReport) -> list[Line]:
    """What was done, what it cost, who failed and who was skipped; none for a run without work."""
    if all(module.outcome is Outcome.FRESH for module in report.modules):
        return []
    head = Span(f"{report.kind}: ", Style.NAME)
    counts = [
        f"{report.count(outcome):,} {outcome}" for outcome in Outcome if report.count(outcome)
    ]
    done = Span(", ".join(counts), Style.GOOD if report.ok else Style.BAD)
    lines = [line_of(head, done, f" in {duration(report.seconds)}")]
    if report.bill.calls:
        lines.append(line_of(f"  {', '.join((sent(report.bill), *prices(report.bill)))}"))
    return [*lines, *_replaced(report), *_left_undone(report)]


def _replaced(report: BuildReport) -> list[Line]:
    """What to type to see what changed, where generated code was replaced."""
    names = [module.module for module in report.modules if module.replaced]
    shown = " ".join(names) if len(names) <= _NAMED else ""
    return [line_of(f"  see what changed: jaunt diff {shown}".rstrip())] if names else []


def _left_undone(report: BuildReport) -> list[Line]:
    """What failed and what was skipped, by the reasons."""
    found: dict[tuple[Outcome, str], list[str]] = {}
    for module in report.modules:
        why = skip_reason(module.failure)
        if module.outcome is Outcome.FAILED and module.failure is not None:
            why = module.failure.message.strip().partition("\n")[0]
        if module.outcome in _UNDONE:
            found.setdefault((module.outcome, why), []).append(module.module)
    lines = []
    order = list(Outcome)
    for (outcome, why), names in sorted(found.items(), key=lambda it: order.index(it[0][0])):
        more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
        name = Span(", ".join(names[:_NAMED]), Style.NAME)
        head = Span(outcome.value, _UNDONE[outcome])
        lines.append(line_of("  ", head, " ", name, f"{more}: {why}"))
    return lines


def pytest_lines(result: PytestResult) -> list[Line]:
    """How the tests went; pytest's own output told the rest."""
    head = Span("pytest: ", Style.NAME)
    if result.exit_code == _NOTHING_COLLECTED:
        return [line_of(head, Span("no test was collected", Style.BAD))]
    parts = [f"{result.passed:,} passed"]
    if result.failed:
        parts.append(f"{result.failed:,} failed")
    if result.exit_code and not result.failed:
        parts.append(f"exit code {result.exit_code}")
    lines = [line_of(head, Span(", ".join(parts), Style.GOOD if result.ok else Style.BAD))]
    if result.failed:
        lines.append(
            line_of("  hint: `jaunt test --repair` has code asked for anew that fails its tests")
        )
    return lines


def warning_lines(message: str) -> list[Line]:
    """Something to look at."""
    return block_of(message, first=line_of(Span("warning: ", Style.CAUTION)))


def error_lines(message: str, hint: str | None = None) -> list[Line]:
    """What stopped a run, and what can be done."""
    lines = block_of(message, first=line_of(Span("error: ", Style.BAD)))
    if hint:
        lines += block_of(hint, first=line_of("hint: "), indent="  ")
    return lines
