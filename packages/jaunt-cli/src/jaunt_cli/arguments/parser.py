"""Parsers that raise their errors, and whose help ends with examples and exit codes."""

from __future__ import annotations

import argparse
from typing import NoReturn

from jaunt_core.errors import JauntConfigError


class UsageError(JauntConfigError):
    """The command line itself is wrong.

    Args:
        message: What is wrong.
        usage: How it is meant to be.
        hint: What the user can do.
    """

    def __init__(self, message: str, *, usage: str, hint: str) -> None:
        super().__init__(message, hint=hint)
        self.usage = usage


class Parser(argparse.ArgumentParser):
    """A parser that raises its errors, so that they are shown like all others."""

    def error(self, message: str) -> NoReturn:
        """Raise a `UsageError`."""
        raise UsageError(message, usage=self.format_usage(), hint=f"see {self.prog} --help")


def make_parser(command: str, *, description: str, examples: str, exit_codes: str) -> Parser:
    """A parser for `jaunt COMMAND`, whose help ends with examples and exit codes."""
    return Parser(
        prog=f"jaunt {command}",
        description=description,
        epilog=f"examples:\n{examples}\nexit codes:\n{exit_codes}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
