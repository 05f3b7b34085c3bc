"""Lines about mutation scores: how many changes of the code the tests notice."""

from __future__ import annotations

from jaunt_cli.render.lines import Line, Span, Style, line_of
from jaunt_cli.words.quantities import counted
from jaunt_core.model.report import MutationReport, MutationScore, Survivor

_DIFF_STYLES = {"+": Style.GOOD, "-": Style.BAD, "@": Style.QUIET}


def score_lines(score: MutationScore) -> list[Line]:
    """The mutation score of one spec, and the mutants that survive."""
    name = Span(score.spec, Style.NAME)
    if score.unclear:
        return [line_of("  ", name, f": not measured, {score.unclear}")]
    style = Style.CAUTION if score.survivors else Style.GOOD
    share = Span(f"{score.killed:,} of {score.tried:,} killed", style)
    left_out = score.mutants - score.tried
    more = f" ({counted(left_out, 'more mutant')} not tried)" if left_out else ""
    lines = [line_of("  ", name, ": ", share, more)]
    for survivor in score.survivors:
        lines += _survivor_lines(score, survivor)
    return lines


def _survivor_lines(score: MutationScore, survivor: Survivor) -> list[Line]:
    _, _, *rows = survivor.diff.splitlines()  # without the names of the files
    place = Span(f"{score.path}:{survivor.line}", Style.NAME)
    shown = [line_of("      ", Span(row, _DIFF_STYLES.get(row[:1], Style.PLAIN))) for row in rows]
    return [line_of("    ", "surviving at ", place), *shown]


def started_line(specs: int) -> Line:
    """The line at the beginning of a mutation run."""
    text = f"running the tests of {counted(specs, 'spec')} against mutants of the code"
    return line_of(Span("strength: ", Style.NAME), text)


def finished_line(report: MutationReport) -> Line:
    """The line at the end of a mutation run: the score of all specs."""
    head = Span("strength: ", Style.NAME)
    if not report.tried:
        return line_of(head, "there is nothing to measure")
    share = f"{report.killed:,} of {counted(report.tried, 'mutant')} killed"
    return line_of(head, f"{share}, {100 * report.killed // report.tried} %")
