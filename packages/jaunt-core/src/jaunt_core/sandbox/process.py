"""One process in the sandbox: run it, hear what it finds, and say how it ended."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import get_args, get_type_hints

from jaunt_core.processes.scratch import as_step_error, scratch_folder
from jaunt_core.processes.supervisor import Child

Json = dict[str, object]

ERRORS = "errors.txt"
"""Where the process writes its last words, in the folder that it is given."""

START_SECONDS = 60.0
"""Seconds that starting the interpreter may take."""

LONGEST_SECONDS = 900.0
"""Seconds that one step may take where nothing else is said."""

_LAST_WORDS_BYTES = 4096
_LINE_BYTES = 2**24


class FaultKind(StrEnum):
    """How a trial ended that did not end well."""

    TIMED_OUT = "timed out"
    KILLED = "killed"
    EXITED = "exited"
    FORGED = "forged"


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxFault:
    """Why a trial ended early, and what it was doing then.

    `detail` is the name of the signal, or the exit code; `last_words` are on standard error.
    """

    kind: FaultKind
    detail: str
    doing: Mapping[str, object]
    last_words: str

    def __str__(self) -> str:
        """In words: `killed by SIGSEGV`."""
        if self.kind is FaultKind.TIMED_OUT:
            return f"it did not end within {self.detail} s"
        if self.kind is FaultKind.KILLED:
            return f"it was killed by {self.detail}"
        if self.kind is FaultKind.FORGED:
            return "it wrote into the answers of the sandbox"
        return f"it ended the process with exit code {self.detail}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxResult:
    """What a trial found before it ended, and why that was early, if it was."""

    found: tuple[Mapping[str, object], ...]
    fault: SandboxFault | None


class Trial:
    """One process in the sandbox, from its start to its end."""

    def __init__(
        self,
        start: Callable[[Path], Child],
        token: str,
        *,
        longest: float,
        says: type | None,
    ) -> None:
        self._start = start
        self._token = token.encode() + b" "
        self._longest = longest
        self._says = says
        self._starting = threading.Lock()
        self._child: Child | None = None
        self._is_stopped = False

    async def ended(self) -> SandboxResult:
        """Run it on a thread; it ends at once where nobody waits for it any more."""
        try:
            return await asyncio.to_thread(self.run)
        except asyncio.CancelledError:
            self.kill()
            raise

    def run(self) -> SandboxResult:
        """What it finds until it ends; it is ended where it takes too long.

        Raises:
            LandingError: The system offers no place for it, or no process.
            RuntimeError: The trial itself failed, which is a mistake of ours.
        """
        with ExitStack() as opened:
            with self._starting, as_step_error("the sandbox cannot be set up"):
                if self._is_stopped:
                    return SandboxResult(found=(), fault=None)
                place = opened.enter_context(scratch_folder("trial"))
                child = self._child = opened.enter_context(self._start(place))
            try:
                return self._result(child, place / ERRORS)
            finally:
                child.end()

    def kill(self) -> None:
        """End it at once, with all that it started; also while another thread waits."""
        with self._starting:
            self._is_stopped = True
            if self._child is not None:
                self._child.kill()

    def _result(self, child: Child, errors: Path) -> SandboxResult:
        found: list[Mapping[str, object]] = []
        doing: Mapping[str, object] = {}
        seconds = START_SECONDS
        lines = _Lines(child)

        def early(kind: FaultKind, detail: str) -> SandboxResult:
            fault = SandboxFault(kind=kind, detail=detail, doing=doing, last_words=_end_of(errors))
            return SandboxResult(found=tuple(found), fault=fault)

        while True:
            line = lines.next(seconds)
            if line is None:
                return early(FaultKind.TIMED_OUT, f"{seconds:g}")
            if not line:
                try:  # it may have closed the pipe and live on
                    return early(*_ending_of(child.process.wait(seconds)))
                except subprocess.TimeoutExpired:
                    return early(FaultKind.TIMED_OUT, f"{seconds:g}")
            match self._message(line):
                case {"begin": dict(begun), "seconds": int() | float() as asked} if (
                    begun.get("owner") or not doing.get("owner")  # nobody is freed of blame
                ):
                    doing, seconds = begun, min(max(0.0, asked), self._longest)
                case {"found": dict(item)} if self._says is None or _fits(item, self._says):
                    found.append(item)
                case {"bug": str(text)}:
                    raise RuntimeError(f"the trial failed:\n{text}")
                case {"done": True}:
                    return SandboxResult(found=tuple(found), fault=None)
                case _:
                    return early(FaultKind.FORGED, "")

    def _message(self, line: bytes) -> object:
        """What a line says, None where it is none of ours: user code may write there as well."""
        if not line.startswith(self._token):
            return None
        try:
            return json.loads(line.removeprefix(self._token))
        except (ValueError, RecursionError):
            return None


def _fits(item: Json, kind: type) -> bool:
    """Whether a JSON object is what a dataclass of plain fields is made from."""
    hints = get_type_hints(kind)
    return set(item) == set(hints) and all(
        item[name] in get_args(hint) if get_args(hint) else type(item[name]) is hint
        for name, hint in hints.items()
    )


def _ending_of(code: int) -> tuple[FaultKind, str]:
    # A program around it, as bubblewrap is one, adds 128 to the number of the signal.
    number = -code if code < 0 else code - 128
    try:
        return FaultKind.KILLED, signal.Signals(number).name
    except ValueError:
        return FaultKind.EXITED, str(code)


def _end_of(errors: Path) -> str:
    with errors.open("rb") as file:
        file.seek(max(0, errors.stat().st_size - _LAST_WORDS_BYTES))
        return file.read().decode("utf-8", "replace")


class _Lines:
    """The lines of a pipe, each within a time."""

    def __init__(self, child: Child) -> None:
        self._child = child
        self._rest = b""

    def next(self, seconds: float) -> bytes | None:
        """The next line, empty at the end, None where it does not come in time."""
        until = time.monotonic() + seconds
        while b"\n" not in self._rest:
            chunk = self._child.read(until - time.monotonic())
            if not chunk:
                return chunk
            self._rest += chunk
            if len(self._rest) > _LINE_BYTES:
                return self._rest  # far too long for one of ours
        line, _, self._rest = self._rest.partition(b"\n")
        return line


__all__ = [
    "ERRORS",
    "LONGEST_SECONDS",
    "START_SECONDS",
    "FaultKind",
    "Json",
    "SandboxFault",
    "SandboxResult",
    "Trial",
]
