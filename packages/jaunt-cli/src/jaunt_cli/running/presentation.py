"""The result of a command that looks: text on stdout for people, or one JSON object."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from jaunt_cli.exit_codes import ExitCode
from jaunt_cli.render.lines import Line, render_lines
from jaunt_cli.running.runner import Ended, ReportT
from jaunt_cli.streams import Terminal
from jaunt_cli.wire.document import document_of_look, render_document
from jaunt_cli.wire.inspections import Body


def present(
    command: str,
    ended: Ended[ReportT],
    *,
    terminal: Terminal,
    json: bool,
    lines: Callable[[ReportT], Sequence[Line]],
    body: Callable[[ReportT | None], Body],
) -> int:
    """Show what a command found, and return its exit code.

    Args:
        command: Its name.
        ended: How it ended; errors have been told already.
        terminal: The streams of this run.
        json: Whether stdout belongs to one JSON object.
        lines: A result for people.
        body: A result for programs, beside what all documents have; nulls where there is none.
    """
    if json:
        document = document_of_look(
            command,
            ok=ended.code is ExitCode.SUCCESS,
            problem=ended.problem,
            body=body(ended.report),
            warnings=ended.history.warnings,
        )
        terminal.out.write(render_document(document))
    elif ended.report is not None:
        color = terminal.colors_on(terminal.out)
        terminal.out.write(render_lines(lines(ended.report), color=color))
    return ended.code
