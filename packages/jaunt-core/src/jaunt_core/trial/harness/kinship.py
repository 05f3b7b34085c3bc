"""Have a fork die with the process that made it, where the system can do that."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from contextlib import suppress

_PR_SET_PDEATHSIG = 1
_control: list[Callable[[int, int], int]] = []


def load_control() -> None:
    """Look up the function of the system, which costs some milliseconds, before any fork."""
    if sys.platform == "linux" and not _control:
        with suppress(ImportError, OSError, AttributeError):
            import ctypes  # noqa: PLC0415 - costly, and not everywhere

            _control.append(ctypes.CDLL(None).prctl)


def end_with_parent() -> None:
    """In a fork: have the system kill this process as soon as its parent is gone."""
    for control in _control:
        control(_PR_SET_PDEATHSIG, signal.SIGKILL)
