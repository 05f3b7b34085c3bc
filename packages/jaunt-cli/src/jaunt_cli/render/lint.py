"""Lines for `jaunt lint`: each finding with its place."""

from __future__ import annotations

from jaunt_cli.render.lines import Line, Span, Style, line_of
from jaunt_cli.words.quantities import counted
from jaunt_core.model.lint import LintFinding, LintReport


def lint_lines(report: LintReport) -> list[Line]:
    """The output of `jaunt lint`: two lines for each finding, and how many there are."""
    lines = [line for finding in report.findings for line in _finding_lines(finding)]
    head = Span("lint: ", Style.NAME)
    looked_at = f"{counted(report.specs, 'spec')} in {counted(report.modules, 'module')}"
    if report.ok:
        return [line_of(head, Span("passed", Style.GOOD), f", {looked_at}")]
    count = Span(counted(len(report.findings), "finding"), Style.CAUTION)
    return [*lines, line_of(head, count, f", {looked_at}")]


def _finding_lines(finding: LintFinding) -> list[Line]:
    place = Span(f"{finding.path}:{finding.line}: ", Style.NAME)
    code = Span(f"[{finding.code}] ", Style.CAUTION)
    return [
        line_of(place, code, finding.message),
        line_of("  ", Span(finding.remedy, Style.QUIET)),
    ]
