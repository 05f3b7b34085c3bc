"""Write `docs/reference/cli.md` from the parsers of the commands.

Tables are made from the parsers' own data and not from their help texts, which look different on
each version of Python.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from jaunt_cli.main import COMMANDS

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "cli.md"
_INTRODUCTION = """\
# Commands

<!-- Written by scripts/cli_reference.py. Change the parsers in jaunt-cli, then run it again. -->

`jaunt --help` lists the commands, `jaunt --version` shows the version; `python -m jaunt` is the
same as `jaunt`. What a command was asked for goes to stdout: the answer of `status`, `plan`, `why`,
`lint`, `diff`, `check`, `clean`, `cache` and `trust`, what pytest prints, and `--json`. Progress,
warnings and errors go to stderr.
"""


def render_page() -> str:
    """The whole page."""
    modules = {name: import_module(f"jaunt_cli.commands.{name}") for name in COMMANDS}
    parsers = (getattr(module, f"make_{name}_parser")() for name, module in modules.items())
    return "\n".join([_INTRODUCTION, *(_render_command(parser) for parser in parsers)])


def _render_command(parser: argparse.ArgumentParser) -> str:
    actions = [action for action in parser._actions if action.dest != "help"]  # noqa: SLF001
    rows = [f"| {_form(action)} | {_meaning(action)} |" for action in actions]
    return "\n".join(
        [
            f"## `{parser.prog}`\n",
            f"{_escaped(parser.description or '').strip()}\n",
            "| argument | meaning |",
            "|---|---|",
            *rows,
            "",
            *_render_epilog(parser.epilog or ""),
        ]
    )


def _form(action: argparse.Action) -> str:
    """How an argument is written: `--root DIR`, or its choices where it is positional."""
    if not action.option_strings:
        return " ".join(f"`{choice}`" for choice in action.choices or [action.metavar])
    value = "" if action.nargs == 0 else f" {action.metavar or action.dest.upper()}"
    return ", ".join(f"`{option}{value}`" for option in action.option_strings)


def _meaning(action: argparse.Action) -> str:
    return _escaped(action.help or "")


def _escaped(text: str) -> str:
    """Plain text as Markdown."""
    return re.sub(r"[*_|]", r"\\\g<0>", text)


def _render_epilog(epilog: str) -> list[str]:
    """The sections of an epilog, each a heading with indented lines below it."""
    lines: list[str] = []
    for section in epilog.strip().split("\n\n"):
        heading, _, body = section.partition("\n")
        lines.extend((f"{heading.capitalize()}\n", "```text", body.rstrip(), "```\n"))
    return lines


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page, or with `--check` say whether it is current; 1 where it is not."""
    parser = argparse.ArgumentParser(prog="scripts/cli_reference.py", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    options = parser.parse_args(arguments)
    page = render_page()
    if not options.check:
        PAGE.write_text(page, "utf-8")
        return 0
    if PAGE.is_file() and PAGE.read_text("utf-8") == page:
        return 0
    print("docs/reference/cli.md is not current; run: uv run scripts/cli_reference.py")
    return 1


if __name__ == "__main__":
    sys.exit(main())
