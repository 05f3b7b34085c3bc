"""Have a child end, with all that it started, when this process dies."""

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

    The child inherits one end of a pipe and need not know about it. When the other end is closed,
    as after `kill -9` of this process, the group gets SIGKILL: also where user code in it hangs,
    or holds the interpreter's lock. On other systems than Linux a child ends by itself, when it
    notices or its time is up.
    """

    def __init__(self) -> None:
        self._ends = os.pipe() if fcntl is not None else ()

    def __enter__(self) -> Self:
        """The lifeline itself; leaving the block unties the child."""
        return self

    def __exit__(self, *_: object) -> None:
        """Untie the child."""
        self.untie()

    @property
    def inherited(self) -> tuple[int, ...]:
        """The descriptors that the child has to inherit: its `pass_fds`."""
        return self._ends[:1]

    def tie(self, leader: int) -> None:
        """Tie the group of a child that was just started as the leader of a session."""
        if fcntl is not None and self._ends:
            reading_end = self._ends[0]
            with suppress(OSError):  # some sandboxes know no such signals
                fcntl(reading_end, F_SETOWN, -leader)
                fcntl(reading_end, F_SETSIG, signal.SIGKILL)
                fcntl(reading_end, F_SETFL, fcntl(reading_end, F_GETFL) | os.O_ASYNC)

    def untie(self) -> None:
        """Close the pipe; what is still running of the group lives on."""
        ends, self._ends = self._ends, ()
        if fcntl is not None and ends:
            with suppress(OSError):
                fcntl(ends[0], F_SETFL, fcntl(ends[0], F_GETFL) & ~os.O_ASYNC)
        for end in ends:
            os.close(end)
