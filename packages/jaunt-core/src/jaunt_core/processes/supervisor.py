"""Children of this process: each leads a session of its own and ends with all that it started.

`Child` is a program to exchange messages with; `run_program` runs one from start to end. Both
die with this process, however it ends: see `Lifeline`.
"""

from __future__ import annotations

import asyncio
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self, cast

from jaunt_core.processes.lifeline import Lifeline

_CHUNK = 64 * 1024
_SIGKILL = getattr(signal, "SIGKILL", signal.SIGTERM)  # Windows has the one only


class Child:
    """A program under way; signals reach all that it started, too.

    Raises:
        OSError: It cannot be started.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        folder: Path,
        environ: Mapping[str, str],
        stdin: int | IO[bytes],
        stderr: int | IO[bytes],
    ) -> None:
        self._lifeline = Lifeline()
        try:
            self.process = subprocess.Popen(
                command,
                cwd=folder,
                env=environ,
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=stderr,
                start_new_session=True,  # Ctrl-C is for us; it ends as a group
                pass_fds=self._lifeline.inherited,
            )
        except BaseException:
            self._lifeline.untie()
            raise
        self._lifeline.tie(self.process.pid)
        self.output = cast("IO[bytes]", self.process.stdout)

    def __enter__(self) -> Self:
        """The child itself; leaving the block closes its streams."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close its streams."""
        self.close()

    def wait(self, seconds: float) -> int:
        """Its exit code, once it has ended.

        Raises:
            TimeoutError: It does not end in time.
        """
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise TimeoutError from None

    def close(self) -> None:
        """Close its input and output; what is left of its group lives on."""
        self._lifeline.untie()
        for stream in (self.process.stdin, self.output):
            if stream is not None:
                with suppress(OSError):  # what was not read any more is lost
                    stream.close()

    def read(self, seconds: float) -> bytes | None:
        """The next bytes of its output: none at the end, None where nothing comes in time."""
        readable, _, _ = select.select([self.output], [], [], max(0.0, seconds))
        return os.read(self.output.fileno(), _CHUNK) if readable else None

    def send_signal(self, number: int) -> None:
        """Send a signal to the whole group, also where the program itself has ended."""
        _signal_group(self.process.pid, number)

    def kill(self) -> None:
        """End the whole group at once."""
        self.send_signal(_SIGKILL)

    def end(self, *, grace: float = 0.0) -> int:
        """End the whole group and return the exit code of the program.

        With `grace` it is asked by SIGTERM first, and gets so many seconds.
        """
        try:
            if grace:
                self.send_signal(signal.SIGTERM)
                self.process.wait(grace)
        except subprocess.TimeoutExpired:
            pass
        finally:
            # Also when the program went at once: what it started may not have listened.
            self.kill()
            self.process.wait()
        return self.process.returncode


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramLimits:
    """How far a program may go.

    Attributes:
        seconds: How long it may run.
        output: Bytes that it may print; more of them end it.
        errors: Bytes of its standard error of which the last are returned.
        grace: Seconds that it gets after SIGTERM, and that others may hold its output open.
    """

    seconds: float
    output: int = sys.maxsize
    errors: int = sys.maxsize
    grace: float = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramResult:
    """How a program ended: its exit code (negative for a signal), and what it printed.

    `is_cut` says that it printed too much, for which it was ended.
    """

    code: int
    output: bytes
    errors: bytes
    is_cut: bool


class ProgramTimeoutError(TimeoutError):
    """A program did not end within its time; `errors` is the end of its standard error."""

    def __init__(self, errors: bytes) -> None:
        super().__init__()
        self.errors = errors


async def run_program(
    command: Sequence[str],
    *,
    folder: Path,
    environ: Mapping[str, str],
    limits: ProgramLimits,
    stdin: bytes = b"",
) -> ProgramResult:
    """Run a program with `stdin` as its input and wait until it has ended.

    The time limit, a cancellation and too much output end it and all that it started. What it
    leaves running with its output open is not waited for, but ended.

    Raises:
        OSError: It cannot be started.
        ProgramTimeoutError: It did not end within its time.
    """
    # From a file: a program that reads none of it, or stops in the middle, is no special case.
    with _file_of(stdin) as source, Lifeline() as lifeline:
        transport, watch = await asyncio.get_running_loop().subprocess_exec(
            lambda: _Watch(limits),
            *command,
            cwd=folder,
            env=environ,
            stdin=source,
            start_new_session=True,
            pass_fds=lifeline.inherited,
        )
        lifeline.tie(watch.pid)
        try:
            async with asyncio.timeout(limits.seconds):
                await watch.exited.wait()
            await watch.read_rest()
        except TimeoutError:
            raise ProgramTimeoutError(bytes(watch.errors)) from None
        finally:
            await watch.end()
            transport.close()
    return ProgramResult(
        code=cast("int", transport.get_returncode()),
        output=bytes(watch.output),
        errors=bytes(watch.errors),
        is_cut=watch.is_cut,
    )


def _file_of(content: bytes) -> IO[bytes]:
    """An open file with a content: in memory where that can be, else it needs space on a disk."""
    if sys.platform == "linux":
        file = os.fdopen(os.memfd_create("stdin"), "w+b")
    else:
        file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    file.write(content)
    file.seek(0)
    return file


class _Watch(asyncio.SubprocessProtocol):
    """Collects what a program prints, within its limits, and knows of its end.

    asyncio's own `Process.wait` would wait for whatever holds the program's output open, too.
    """

    def __init__(self, limits: ProgramLimits) -> None:
        self._limits = limits
        self.output = bytearray()
        self.errors = bytearray()
        self.exited = asyncio.Event()
        self._is_closed = asyncio.Event()

    @property
    def is_cut(self) -> bool:
        """Whether the program printed too much."""
        return len(self.output) > self._limits.output

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.pid = cast("asyncio.SubprocessTransport", transport).get_pid()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        if fd == 2:  # noqa: PLR2004 - standard error
            self.errors += data
            del self.errors[: -self._limits.errors]
        elif not self.is_cut:
            self.output += data
            if self.is_cut:
                _signal_group(self.pid, _SIGKILL)

    def process_exited(self) -> None:
        self.exited.set()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._is_closed.set()

    async def read_rest(self) -> None:
        """Read what is left in the pipes; whoever still holds them open is ended."""
        try:
            async with asyncio.timeout(self._limits.grace):
                await self._is_closed.wait()
        except TimeoutError:
            _signal_group(self.pid, _SIGKILL)

    async def end(self) -> None:
        """See to it that neither the program nor anything that it started is left."""
        if self.exited.is_set():
            return
        _signal_group(self.pid, signal.SIGTERM)
        try:
            async with asyncio.timeout(self._limits.grace):
                await self.exited.wait()
        except TimeoutError:
            pass
        finally:
            _signal_group(self.pid, _SIGKILL)
        await self.exited.wait()


def _signal_group(leader: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):  # nobody is left
        getattr(os, "killpg", os.kill)(leader, number)
