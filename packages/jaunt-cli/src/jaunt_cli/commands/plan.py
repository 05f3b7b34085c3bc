"""`jaunt plan`: show what a build and a test run would do and cost."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence

from jaunt_cli.arguments.options import add_json_option, add_project_options, add_selection_options
from jaunt_cli.arguments.parser import Parser, make_parser
from jaunt_cli.arguments.parsing import parse_arguments
from jaunt_cli.exit_codes import ExitCode
from jaunt_cli.render.plan import plan_lines
from jaunt_cli.running.runner import run_and_show
from jaunt_cli.streams import Terminal
from jaunt_cli.wire.inspections import body_of_plan
from jaunt_core.model.events import Sink
from jaunt_core.model.inspection import Inspection

_DESCRIPTION = """\
Say what `jaunt build` and then `jaunt test` would do with each module, and why, with the number of
model calls and an estimate of the tokens that are sent.

Nothing but notes in .jaunt/ is written, no model is asked, and no key is needed. Modules are
generated (a call), reused (an answer is stored), kept (what would be asked is what was asked for
the code that is there), refused (their file must not be overwritten) or skipped (they depend on a
refused one).
"""
_EXAMPLES = """\
  jaunt plan                      what is to be done in the whole project
  jaunt plan --target shop.tax    for one module, with its dependencies and its tests
  jaunt plan --json | jq .calls   how many answers would have to be paid
"""
_EXIT_CODES = """\
  0    it could be told
  2    wrong usage or configuration, specs that cannot be read, a dependency cycle
  130  interrupted
"""


def make_plan_parser() -> Parser:
    """The arguments of `jaunt plan`."""
    parser = make_parser(
        "plan", description=_DESCRIPTION, examples=_EXAMPLES, exit_codes=_EXIT_CODES
    )
    add_project_options(parser)
    add_selection_options(parser, what="with its dependencies and its tests")
    add_json_option(parser)
    return parser


def run(argv: Sequence[str], terminal: Terminal) -> int:
    """Show what would be done, and return the exit code."""
    arguments = parse_arguments(make_plan_parser(), argv, terminal)
    if isinstance(arguments, ExitCode):
        return arguments
    return run_and_show(
        "plan",
        arguments,
        terminal,
        lambda sink: _inspect(arguments, terminal, sink),
        lines=plan_lines,
        body=body_of_plan,
    )


def _inspect(arguments: Namespace, terminal: Terminal, sink: Sink) -> Inspection:
    from jaunt_cli.running.inspection import inspect

    return inspect(arguments, terminal.environ, sink, with_cost=True)
