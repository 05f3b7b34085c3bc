"""One program from start to end: fed, drained, bounded in time and size, and gone afterwards."""

from __future__ import annotations

import asyncio
import errno
import os
import re
import signal
import tempfile
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from jaunt_core.backend import BackendError, FaultKind, Lifeline

_CHUNK = 64 * 1024
_COMPLAINT_BYTES = 8 * 1024
_COMPLAINT_LINES = 12
_COMPLAINT_WIDTH = 300
_GRACE = 2.0
# With these no program of that name starts for anybody; others are about this machine now.
_OF_THE_FILE = frozenset({errno.EACCES, errno.EISDIR, errno.ENOENT, errno.ENOEXEC, errno.ENOTDIR})
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is to be run; `shown` is the program as the user wrote it."""

    argv: tuple[str, ...]
    shown: str
    folder: Path
    environ: Mapping[str, str] = field(repr=False)
    prompt: bytes = field(repr=False)
    timeout: float
    output_limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How it ended: exit code (negative for a signal), stdout, and the last lines of stderr."""

    code: int
    output: bytes
    output_cut: bool
    complaint: str


async def run_job(job: Job) -> Ending:
    """Run the program and wait until it has ended.

    It runs in a session of its own. The time limit, a cancellation and too much output end it
    and all that it started: SIGTERM first, SIGKILL two seconds later.

    Raises:
        BackendError: It could not be started, or did not end within its time limit.
    """
    stderr = bytearray()
    try:
        async with asyncio.timeout(job.timeout):
            return await _run(job, stderr)
    except TimeoutError:
        last = _complaint_of(stderr)
    except OSError as exc:
        raise BackendError(
            f"the command {job.shown!r} could not be started: {exc.strerror or exc}",
            kind=FaultKind.CONFIGURATION if exc.errno in _OF_THE_FILE else FaultKind.REQUEST,
            hint="check the first entry of `[llm] command`",
        ) from exc
    raise BackendError(
        f"the command {job.shown!r} did not end within {job.timeout:g} s"
        + (f"; its last words were:\n{last}" if last else ""),
        kind=FaultKind.TIMEOUT,
        hint="a slow program may need a higher `[llm] timeout`",
    )


async def _run(job: Job, stderr: bytearray) -> Ending:
    with Lifeline() as line:
        return await _run_tied(job, stderr, line)


async def _run_tied(job: Job, stderr: bytearray, line: Lifeline) -> Ending:
    # Our own pipes and not asyncio's: there, waiting for the program would mean waiting for
    # whatever it left behind with its output open. The prompt comes from a file, so a program
    # that reads none of it, or stops in the middle, is no special case.
    async with _open_pipe() as (out, out_end), _open_pipe() as (err, err_end):
        with _file_with(job.prompt) as prompt:
            process = await asyncio.create_subprocess_exec(
                *job.argv,
                cwd=job.folder,
                env=job.environ,
                stdin=prompt,
                stdout=out_end,
                stderr=err_end,
                start_new_session=True,
                pass_fds=line.inherited,
            )
        line.tie(process.pid)
        out_end.close()
        err_end.close()
        stdout = bytearray()
        readers = asyncio.gather(
            _read_head(out, stdout, job.output_limit, process.pid), _read_tail(err, stderr)
        )
        try:
            code = await process.wait()
            await _finish(readers, process.pid)
        finally:
            readers.cancel()
            await _end(process)
            # Whoever is cancelled leaves the readers to nobody; asyncio would complain of that.
            await asyncio.gather(readers, return_exceptions=True)
    return Ending(
        code=code,
        output=bytes(stdout),
        output_cut=len(stdout) > job.output_limit,
        complaint=_complaint_of(stderr),
    )


@asynccontextmanager
async def _open_pipe() -> AsyncGenerator[tuple[asyncio.StreamReader, BinaryIO]]:
    """A pipe: our end to read from, and the end that the program gets."""
    read_end, write_end = os.pipe()
    reader = asyncio.StreamReader()
    with open(write_end, "wb", buffering=0) as writer:  # noqa: ASYNC230, PTH123 - a descriptor
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(read_end, "rb", buffering=0)
        )
        try:
            yield reader, writer
        finally:
            transport.close()


def _file_with(content: bytes) -> BinaryIO:
    """A nameless file that nobody else can open, to be read from the start."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    file.write(content)
    file.seek(0)
    return file


async def _read_head(reader: asyncio.StreamReader, into: bytearray, limit: int, pid: int) -> None:
    while chunk := await reader.read(_CHUNK):
        into += chunk
        if len(into) > limit:
            _signal(pid, signal.SIGKILL)
            return


async def _read_tail(reader: asyncio.StreamReader, into: bytearray) -> None:
    while chunk := await reader.read(_CHUNK):
        into += chunk
        del into[:-_COMPLAINT_BYTES]


async def _finish(readers: asyncio.Future[tuple[None, None]], pid: int) -> None:
    """Read what is left in the pipes after the program has ended."""
    try:
        async with asyncio.timeout(_GRACE):
            await readers
    except TimeoutError:
        # Something that the program started still holds the pipes: it ends with the program.
        _signal(pid, signal.SIGKILL)


async def _end(process: asyncio.subprocess.Process) -> None:
    """See to it that neither the program nor anything that it started is left."""
    if process.returncode is not None:
        return
    _signal(process.pid, signal.SIGTERM)
    try:
        async with asyncio.timeout(_GRACE):
            await process.wait()
    except TimeoutError:
        pass
    finally:
        # Also when the program went at once: what it started may not have listened.
        _signal(process.pid, signal.SIGKILL)
    await process.wait()


def _signal(pid: int, number: signal.Signals) -> None:
    # The program leads a process group of its own, so its number is the group's too.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def _complaint_of(stderr: bytearray) -> str:
    """The last lines, without colours, control characters and progress bars' leftovers."""
    text = _ESCAPES.sub("", stderr.decode("utf-8", "replace"))
    lines = ("".join(c for c in line if c.isprintable()).rstrip() for line in text.splitlines())
    return "\n".join([line[:_COMPLAINT_WIDTH] for line in lines if line][-_COMPLAINT_LINES:])


__all__ = ["Ending", "Job", "run_job"]
