"""`jaunt why`: explain the state of one module."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence

from jaunt_cli.arguments.options import add_json_option, add_project_options
from jaunt_cli.arguments.parser import Parser, make_parser
from jaunt_cli.arguments.parsing import parse_arguments
from jaunt_cli.exit_codes import ExitCode
from jaunt_cli.render.why import why_lines
from jaunt_cli.running.runner import emit_warnings, run_and_show
from jaunt_cli.streams import Terminal
from jaunt_cli.wire.inspections import body_of_why
from jaunt_core.model.events import Sink
from jaunt_core.model.inspection import Explanation

_DESCRIPTION = """\
Tell the whole story of one module, fresh or not: its state and what a build would do; every reason,
with the way to the root cause; and of each spec its digests, what it depends on, what needs it,
which handwritten definitions it names, and what changed in its contract since its code was
accepted. Where the cause lies in another module, what changed there is shown too.

The changes are shown where the accepted contract is known: that of the last build is kept below
.jaunt/, on the machine that ran it. Nothing but notes in .jaunt/ is written, no model is asked, and
no key is needed.
"""
_EXAMPLES = """\
  jaunt why shop.cart          all specs of a module
  jaunt why shop.cart:gross    one of them
  jaunt why tests.test_cart    the test specs of a module
  jaunt why shop.cart --json | jq -r '.module.reasons[].text'
"""
_EXIT_CODES = """\
  0    it could be told
  2    wrong usage or configuration, no such spec, specs that cannot be read, a dependency cycle
  130  interrupted
"""


def make_why_parser() -> Parser:
    """The arguments of `jaunt why`."""
    parser = make_parser(
        "why", description=_DESCRIPTION, examples=_EXAMPLES, exit_codes=_EXIT_CODES
    )
    parser.add_argument(
        "spec", metavar="MODULE[:QUALNAME]", help="the module, or one spec in it, to tell about"
    )
    add_project_options(parser)
    add_json_option(parser)
    return parser


def run(argv: Sequence[str], terminal: Terminal) -> int:
    """Explain the state of a module, and return the exit code."""
    arguments = parse_arguments(make_why_parser(), argv, terminal)
    if isinstance(arguments, ExitCode):
        return arguments
    return run_and_show(
        "why",
        arguments,
        terminal,
        lambda sink: _explain(arguments, terminal, sink),
        lines=why_lines,
        body=body_of_why,
    )


def _explain(arguments: Namespace, terminal: Terminal, sink: Sink) -> Explanation:
    from jaunt_cli.running.null_backend import tolerant_loader
    from jaunt_core.config.loading import load_project
    from jaunt_core.engine.inspector import explain_module

    explanation = explain_module(
        load_project(root=arguments.root, config=arguments.config),
        arguments.spec,
        environ=terminal.environ,
        load=tolerant_loader(sink),
    )
    emit_warnings(explanation.warnings, sink)
    return explanation
