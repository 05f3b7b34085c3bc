"""`jaunt cache`: count the stored answers, or remove some."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence

from jaunt_cli.arguments.options import add_json_option, add_project_options
from jaunt_cli.arguments.parser import Parser, make_parser
from jaunt_cli.arguments.parsing import parse_arguments
from jaunt_cli.exit_codes import ExitCode
from jaunt_cli.render.storage import cache_lines
from jaunt_cli.running.runner import emit_warnings, run_and_show
from jaunt_cli.streams import Terminal
from jaunt_cli.wire.inspections import body_of_cache
from jaunt_core.model.events import Sink
from jaunt_core.model.inspection import CacheReport

_DESCRIPTION = """\
Look at the answers that are stored below .jaunt/answers/, or remove some.

Every answer of a model is stored there, and reused where the same is asked again: after a switch
of branches, a revert, a killed build. What is removed has to be paid again when it is needed;
generated files stay as they are.
"""
_EXAMPLES = """\
  jaunt cache info                  how many answers there are, and how large they are
  jaunt cache gc --max-size 100MB   remove the oldest until the rest is small enough
  jaunt cache clear                 remove them all
"""
_EXIT_CODES = """\
  0    done
  2    wrong usage or configuration
  3    an answer could not be removed
  130  interrupted
"""
_FACTORS = {
    "": 1,
    "B": 1,
    **{f"{letter}B": 1000**power for power, letter in enumerate("KMGT", start=1)},
    **{f"{letter}IB": 1024**power for power, letter in enumerate("KMGT", start=1)},
}


def make_cache_parser() -> Parser:
    """The arguments of `jaunt cache`."""
    parser = make_parser(
        "cache", description=_DESCRIPTION, examples=_EXAMPLES, exit_codes=_EXIT_CODES
    )
    parser.add_argument(
        "action", choices=["info", "clear", "gc"], help="what to do with the stored answers"
    )
    add_project_options(parser)
    parser.add_argument(
        "--max-size",
        type=parse_size,
        metavar="SIZE",
        help="for gc: what may be left, e.g. 500MB or 1GiB",
    )
    add_json_option(parser)
    return parser


def parse_size(text: str) -> int:
    """The number of bytes that `500MB`, `1.5 GiB` or `4096` stands for.

    Raises:
        ArgumentTypeError: It is no size.
    """
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*([A-Z]*)", text.strip().upper())
    factor = _FACTORS.get(match[2]) if match else None
    if match is None or factor is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no size: write it as 500MB or 1GiB")
    return int(float(match[1]) * factor)


def run(argv: Sequence[str], terminal: Terminal) -> int:
    """Count or remove answers, show what is stored, and return the exit code."""
    arguments = parse_arguments(make_cache_parser(), argv, terminal, check=_contradiction_in)
    if isinstance(arguments, ExitCode):
        return arguments
    return run_and_show(
        "cache",
        arguments,
        terminal,
        lambda sink: _use_answers(arguments, sink),
        lines=cache_lines,
        body=lambda result: body_of_cache(result, action=arguments.action),
    )


def _contradiction_in(arguments: argparse.Namespace) -> str:
    if arguments.action == "gc" and arguments.max_size is None:
        return "gc needs --max-size SIZE, e.g. --max-size 500MB"
    if arguments.action != "gc" and arguments.max_size is not None:
        return f"--max-size goes with gc, not with {arguments.action}"
    return ""


def _use_answers(arguments: argparse.Namespace, sink: Sink) -> CacheReport:
    from jaunt_core.config.locate import find_config
    from jaunt_core.storage.answers_gc import clear_answers, count_answers, shrink_answers

    def warn(message: str) -> None:
        emit_warnings([message], sink)

    root = find_config(root=arguments.root, config=arguments.config).parent
    match arguments.action:
        case "clear":
            removed = clear_answers(root, warn)
        case "gc":
            removed = shrink_answers(root, arguments.max_size, warn)
        case _:
            removed = None
    return CacheReport(stored=count_answers(root), removed=removed)
