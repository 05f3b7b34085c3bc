"""One process in the sandbox: run it, collect its results, and say how it ended."""

from __future__ import annotations

import asyncio
import json
import signal
import threading
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol, get_args, get_type_hints

from jaunt_core.processes.scratch import as_step_error, scratch_folder

Json = dict[str, object]

ERRORS_FILE = "errors.txt"
"""The file for the standard error of the process, in its scratch folder."""

START_SECONDS = 60.0
"""Seconds that starting the interpreter may take."""

LONGEST_SECONDS = 900.0
"""Seconds that one step may take where the caller sets no limit."""

_ERROR_BYTES = 4096
_LINE_BYTES = 2**24


class FaultKind(StrEnum):
    """How a trial ended that did not end well."""

    TIMED_OUT = "timed out"
    KILLED = "killed"
    EXITED = "exited"
    FORGED = "forged"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxFault:
    """Why a trial ended early, and during which step.

    `detail` is the name of the signal, the exit code, or the error that the trial itself failed
    with; `error_output` is the end of its standard error.
    """

    kind: FaultKind
    detail: str
    step: Mapping[str, object]
    error_output: str

    def __str__(self) -> str:
        """A clause such as `it was killed by SIGSEGV`."""
        if self.kind is FaultKind.TIMED_OUT:
            return f"it did not end within {self.detail} s"
        if self.kind is FaultKind.KILLED:
            return f"it was killed by {self.detail}"
        if self.kind is FaultKind.FORGED:
            return "it wrote into the answers of the sandbox"
        if self.kind is FaultKind.BROKEN:
            return f"the trial itself failed: {self.detail}"
        return f"it ended the process with exit code {self.detail}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxResult:
    """The results that a trial sent before it ended, and why it ended early, if it did."""

    records: tuple[Mapping[str, object], ...]
    fault: SandboxFault | None


class TrialProcess(Protocol):
    """A process that does a task: a child, or a fork of a server of trials."""

    def read(self, seconds: float) -> bytes | None:
        """The next bytes of its answers: none at the end, None where nothing comes in time."""
        ...

    def wait(self, seconds: float) -> int:
        """Its exit code; a `TimeoutError` is raised where it does not end in time."""
        ...

    def kill(self) -> None:
        """End it at once."""
        ...

    def end(self) -> object:
        """End it, and wait until it has ended."""
        ...


class Launcher(Protocol):
    """Starts the process of a trial."""

    def start(self, scratch: Path) -> AbstractContextManager[TrialProcess]:
        """Start it, with this folder of its own.

        Raises:
            OSError: The system refuses it.
        """
        ...

    def look_again(self) -> bool:
        """Whether another start may work, because something is different now."""
        ...


class Trial:
    """One process in the sandbox, from its start to its end."""

    def __init__(
        self,
        launcher: Launcher,
        token: str,
        *,
        longest_step: float,
        record_type: type | None,
    ) -> None:
        self._launcher = launcher
        self._token = token.encode() + b" "
        self._longest_step = longest_step
        self._record_type = record_type
        self._starting = threading.Lock()
        self._child: TrialProcess | None = None
        self._is_stopped = False

    async def run_on_thread(self) -> SandboxResult:
        """Run the process and wait for it on a thread; a cancellation ends it at once."""
        try:
            return await asyncio.to_thread(self.run)
        except asyncio.CancelledError:
            self.kill()
            raise

    def run(self) -> SandboxResult:
        """Run the process and return its results; end it where a step takes too long.

        Raises:
            LandingError: The system refuses a folder or a process for it.
        """
        with as_step_error("the sandbox cannot be set up"):
            try:
                result = self._run_once()
            except OSError:
                if not self._launcher.look_again():
                    raise
                return self._run_once()
        if _never_began(result) and self._launcher.look_again():
            with as_step_error("the sandbox cannot be set up"):
                return self._run_once()
        return result

    def _run_once(self) -> SandboxResult:
        with ExitStack() as opened:
            with self._starting:
                if self._is_stopped:
                    return SandboxResult(records=(), fault=None)
                folder = opened.enter_context(scratch_folder("trial"))
                child = self._child = opened.enter_context(self._launcher.start(folder))
            try:
                return self._result(child, folder / ERRORS_FILE)
            finally:
                child.end()

    def kill(self) -> None:
        """End it at once, with all that it started; also while another thread waits."""
        with self._starting:
            self._is_stopped = True
            if self._child is not None:
                self._child.kill()

    def _result(self, child: TrialProcess, errors: Path) -> SandboxResult:
        records: list[Mapping[str, object]] = []
        step: Mapping[str, object] = {}
        seconds = START_SECONDS
        lines = _Lines(child)

        def end_early(kind: FaultKind, detail: str) -> SandboxResult:
            output = _error_output_of(errors)
            fault = SandboxFault(kind=kind, detail=detail, step=step, error_output=output)
            return SandboxResult(records=tuple(records), fault=fault)

        while True:
            line = lines.next(seconds)
            if line is None:
                return end_early(FaultKind.TIMED_OUT, f"{seconds:g}")
            if not line:
                try:  # it may have closed the pipe and live on
                    return end_early(*_fault_of(child.wait(seconds)))
                except TimeoutError:
                    return end_early(FaultKind.TIMED_OUT, f"{seconds:g}")
            match self._message(line):
                # Once a step has an owner, a later one has, too: no answer gets rid of the blame.
                case {"begin": dict(next_step), "seconds": int() | float() as seconds_asked} if (
                    next_step.get("owner") or not step.get("owner")
                ):
                    step, seconds = next_step, min(max(0.0, seconds_asked), self._longest_step)
                case {"record": dict(record)} if self._is_expected(record):
                    records.append(record)
                case {"bug": str(text)}:
                    return end_early(FaultKind.BROKEN, text.strip().rpartition("\n")[2])
                case {"done": True}:
                    return SandboxResult(records=tuple(records), fault=None)
                case _:
                    return end_early(FaultKind.FORGED, "")

    def _is_expected(self, record: Json) -> bool:
        return self._record_type is None or _matches_fields(record, self._record_type)

    def _message(self, line: bytes) -> object:
        """The message in a line, None for a line of user code, which may write there too."""
        if not line.startswith(self._token):
            return None
        try:
            return json.loads(line.removeprefix(self._token))
        except (ValueError, RecursionError):
            return None


def _never_began(result: SandboxResult) -> bool:
    """Whether the process ended before it had read its task."""
    fault = result.fault
    return fault is not None and not fault.step and fault.kind is not FaultKind.TIMED_OUT


def _matches_fields(record: Json, kind: type) -> bool:
    """Whether a JSON object has the fields of a flat dataclass, each of its type."""
    hints = get_type_hints(kind)
    return set(record) == set(hints) and all(
        record[name] in get_args(hint) if get_args(hint) else type(record[name]) is hint
        for name, hint in hints.items()
    )


def _fault_of(code: int) -> tuple[FaultKind, str]:
    # A program around it, as bubblewrap is one, adds 128 to the number of the signal.
    number = -code if code < 0 else code - 128
    try:
        return FaultKind.KILLED, signal.Signals(number).name
    except ValueError:
        return FaultKind.EXITED, str(code)


def _error_output_of(errors: Path) -> str:
    with errors.open("rb") as file:
        file.seek(max(0, errors.stat().st_size - _ERROR_BYTES))
        return file.read().decode("utf-8", "replace")


class _Lines:
    """Reads the lines that a child prints, each within a time limit."""

    def __init__(self, child: TrialProcess) -> None:
        self._child = child
        self._rest = b""

    def next(self, seconds: float) -> bytes | None:
        """The next line; empty at the end of the pipe, None where it does not come in time."""
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
