"""Lines for `jaunt clean` and `jaunt cache`: what was removed, and what is stored."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from jaunt_cli.render.lines import Line, Span, Style, line_of
from jaunt_cli.words.quantities import counted, size_text
from jaunt_core.model.inspection import AnswerTotals, CacheReport


def clean_lines(paths: Sequence[PurePosixPath], *, orphans: bool, dry_run: bool) -> list[Line]:
    """The output of `jaunt clean`."""
    if not paths:
        what = "every generated file belongs to a spec" if orphans else "no file is jaunt's"
        return [line_of(f"nothing to remove: {what}")]
    verb = "would remove" if dry_run else "removed"
    lines = [line_of(Span(verb, Style.CAUTION), f" {path}") for path in paths]
    files = counted(len(paths), "file")
    if dry_run:
        command = "jaunt clean --orphans" if orphans else "jaunt clean"
        end = f"{files} would be removed by `{command}`; stored answers would stay"
    elif orphans:
        end = f"{files} removed; stored answers stay"
    else:
        end = f"{files} removed; stored answers stay, and `jaunt build` and `jaunt test` use them"
    return [*lines, line_of(end)]


def cache_lines(report: CacheReport) -> list[Line]:
    """The output of `jaunt cache`."""
    stored = f"{_totals_text(report.stored)} in .jaunt/answers/"
    if report.removed is None:
        return [line_of(stored)]
    return [line_of(f"removed {_totals_text(report.removed)}"), line_of(f"left: {stored}")]


def _totals_text(info: AnswerTotals) -> str:
    return f"{counted(info.answers, 'stored answer')}, {size_text(info.bytes)}"
