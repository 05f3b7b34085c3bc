"""What ties a child to us: it ends, with all that it started, when this process dies."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from typing import Self

try:
    from fcntl import F_GETFL, F_SETFL, F_SETOWN, F_SETSIG, fcntl
except ImportError:  # only Linux sends what we choose
    fcntl = None


class Lifeline:
    """Has the kernel kill a child's process group as soon as this process is gone.

    The child inherits the one end of a pipe and need not know. When the other end is closed,
    which `kill -9` of this process does too, the group gets SIGKILL: also where user code in it
    hangs, or holds the interpreter's lock. Elsewhere than on Linux a child ends by itself, when
    it notices or its time is up.
    """

    def __init__(self) -> None:
        self._ends = os.pipe() if fcntl is not None else ()

    def __enter__(self) -> Self:
        """The lifeline; leaving the block unties what lives on."""
        return self

    def __exit__(self, *_: object) -> None:
        """Untie what lives on."""
        self.untie()

    @property
    def inherited(self) -> tuple[int, ...]:
        """What the child has to be given, as `pass_fds`."""
        return self._ends[:1]

    def tie(self, leader: int) -> None:
        """Tie the group of a child that has just been started as the leader of its session."""
        if fcntl is not None and self._ends:
            reading = self._ends[0]
            with suppress(OSError):  # some sandboxes know no such signals
                fcntl(reading, F_SETOWN, -leader)
                fcntl(reading, F_SETSIG, signal.SIGKILL)
                fcntl(reading, F_SETFL, fcntl(reading, F_GETFL) | os.O_ASYNC)

    def untie(self) -> None:
        """Let what is left of the group live on, and close the pipe."""
        ends, self._ends = self._ends, ()
        if fcntl is not None and ends:
            with suppress(OSError):
                fcntl(ends[0], F_SETFL, fcntl(ends[0], F_GETFL) & ~os.O_ASYNC)
        for end in ends:
            os.close(end)


__all__ = ["Lifeline"]
