"""`jaunt check`: fail where anything is not fresh."""

from __future__ import annotations

from collections.abc import Sequence

from jaunt_cli.arguments.options import add_json_option, add_project_options
from jaunt_cli.arguments.parser import Parser, make_parser
from jaunt_cli.arguments.parsing import parse_arguments
from jaunt_cli.commands.status import inspect_state
from jaunt_cli.exit_codes import ExitCode, code_of_check
from jaunt_cli.render.status import check_lines
from jaunt_cli.running.runner import run_and_show
from jaunt_cli.streams import Terminal
from jaunt_cli.wire.inspections import body_of_status

_DESCRIPTION = """\
Fail where the generated code that is committed is not what the specs ask for: where anything is
stale, missing, damaged, edited by hand or orphaned. Made for CI and for hooks.

No key, no model, no backend and no network is needed, and nothing but notes in .jaunt/ is written.
What is wrong is told with its reasons and with the command that mends it.
"""
_EXAMPLES = """\
  jaunt check                       in CI, before the tests
  jaunt check --root services/shop  the project in another folder
  jaunt check --json | jq .counts   for programs
"""
_EXIT_CODES = """\
  0    everything is fresh
  2    wrong usage or configuration, specs that cannot be read, a dependency cycle
  4    something is not
  130  interrupted
"""


def make_check_parser() -> Parser:
    """The arguments of `jaunt check`."""
    parser = make_parser(
        "check", description=_DESCRIPTION, examples=_EXAMPLES, exit_codes=_EXIT_CODES
    )
    add_project_options(parser)
    add_json_option(parser)
    return parser


def run(argv: Sequence[str], terminal: Terminal) -> int:
    """Show what is not fresh, and return the exit code."""
    arguments = parse_arguments(make_check_parser(), argv, terminal)
    if isinstance(arguments, ExitCode):
        return arguments
    return run_and_show(
        "check",
        arguments,
        terminal,
        lambda sink: inspect_state(arguments, terminal, sink),
        lines=check_lines,
        body=body_of_status,
        code_of=code_of_check,
    )
