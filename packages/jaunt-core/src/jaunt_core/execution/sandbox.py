"""Where generated code is tried: a child process that has nothing, may do little and ends soon."""

from __future__ import annotations

import asyncio
import json
import os
import select
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import IO, cast

from jaunt_core.config.loading import Project
from jaunt_core.execution.interpreter import child_environment
from jaunt_core.execution.sources import Roots

Json = dict[str, object]

START_SECONDS = 60.0
"""Seconds that starting the interpreter may take."""

_MAIN = Path(__file__).parent.parent / "trial" / "__main__.py"
_ERRORS = "errors.txt"
_PASSED_ON = ("PATH", "LANG", "TZ", "SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
_CPU_SECONDS = 120
_LAST_WORDS_BYTES = 4096
_PROBE_SECONDS = 10.0


class Isolation(StrEnum):
    """What keeps a trial from the network; the audit hook is there in any case."""

    BUBBLEWRAP = "bubblewrap"
    NAMESPACES = "user namespaces"
    AUDIT_HOOK = "audit hook"


class FaultKind(StrEnum):
    """How a trial ended that did not end well."""

    TIMED_OUT = "timed out"
    KILLED = "killed"
    EXITED = "exited"


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
        return f"it ended the process with exit code {self.detail}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxResult:
    """What a trial found before it ended, and why that was early, if it was."""

    found: tuple[Mapping[str, object], ...]
    fault: SandboxFault | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A source that stands in for the generated module `name` at `path`."""

    name: str
    path: Path
    source: str
    is_package: bool


def overlay_of(served: Iterable[Served]) -> Json:
    """Sources as a trial is told of them."""
    return {
        item.name: {"source": item.source, "path": str(item.path), "is_package": item.is_package}
        for item in served
    }


class Sandbox:
    """Makes trials for one project, under its own interpreter.

    A trial gets an environment made from nothing, so that no key is in it, an empty folder to
    work in, hard limits, and no network where the system has a way to take that away.
    """

    def __init__(
        self, project: Project, roots: Roots, python: Path, environ: Mapping[str, str]
    ) -> None:
        self._project = project
        self._prefix = [str(project.root / item) for item in roots.prefix]
        self._python = python
        self._environ = child_environment(environ, secret=project.config.llm.api_key_env)
        self._probing = threading.Lock()

    @property
    def isolation(self) -> Isolation:
        """What the system offers, found out by trying."""
        with self._probing:
            return self._isolation

    @cached_property
    def _isolation(self) -> Isolation:
        for isolation in (Isolation.BUBBLEWRAP, Isolation.NAMESPACES):
            command = [*_around(isolation, ()), str(self._python), "-I", "-S", "-c", "pass"]
            try:
                done = subprocess.run(
                    command,
                    check=False,
                    capture_output=True,
                    timeout=_PROBE_SECONDS,
                    env={"PATH": self._environ.get("PATH", os.defpath)},
                )
            except (OSError, subprocess.TimeoutExpired):
                continue
            if done.returncode == 0:
                return isolation
        return Isolation.AUDIT_HOOK

    def trial(
        self,
        operation: str,
        task: Json,
        *,
        overlay: Sequence[Served] = (),
        folder: Path | None = None,
        cpu_seconds: int = _CPU_SECONDS,
    ) -> Trial:
        """A trial that does one task when it is run.

        Args:
            operation: The module of `jaunt_core.trial` that does it.
            task: What it is told.
            overlay: Sources that stand in for generated modules.
            folder: The working directory, which it may not write to; an empty one by default.
            cpu_seconds: Processor time that it may use.
        """
        whole = {
            "op": operation,
            "root": str(self._project.root),
            "prefix": self._prefix,
            "cpu_seconds": cpu_seconds,
            "overlay": overlay_of(overlay),
            **task,
        }
        return Trial(lambda place: self._start(whole, place, folder))

    def _start(self, task: Json, place: Path, folder: Path | None) -> subprocess.Popen[bytes]:
        work = place / "work"
        work.mkdir()
        whole = json.dumps({**task, "writable": [str(work)]})
        (place / "task.json").write_text(whole, encoding="utf-8")
        command = [*_around(self.isolation, (work,)), str(self._python), "-P", str(_MAIN)]
        with (place / "task.json").open("rb") as given, (place / _ERRORS).open("wb") as errors:
            return subprocess.Popen(
                command,
                cwd=work if folder is None else folder,
                env=self._environment(work),
                stdin=given,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,  # all that it starts ends with it
            )

    def _environment(self, work: Path) -> dict[str, str]:
        """An environment made from nothing: what is not listed here does not get in."""
        given = self._environ
        kept = {name: given[name] for name in _PASSED_ON if name in given}
        kept |= {name: text for name, text in given.items() if name.startswith("LC_")}
        # Where packages are is no secret, and the worker finds them there too.
        kept |= {"PYTHONPATH": given["PYTHONPATH"]} if given.get("PYTHONPATH") else {}
        user_base = given.get("PYTHONUSERBASE") or os.path.join(given.get("HOME", ""), ".local")  # noqa: PTH118
        if given.get("HOME") or given.get("PYTHONUSERBASE"):
            kept["PYTHONUSERBASE"] = user_base
        # The same hashes each time: what passes once passes again.
        return {**kept, "HOME": str(work), "TMPDIR": str(work), "PYTHONHASHSEED": "0"}


def _around(isolation: Isolation, writable: Sequence[Path]) -> list[str]:
    """The beginning of a command that runs the rest of it without network."""
    if isolation is Isolation.BUBBLEWRAP:
        binds = [word for path in writable for word in ("--bind", str(path), str(path))]
        start = ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
        return [*start, *binds, "--unshare-net", "--die-with-parent", "--"]
    if isolation is Isolation.NAMESPACES:
        return ["unshare", "--user", "--net", "--map-current-user", "--"]
    return []


class Trial:
    """One process in the sandbox, from its start to its end."""

    def __init__(self, start: Callable[[Path], subprocess.Popen[bytes]]) -> None:
        self._start = start
        self._starting = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
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
            RuntimeError: The trial itself failed, which is a mistake of ours.
        """
        with tempfile.TemporaryDirectory(prefix="jaunt-trial-", ignore_cleanup_errors=True) as name:
            place = Path(name).resolve()
            with self._starting:
                if self._is_stopped:
                    return SandboxResult(found=(), fault=None)
                process = self._process = self._start(place)
            with cast("IO[bytes]", process.stdout) as answers:
                try:
                    return self._result(process, answers, place / _ERRORS)
                finally:
                    self.kill()
                    process.wait()

    def kill(self) -> None:
        """End it at once, with all that it started; also while another thread waits."""
        with self._starting:
            self._is_stopped = True
            if self._process is None:
                return
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except (AttributeError, ProcessLookupError, PermissionError):  # Windows; nobody is left
                with suppress(OSError):
                    self._process.kill()

    def _result(
        self, process: subprocess.Popen[bytes], answers: IO[bytes], errors: Path
    ) -> SandboxResult:
        found: list[Mapping[str, object]] = []
        doing: Mapping[str, object] = {}
        seconds = START_SECONDS
        lines = _Lines(answers)

        def early(kind: FaultKind, detail: str) -> SandboxResult:
            fault = SandboxFault(kind=kind, detail=detail, doing=doing, last_words=_end_of(errors))
            return SandboxResult(found=tuple(found), fault=fault)

        while True:
            line = lines.next(seconds)
            if line is None:
                return early(FaultKind.TIMED_OUT, f"{seconds:g}")
            if not line:
                return early(*_ending_of(process.wait()))
            message = cast("Json", json.loads(line))
            if "begin" in message:
                doing = cast("Json", message["begin"])
                seconds = float(cast("float", message["seconds"]))
            elif "found" in message:
                found.append(cast("Json", message["found"]))
            elif "bug" in message:
                raise RuntimeError(f"the trial failed:\n{message['bug']}")
            else:
                return SandboxResult(found=tuple(found), fault=None)


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

    def __init__(self, stream: IO[bytes]) -> None:
        self._descriptor = stream.fileno()
        self._rest = b""

    def next(self, seconds: float) -> bytes | None:
        """The next line, empty at the end, None where it does not come in time."""
        until = time.monotonic() + seconds
        while b"\n" not in self._rest:
            readable, _, _ = select.select(
                [self._descriptor], [], [], max(0.0, until - time.monotonic())
            )
            if not readable:
                return None
            chunk = os.read(self._descriptor, 65536)
            if not chunk:
                return b""
            self._rest += chunk
        line, _, self._rest = self._rest.partition(b"\n")
        return line


__all__ = [
    "START_SECONDS",
    "FaultKind",
    "Isolation",
    "Sandbox",
    "SandboxFault",
    "SandboxResult",
    "Served",
    "Trial",
    "overlay_of",
]
