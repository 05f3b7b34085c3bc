"""The program of `[llm] command`, run once: its limits, and what its failures mean."""

from __future__ import annotations

import errno
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from jaunt_core.backend import (
    BackendError,
    FaultKind,
    ProgramLimits,
    ProgramResult,
    ProgramTimeoutError,
    run_program,
)

OUTPUT_LIMIT = 20 * 1024 * 1024
"""Bytes that a program may print; more end it."""

_ERROR_BYTES = 8 * 1024
_ERROR_LINES = 12
_ERROR_WIDTH = 300
_GRACE_SECONDS = 2.0
# With these no program of that name starts for anybody; others are about this machine now.
_OF_THE_FILE = frozenset({errno.EACCES, errno.EISDIR, errno.ENOENT, errno.ENOEXEC, errno.ENOTDIR})
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")


async def run_command(
    command: Sequence[str],
    *,
    shown: str,
    folder: Path,
    environ: Mapping[str, str],
    prompt: bytes,
    seconds: float,
) -> ProgramResult:
    """Run the program with the prompt as its input, and wait until it has ended.

    The time limit, a cancellation and too much output end it and all that it started: SIGTERM
    first, SIGKILL two seconds later.

    Args:
        command: The program's file and its arguments.
        shown: The program as the user wrote it.
        folder: Where it runs.
        environ: The environment that it gets.
        prompt: What it reads.
        seconds: How long it may run.

    Raises:
        BackendError: It could not be started, or did not end within its time limit.
    """
    limits = ProgramLimits(
        seconds=seconds, output=OUTPUT_LIMIT, errors=_ERROR_BYTES, grace=_GRACE_SECONDS
    )
    try:
        return await run_program(
            command, folder=folder, environ=environ, limits=limits, stdin=prompt
        )
    except ProgramTimeoutError as exc:
        last = last_lines(exc.errors)
    except OSError as exc:
        raise BackendError(
            f"the command {shown!r} could not be started: {exc.strerror or exc}",
            kind=FaultKind.CONFIGURATION if exc.errno in _OF_THE_FILE else FaultKind.REQUEST,
            hint="check the first entry of `[llm] command`",
        ) from exc
    raise BackendError(
        f"the command {shown!r} did not end within {seconds:g} s"
        + (f"; its last words were:\n{last}" if last else ""),
        kind=FaultKind.TIMEOUT,
        hint="a slow program may need a higher `[llm] timeout`",
    )


def last_lines(errors: bytes) -> str:
    """The end of a standard error without colours, control characters and progress bars."""
    text = _ESCAPES.sub("", errors.decode("utf-8", "replace"))
    lines = ("".join(c for c in line if c.isprintable()).rstrip() for line in text.splitlines())
    return "\n".join([line[:_ERROR_WIDTH] for line in lines if line][-_ERROR_LINES:])
