"""`jaunt diff`: show what a build changed in generated code, in its text and its behaviour."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence

from jaunt_cli.arguments.options import add_json_option, add_project_options
from jaunt_cli.arguments.parser import Parser, make_parser
from jaunt_cli.arguments.parsing import parse_arguments
from jaunt_cli.exit_codes import ExitCode
from jaunt_cli.render.diff import diff_lines
from jaunt_cli.running.runner import run_and_show
from jaunt_cli.streams import Terminal
from jaunt_cli.wire.comparison import body_of_diff
from jaunt_core.model.comparison import Comparison

_DESCRIPTION = """\
Show what became of generated code when a build replaced it by other code: of each function and
class that is not what it was, the textual diff against the version before, and the behaviour diff.
For that, both versions are run side by side in the sandbox, on the same input, which hypothesis
makes from the types of the signature. Up to five inputs are shown for which they do not do the
same, the smallest ones first, or how many agreed.

The version before is kept below .jaunt/, on the machine that ran the build. hypothesis has to be
installed in the project's environment; without it, the textual diff is shown all the same.
"""
_EXAMPLES = """\
  jaunt diff                     all modules that have a version before
  jaunt diff shop.cart           one of them
  jaunt diff --no-run            the text only; no code is run
  jaunt diff --json | jq '.modules[].symbols[].behaviours'
"""
_EXIT_CODES = """\
  0    it could be told, whether or not something changed
  2    wrong usage or configuration, or no version before is kept for a module
  130  interrupted
"""


def make_diff_parser() -> Parser:
    """The arguments of `jaunt diff`."""
    parser = make_parser(
        "diff", description=_DESCRIPTION, examples=_EXAMPLES, exit_codes=_EXIT_CODES
    )
    parser.add_argument(
        "modules",
        metavar="MODULE",
        nargs="*",
        help="a spec module to tell about (default: all that have a version before)",
    )
    parser.add_argument("--no-run", action="store_true", help="leave the behaviour diff out")
    add_project_options(parser)
    add_json_option(parser)
    return parser


def run(argv: Sequence[str], terminal: Terminal) -> int:
    """Show what changed, and return the exit code."""
    arguments = parse_arguments(make_diff_parser(), argv, terminal)
    if isinstance(arguments, ExitCode):
        return arguments
    return run_and_show(
        "diff",
        arguments,
        terminal,
        lambda _: _compare(arguments, terminal),
        lines=diff_lines,
        body=body_of_diff,
    )


def _compare(arguments: Namespace, terminal: Terminal) -> Comparison:
    from jaunt_core.config.loading import load_project
    from jaunt_core.engine.differ import compare_versions

    return compare_versions(
        load_project(root=arguments.root, config=arguments.config),
        environ=terminal.environ,
        modules=tuple(arguments.modules),
        run_code=not arguments.no_run,
    )
