"""`jaunt clean`: remove generated files."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from pathlib import PurePosixPath

from jaunt_cli.arguments.options import add_json_option, add_project_options, add_wait_option
from jaunt_cli.arguments.parser import Parser, make_parser
from jaunt_cli.arguments.parsing import parse_arguments
from jaunt_cli.exit_codes import ExitCode
from jaunt_cli.render.storage import clean_lines
from jaunt_cli.running.runner import run_and_show
from jaunt_cli.streams import Terminal
from jaunt_cli.wire.inspections import body_of_clean
from jaunt_core.model.events import Sink

_DESCRIPTION = """\
Remove generated files: all of them, or with --orphans only those that no spec needs any more.

Only files with jaunt's header are removed, and only in generated folders. What was edited by hand
is copied to .jaunt/overwritten/ first. Stored answers stay: a build brings files back from them
without asking the model. Specs are read for --orphans only: without it, none that is broken stands
in the way.
"""
_EXAMPLES = """\
  jaunt clean --orphans            after specs were removed or renamed
  jaunt clean --orphans --dry-run  what that would remove
  jaunt clean                      every generated file
"""
_EXIT_CODES = """\
  0    done, also where there was nothing to remove
  2    wrong usage or configuration; with --orphans, specs that cannot be read
  3    a file could not be removed, or another run was not waited for
  130  interrupted
"""


def make_clean_parser() -> Parser:
    """The arguments of `jaunt clean`."""
    parser = make_parser(
        "clean", description=_DESCRIPTION, examples=_EXAMPLES, exit_codes=_EXIT_CODES
    )
    add_project_options(parser)
    parser.add_argument(
        "--orphans", action="store_true", help="only files whose spec module has no specs any more"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would be removed, and remove nothing"
    )
    add_wait_option(parser)
    add_json_option(parser)
    return parser


def run(argv: Sequence[str], terminal: Terminal) -> int:
    """Remove files, list them, and return the exit code."""
    arguments = parse_arguments(make_clean_parser(), argv, terminal)
    if isinstance(arguments, ExitCode):
        return arguments
    orphans, dry_run = arguments.orphans, arguments.dry_run
    return run_and_show(
        "clean",
        arguments,
        terminal,
        lambda sink: _clean(arguments, terminal, sink),
        lines=lambda paths: clean_lines(paths, orphans=orphans, dry_run=dry_run),
        body=lambda paths: body_of_clean(paths, orphans=orphans, dry_run=dry_run),
    )


def _clean(arguments: Namespace, terminal: Terminal, sink: Sink) -> tuple[PurePosixPath, ...]:
    from jaunt_core.config.loading import load_project
    from jaunt_core.engine.inspector import clean_project

    return clean_project(
        load_project(root=arguments.root, config=arguments.config),
        environ=terminal.environ,
        orphans_only=arguments.orphans,
        dry_run=arguments.dry_run,
        wait=arguments.wait,
        sink=sink,
    )
