"""Parse the arguments of a command, and report mistakes in them."""

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
    """The parsed arguments; an exit code where they ask for help, or are wrong, which is reported.

    Args:
        parser: The command's parser.
        argv: The arguments that follow the command.
        terminal: Where mistakes are reported.
        check: Says why arguments do not go together; empty where they do.
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
    # Errors of the run are masked by the secrets of this project.
    terminal.root = getattr(arguments, "root", None)
    terminal.config = getattr(arguments, "config", None)
    return arguments
