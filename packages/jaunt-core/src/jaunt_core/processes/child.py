"""A program that reads a text, prints one and ends, or is ended."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from jaunt_core.processes.lifeline import Lifeline
from jaunt_core.processes.scratch import temporary_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a program ended: its exit code (negative for a signal), and what it printed."""

    code: int
    output: bytes
    complaint: bytes


async def run_child(
    command: Sequence[str],
    *,
    folder: Path,
    environ: Mapping[str, str],
    seconds: float,
    given: bytes = b"",
) -> Ended:
    """Run a program in a session of its own, with `given` as its input, until it ends.

    The time limit and a cancellation end it and all that it started.

    Raises:
        OSError: It cannot be started.
        TimeoutError: It did not end within its time.
    """
    place = temporary_folder()
    # Files and not pipes: what it leaves behind with its output open is not waited for.
    with (
        tempfile.TemporaryFile(dir=place) as source,
        tempfile.TemporaryFile(dir=place) as output,
        tempfile.TemporaryFile(dir=place) as complaint,
        Lifeline() as line,
    ):
        source.write(given)
        source.seek(0)
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=folder,
            env=environ,
            stdin=source,
            stdout=output,
            stderr=complaint,
            start_new_session=True,
            pass_fds=line.inherited,
        )
        line.tie(process.pid)
        try:
            async with asyncio.timeout(seconds):
                code = await process.wait()
        finally:
            if process.returncode is None:
                _kill(process)
                await process.wait()
        output.seek(0)
        complaint.seek(0)
        return Ended(code=code, output=output.read(), complaint=complaint.read())


def _kill(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


__all__ = ["Ended", "run_child"]
