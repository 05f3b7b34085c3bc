"""The arguments of a command, or the exit code of asking for them wrongly."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Sequence

from jaunt_cli.arguments.parser import Parser, UsageError
from jaunt_cli.exit_codes import ExitCode
from jaunt_cli.render.lines import render_lines
from jaunt_cli.render.runs import error_lines
from jaunt_cli.streams import Terminal
from jaunt_cli.wire.document import document_of_misuse, problem_of, render_document


def parse_arguments(
    parser: Parser,
    argv: Sequence[str],
    terminal: Terminal,
    *,
    check: Callable[[Namespace], str] = lambda _: "",
) -> Namespace | ExitCode:
    """What the user asked for; an exit code where that is help, or wrong and said so.

    Args:
        parser: Of the command.
        argv: What stands behind the command.
        terminal: Where mistakes are told.
        check: Says what is wrong with arguments that are right one by one; empty for nothing.
    """
    try:
        arguments = parser.parse_args(argv)
        mistake = check(arguments)
        if mistake:
            parser.error(mistake)
    except SystemExit:  # argparse has shown the help
        return ExitCode.SUCCESS
    except UsageError as error:
        problem = problem_of(error, kind="usage")
        lines = error_lines(problem.message, problem.hint)
        color = terminal.colors_on(terminal.err)
        terminal.err.write(error.usage + render_lines(lines, color=color))
        if "--json" in argv:
            command = parser.prog.removeprefix("jaunt ")
            terminal.out.write(render_document(document_of_misuse(command, problem)))
        return ExitCode.USAGE
    terminal.root = getattr(arguments, "root", None)
    terminal.config = getattr(arguments, "config", None)
    return arguments
