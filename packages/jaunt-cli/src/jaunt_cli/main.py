"""The script `jaunt`: find the command in the arguments, run it, and return its exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Protocol, cast

from jaunt_cli.exit_codes import ExitCode
from jaunt_cli.streams import Terminal, current_terminal
from jaunt_cli.version import __version__

# Commands are imported when they are asked for: each brings what it needs, `--version` nothing.
COMMANDS = {
    "build": "write the code of all stale specs",
    "test": "build, write the tests of all stale test specs, run them",
    "status": "say which modules are stale, edited, orphaned or fresh, and why",
    "plan": "say what a build and a test run would do and cost",
    "why": "tell the whole story of one module",
    "lint": "say what a model would have to guess about the specs",
    "diff": "show what a build changed in generated code, and in what it does",
    "check": "fail where anything is not fresh, for CI",
    "clean": "remove generated files",
    "cache": "look at the stored answers, or remove some",
    "trust": "confirm that the key may go where jaunt.toml sends it",
    "skill": "export what teaches an AI assistant to write specs",
}

_HELP = """\
usage: jaunt [-h] [--version] COMMAND ...

You write specs (typed signatures with docstrings), jaunt has a model write the code.

commands:
{commands}

options:
  -h, --help     show this help
  -V, --version  show the version

`jaunt COMMAND --help` tells more, with examples and exit codes.
"""


class _Command(Protocol):
    """What each module in `jaunt_cli.commands` offers."""

    @property
    def run(self) -> Callable[[Sequence[str], Terminal], int]:
        """Run the command with its arguments and return the exit code."""
        ...


def main(argv: Sequence[str] | None = None) -> int:
    """Run the jaunt command and return its exit code.

    Args:
        argv: The arguments; those of the process where None.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    terminal = current_terminal()
    try:
        return _dispatch(arguments, terminal)
    except KeyboardInterrupt:  # before or after the run, which handles it better
        terminal.err.write("interrupted\n")
        return ExitCode.INTERRUPTED
    finally:
        # What argparse left in the buffers must not meet a closed pipe at the end of Python.
        terminal.out.flush()
        terminal.err.flush()


def _dispatch(arguments: list[str], terminal: Terminal) -> int:
    match arguments:
        case []:
            terminal.err.write(_help())
            return ExitCode.USAGE
        case ["-h" | "--help", *_]:
            terminal.out.write(_help())
            return ExitCode.SUCCESS
        case ["-V" | "--version", *_]:
            terminal.out.write(f"jaunt {__version__}\n")
            return ExitCode.SUCCESS
        case ["build" | "check" | "status" as name, *rest] if _is_noop(name, rest, terminal):
            return ExitCode.SUCCESS
        case [name, *rest] if name in COMMANDS:
            command = cast("_Command", import_module(f"jaunt_cli.commands.{name}"))
            return command.run(rest, terminal)
        case [name, *rest]:
            _refuse(name, rest, terminal)
    return ExitCode.USAGE


def _is_noop(name: str, arguments: list[str], terminal: Terminal) -> bool:
    from jaunt_cli.noop import report_noop  # noqa: PLC0415 - not for `--version`

    return report_noop(name, arguments, terminal)


def _refuse(name: str, rest: Sequence[str], terminal: Terminal) -> None:
    """Report an unknown command, as JSON too where `--json` is given."""
    from difflib import get_close_matches  # noqa: PLC0415 - only mistakes pay for it

    from jaunt_cli.wire.document import Problem, document_of_misuse, render_document  # noqa: PLC0415

    is_option = name.startswith("-")
    near = get_close_matches(name, COMMANDS, n=1)
    meant = f"did you mean {near[0]}? " if near else ""
    problem = Problem(
        kind="usage",
        message=f"unknown {'option' if is_option else 'command'} {name!r}",
        hint=f"{meant}commands are {', '.join(COMMANDS)}; see jaunt --help",
    )
    terminal.err.write(f"error: {problem.message}\n  hint: {problem.hint}\n")
    if "--json" in (name, *rest):
        command = None if is_option else name
        terminal.out.write(render_document(document_of_misuse(command, problem)))


def _help() -> str:
    width = max(map(len, COMMANDS))
    lines = (f"  {name:{width}}  {does}" for name, does in COMMANDS.items())
    return _HELP.format(commands="\n".join(lines))


if __name__ == "__main__":
    sys.exit(main())
