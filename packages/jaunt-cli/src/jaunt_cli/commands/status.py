"""`jaunt status`: list which modules are stale, edited, orphaned or fresh, and why."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence

from jaunt_cli.arguments.options import add_json_option, add_project_options, add_selection_options
from jaunt_cli.arguments.parser import Parser, make_parser
from jaunt_cli.arguments.parsing import parse_arguments
from jaunt_cli.exit_codes import ExitCode
from jaunt_cli.noop import noop_inspection
from jaunt_cli.render.status import status_lines
from jaunt_cli.running.runner import run_and_show
from jaunt_cli.streams import Terminal
from jaunt_cli.wire.inspections import body_of_status
from jaunt_core.model.events import Sink
from jaunt_core.model.inspection import Inspection

_DESCRIPTION = """\
List the modules that are not fresh, each with every reason, and the generated files that no spec
needs any more.

Nothing but notes in .jaunt/ is written, no model is asked, and no key is needed. `jaunt plan` says
what a build would cost, `jaunt why` tells all about one module.

A module is stale (its specs, or what they build on, changed), missing (never built), damaged (its
file does not parse), edited (its file was changed by hand), foreign (a file that is not jaunt's
stands in its place) or fresh.
"""
_EXAMPLES = """\
  jaunt status                      what is not fresh, and why
  jaunt status -v                   fresh modules too, and which model wrote each file
  jaunt status --target shop.tax    one module, with its dependencies and its tests
  jaunt status --json | jq '.modules[] | select(.state != "fresh") | .module'
"""
_EXIT_CODES = """\
  0    the state could be told, whatever it is (`jaunt check` fails where not all is fresh)
  2    wrong usage or configuration, specs that cannot be read, a dependency cycle
  130  interrupted
"""


def make_status_parser() -> Parser:
    """The arguments of `jaunt status`."""
    parser = make_parser(
        "status", description=_DESCRIPTION, examples=_EXAMPLES, exit_codes=_EXIT_CODES
    )
    add_project_options(parser)
    add_selection_options(parser, what="with its dependencies and its tests")
    parser.add_argument(
        "-v",
        "--verbose",
        action="store_true",
        help="list fresh modules too, and which model and which jaunt wrote each file",
    )
    add_json_option(parser)
    return parser


def run(argv: Sequence[str], terminal: Terminal) -> int:
    """Show the state of all modules, and return the exit code."""
    arguments = parse_arguments(make_status_parser(), argv, terminal)
    if isinstance(arguments, ExitCode):
        return arguments
    return run_and_show(
        "status",
        arguments,
        terminal,
        lambda sink: inspect_state(arguments, terminal, sink),
        lines=lambda inspection: status_lines(inspection, verbose=arguments.verbose),
        body=body_of_status,
    )


def inspect_state(arguments: Namespace, terminal: Terminal, sink: Sink) -> Inspection:
    """The state of all modules, looked up only where they are not known to be fresh."""
    unchanged = noop_inspection(arguments, terminal.environ, sink)
    if unchanged is not None:
        return unchanged
    from jaunt_cli.running.inspection import inspect

    return inspect(arguments, terminal.environ, sink, with_cost=False)
