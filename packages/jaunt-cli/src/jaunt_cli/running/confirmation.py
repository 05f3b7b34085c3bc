"""Ask the person at the terminal before many calls are made."""

from __future__ import annotations

import sys
from argparse import Namespace
from typing import TYPE_CHECKING

from jaunt_cli.streams import Terminal
from jaunt_cli.words.quantities import counted

if TYPE_CHECKING:
    from jaunt_core.llm.confirmation import Confirm

_YES = {"y", "yes"}


def confirmation(arguments: Namespace, terminal: Terminal) -> Confirm | None:
    """A function that asks before many calls; None where nobody is there to be asked."""
    if arguments.yes:
        return lambda _calls, _limit: True
    is_somebody_there = sys.stdin is not None and sys.stdin.isatty() and terminal.err.isatty()
    if arguments.json or not is_somebody_there:
        return None

    def confirm(calls: int, limit: int) -> bool:
        terminal.err.write(
            f"this run would make {counted(calls, 'call')}, more than [budget] confirm_above = "
            f"{limit:,}. "
            "Go on? [y/N] "
        )
        return sys.stdin.readline().strip().lower() in _YES

    return confirm
