"""Lines about a whole run: its plan, its summary, warnings and errors."""

from __future__ import annotations

from jaunt_cli.render.fresh import nothing_to_do
from jaunt_cli.render.lines import Line, Span, Style, block_of, line_of
from jaunt_cli.render.modules import skip_reason
from jaunt_cli.words.quantities import calls_text, cost_parts, counted, duration_text
from jaunt_core.model.judgement import CheckName
from jaunt_core.model.plan import Action, BuildPlan
from jaunt_core.model.report import BuildReport, Outcome, PytestResult
from jaunt_core.model.spec import Kind

_NOTHING_COLLECTED = 5
_MAX_NAMES = 3
_UNDONE = {Outcome.FAILED: Style.BAD, Outcome.SKIPPED: Style.CAUTION}
_UNJUDGED = {
    CheckName.EXAMPLES: "examples not run",
    CheckName.TRIALS: "tests not tried",
    CheckName.TYPES: "types not checked",
}
_NOUNS = {Kind.BUILD: "specs", Kind.TEST: "test specs"}


def plan_line(plan: BuildPlan) -> Line:
    """The line before the first call: how many modules are to do."""
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
    """Counts, cost, and the modules that failed or were skipped; none for a run without work."""
    if all(module.outcome is Outcome.FRESH for module in report.modules):
        return []
    head = Span(f"{report.kind}: ", Style.NAME)
    counts = [
        f"{report.count(outcome):,} {outcome}" for outcome in Outcome if report.count(outcome)
    ]
    done = Span(", ".join(counts), Style.GOOD if report.ok else Style.BAD)
    lines = [line_of(head, done, f" in {duration_text(report.seconds)}")]
    if report.bill.calls:
        lines.append(line_of(f"  {', '.join((calls_text(report.bill), *cost_parts(report.bill)))}"))
    return [*lines, *_replaced_lines(report), *_unjudged_lines(report), *_undone_lines(report)]


def _replaced_lines(report: BuildReport) -> list[Line]:
    """The command that shows what changed, where generated code was replaced."""
    names = [module.module for module in report.modules if module.replaced]
    shown = " ".join(names) if len(names) <= _MAX_NAMES else ""
    return [line_of(f"  see what changed: jaunt diff {shown}".rstrip())] if names else []


def _undone_lines(report: BuildReport) -> list[Line]:
    """One line for each reason why modules failed or were skipped."""
    names_by_reason: dict[tuple[Outcome, str], list[str]] = {}
    for module in report.modules:
        why = skip_reason(module.failure)
        if module.outcome is Outcome.FAILED and module.failure is not None:
            why = module.failure.message.strip().partition("\n")[0]
        if module.outcome in _UNDONE:
            names_by_reason.setdefault((module.outcome, why), []).append(module.module)
    lines = []
    order = list(Outcome)
    for outcome, why in sorted(names_by_reason, key=lambda reason: order.index(reason[0])):
        head = Span(outcome.value, _UNDONE[outcome])
        lines.append(_reason_line(head, names_by_reason[outcome, why], why))
    return lines


def _unjudged_lines(report: BuildReport) -> list[Line]:
    """One line for each reason why a check judged nothing, with the modules."""
    names_by_reason: dict[tuple[CheckName, str], list[str]] = {}
    for reason in report.unjudged:
        names_by_reason.setdefault((reason.check, reason.why), []).append(reason.module)
    head = Span("unjudged", Style.CAUTION)
    return [
        _reason_line(head, names, f"{_UNJUDGED[check]}: {' '.join(why.split())}")
        for (check, why), names in sorted(names_by_reason.items())
    ]


def _reason_line(head: Span, names: list[str], why: str) -> Line:
    """What became of some modules, a few of them by name, and why."""
    more = f" and {len(names) - _MAX_NAMES:,} more" if len(names) > _MAX_NAMES else ""
    name = Span(", ".join(names[:_MAX_NAMES]), Style.NAME)
    return line_of("  ", head, " ", name, f"{more}: {why}")


def pytest_lines(result: PytestResult) -> list[Line]:
    """How many tests passed and failed; pytest's own output has the rest."""
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
    """The lines of a warning."""
    return block_of(message, first=line_of(Span("warning: ", Style.CAUTION)))


def error_lines(message: str, hint: str | None = None) -> list[Line]:
    """The lines of an error that stopped a run, with its hint."""
    lines = block_of(message, first=line_of(Span("error: ", Style.BAD)))
    if hint:
        lines += block_of(hint, first=line_of("hint: "), indent="  ")
    return lines
