"""`jaunt lint`: list what a model would have to guess about the specs."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence

from jaunt_cli.arguments.options import add_json_option, add_project_options
from jaunt_cli.arguments.parser import Parser, make_parser
from jaunt_cli.arguments.parsing import parse_arguments
from jaunt_cli.exit_codes import ExitCode, code_of_lint
from jaunt_cli.render.lint import lint_lines
from jaunt_cli.running.runner import run_and_show
from jaunt_cli.streams import Terminal
from jaunt_cli.wire.inspections import body_of_lint
from jaunt_core.model.lint import LintReport

_DESCRIPTION = """\
Say what a model would have to guess about the specs: types and docstrings that are missing,
examples that cannot run or do not fit the signature, errors without a condition, names that do
not exist.

No model is asked, no key is needed, no generated code is looked at, and nothing is written. Each
code can be switched off in [lint] of jaunt.toml.
"""
_EXAMPLES = """\
  jaunt lint                  all specs of the project
  jaunt lint shop.tax         one module
  jaunt lint shop.tax:rate    one spec
  jaunt lint --json | jq -r '.findings[] | .code' | sort | uniq -c
"""
_EXIT_CODES = """\
  0    nothing was found
  2    wrong usage or configuration, specs that cannot be read
  4    something was
  130  interrupted
"""


def make_lint_parser() -> Parser:
    """The arguments of `jaunt lint`."""
    parser = make_parser(
        "lint", description=_DESCRIPTION, examples=_EXAMPLES, exit_codes=_EXIT_CODES
    )
    parser.add_argument(
        "targets",
        nargs="*",
        metavar="MODULE[:QUALNAME]",
        help="only these modules or specs (default: all)",
    )
    add_project_options(parser)
    add_json_option(parser)
    return parser


def run(argv: Sequence[str], terminal: Terminal) -> int:
    """Show the findings, and return the exit code."""
    arguments = parse_arguments(make_lint_parser(), argv, terminal)
    if isinstance(arguments, ExitCode):
        return arguments
    return run_and_show(
        "lint",
        arguments,
        terminal,
        lambda _: _lint(arguments, terminal),
        lines=lint_lines,
        body=body_of_lint,
        code_of=code_of_lint,
    )


def _lint(arguments: Namespace, terminal: Terminal) -> LintReport:
    from jaunt_core.config.loading import load_project
    from jaunt_core.engine.linter import lint_project

    project = load_project(root=arguments.root, config=arguments.config)
    return lint_project(project, environ=terminal.environ, targets=tuple(arguments.targets))
