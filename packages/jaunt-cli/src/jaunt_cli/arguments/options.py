"""Options that commands share."""

from __future__ import annotations

import argparse
from pathlib import Path

from jaunt_cli.arguments.parser import Parser


def add_run_options(parser: Parser) -> None:
    """Add the options that `build` and `test` share."""
    add_project_options(parser)
    parser.add_argument(
        "--jobs",
        type=_positive_integer,
        metavar="N",
        help="how many modules are generated at once (default: jobs in jaunt.toml)",
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help="generate anew what is fresh, and overwrite what was edited by hand "
        "(a copy is kept under .jaunt/)",
    )
    parser.add_argument(
        "--offline",
        action="store_true",
        help="ask no model: what no stored answer fits has failed",
    )
    add_wait_option(parser)
    add_selection_options(parser, what="with its stale dependencies")
    parser.add_argument(
        "--yes",
        action="store_true",
        help="make as many calls as it takes, without asking ([budget] confirm_above)",
    )
    parser.add_argument(
        "--debug",
        action="store_true",
        help="write a log below .jaunt/logs/ with all that is asked, answered and decided, without "
        "the key",
    )
    parser.add_argument(
        "--json",
        action="store_true",
        help="one JSON object on stdout, also for errors; text for people stays on stderr",
    )


def add_project_options(parser: Parser) -> None:
    """Add `--root` and `--config`, which say where the project is."""
    parser.add_argument(
        "--root",
        type=Path,
        metavar="DIR",
        help="the project's folder, or one below it (default: the working directory)",
    )
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="the jaunt.toml; its folder is the project's"
    )


def add_selection_options(parser: Parser, *, what: str) -> None:
    """Add `--target`, whose help is "only this module, {what}", and `--no-infer-deps`."""
    parser.add_argument(
        "--target",
        action="append",
        default=[],
        dest="targets",
        metavar="MODULE[:QUALNAME]",
        help=f"only this module, {what} (repeatable)",
    )
    parser.add_argument(
        "--no-infer-deps",
        action="store_const",
        const=False,
        dest="infer_deps",
        help="dependencies are what deps= and inheritance say, and no names found in specs",
    )


def add_wait_option(parser: Parser) -> None:
    """Add `--no-wait`, for runs that find another one at work."""
    parser.add_argument(
        "--no-wait",
        action="store_false",
        dest="wait",
        help="fail at once where another jaunt works on this project, instead of waiting for it",
    )


def add_json_option(parser: Parser) -> None:
    """Add `--json` to a command whose text goes to stdout as well."""
    parser.add_argument(
        "--json",
        action="store_true",
        help="one JSON object on stdout in place of the text, also for errors",
    )


def contradiction_in(arguments: argparse.Namespace) -> str:
    """Why these options do not go together; empty where they do."""
    if arguments.offline and arguments.force:
        return "--force asks the model and --offline never does: leave out one of them"
    return ""


def _positive_integer(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return number
