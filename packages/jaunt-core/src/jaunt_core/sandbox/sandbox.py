"""The sandbox: child processes that run generated code with few rights and hard limits."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO

from jaunt_core.config.dotenv import DOTENV
from jaunt_core.processes.supervisor import Child
from jaunt_core.project.workspace import Workspace
from jaunt_core.sandbox.process import ERRORS_FILE, LONGEST_SECONDS, Json, Trial
from jaunt_core.sandbox.trial_server import ServedTrial, TrialServer

_MAIN = Path(__file__).parent.parent / "trial" / "__main__.py"
_PASSED_ON = ("PATH", "LANG", "TZ", "SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
_CPU_SECONDS = 120
_PROBE_SECONDS = 10.0
_PROBE_ANSWER = "ready"


class Isolation(StrEnum):
    """What keeps a trial from the network; the audit hook is there in any case."""

    BUBBLEWRAP = "bubblewrap"
    NAMESPACES = "user namespaces"
    AUDIT_HOOK = "audit hook"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedModule:
    """A source that stands in for the generated module `name` at `path`."""

    name: str
    path: Path
    source: str
    is_package: bool


def overlay_entries(served: Iterable[ServedModule]) -> Json:
    """Sources in the form in which a task names them."""
    return {
        module.name: {
            "source": module.source,
            "path": str(module.path),
            "is_package": module.is_package,
        }
        for module in served
    }


class Sandbox:
    """Makes trials for one project, under its own interpreter.

    A trial gets an environment made from nothing, so that no key is in it, an empty folder to
    work in, hard limits, and no network where the system has a way to take that away. Where that
    way is gone while a run goes on, `warn` is told, and the next best one is taken.
    """

    def __init__(self, workspace: Workspace, warn: Callable[[str], None] = lambda _: None) -> None:
        root, dotenv = workspace.root, workspace.dotenv_key
        self._root = root
        self._prefix = [str(root / folder) for folder in workspace.roots.prefix]
        self._python = workspace.interpreter.path
        self._environ = workspace.child_environ
        self._hidden = [str(root / DOTENV)] if dotenv.value or dotenv.problem else []
        self._warn = warn
        self._probing = threading.Lock()
        self._isolation: Isolation | None = None

    @property
    def isolation(self) -> Isolation:
        """The strongest isolation that the system offers, found out by trying."""
        with self._probing:
            if self._isolation is None:
                self._isolation = self._probe()
            return self._isolation

    def look_again(self, used: Isolation) -> bool:
        """Whether a trial that could not even begin under an isolation may be started again.

        The tool behind it may have been removed, replaced or forbidden since it was tried.
        """
        if used is Isolation.AUDIT_HOOK:
            return False
        with self._probing:
            if self._isolation is used:
                self._isolation = self._probe()
                if self._isolation is not used:
                    self._warn(
                        f"{used} kept generated code from the network when this run began, and "
                        f"does not work any more; it goes on with {self._isolation}"
                    )
        return True

    def _probe(self) -> Isolation:
        for isolation in (Isolation.BUBBLEWRAP, Isolation.NAMESPACES):
            python = [str(self._python), "-I", "-S", "-c", f"print({_PROBE_ANSWER!r})"]
            try:
                probe = subprocess.run(
                    [*_command_prefix(isolation, ()), *python],
                    check=False,
                    capture_output=True,
                    timeout=_PROBE_SECONDS,
                    env={"PATH": self._environ.get("PATH", os.defpath)},
                )
            except (OSError, subprocess.TimeoutExpired):
                continue
            if (
                probe.returncode == 0
                and probe.stdout.decode("utf-8", "replace").strip() == _PROBE_ANSWER
            ):
                return isolation
        return Isolation.AUDIT_HOOK

    def trial(
        self,
        operation: str,
        task: Json,
        *,
        overlay: Sequence[ServedModule] = (),
        folder: Path | None = None,
        cpu_seconds: int = _CPU_SECONDS,
        longest_step: float = LONGEST_SECONDS,
        record_type: type | None = None,
        server: TrialServer | None = None,
    ) -> Trial:
        """A trial that does one task when it is run.

        Args:
            operation: The module of `jaunt_core.trial` that does it.
            task: The data of the task.
            overlay: Sources that stand in for generated modules.
            folder: The working directory, which it may not write to; an empty one by default.
            cpu_seconds: Processor time that it may use.
            longest_step: Seconds that one step may take at most, whatever the trial asks for.
            record_type: The flat dataclass whose fields each of its results must have.
            server: The server that it is a fork of, which has the folder and the limits.
        """
        token = os.urandom(16).hex()
        whole_task = {
            "token": token,
            "op": operation,
            "root": str(self._root),
            "prefix": self._prefix,
            "cpu_seconds": cpu_seconds,
            "overlay": overlay_entries(overlay),
            "hidden": self._hidden,
            **task,
        }

        def start(isolation: Isolation, scratch: Path) -> Child | ServedTrial:
            if server is not None:
                return server.start_trial(whole_task, scratch / ERRORS_FILE)
            return self._start(isolation, whole_task, scratch, folder)

        return Trial(
            _Launch(self, start),
            token,
            longest_step=longest_step,
            record_type=record_type,
        )

    def server(self, operation: str, *, folder: Path, closing: ExitStack) -> TrialServer:
        """A server for the trials of one operation; `closing` ends it.

        Args:
            operation: The module of `jaunt_core.trial` that does the tasks.
            folder: The working directory of all of them, which they may not write to.
            closing: Ends it when it is left.
        """
        setup: Json = {
            "op": operation,
            "prefix": self._prefix,
            "cpu_seconds": _CPU_SECONDS,
            "hidden": self._hidden,
        }

        def start(connection: socket.socket, scratch: Path) -> Child:
            with os.fdopen(os.dup(connection.fileno()), "rb") as stdin:
                return self._child(self.isolation, ["serve"], scratch, folder=folder, stdin=stdin)

        return TrialServer(start, setup, closing=closing)

    def _start(self, isolation: Isolation, task: Json, scratch: Path, folder: Path | None) -> Child:
        work = scratch / "work"
        work.mkdir()
        task_file = scratch / "task.json"
        task_file.write_text(json.dumps({**task, "writable": [str(work)]}), encoding="utf-8")
        with task_file.open("rb") as stdin:
            child = self._child(isolation, [], scratch, folder=folder or work, stdin=stdin)
        with suppress(OSError):  # it is open there already, and the token is in it
            task_file.unlink()
        return child

    def _child(
        self,
        isolation: Isolation,
        arguments: Sequence[str],
        scratch: Path,
        *,
        folder: Path,
        stdin: IO[bytes],
    ) -> Child:
        """A process in the sandbox that may write to the folder `work` of a scratch folder."""
        work = scratch / "work"
        command = [*_command_prefix(isolation, (work,)), str(self._python), "-P", str(_MAIN)]
        with (scratch / ERRORS_FILE).open("wb") as errors:
            return Child(
                [*command, *arguments],
                folder=folder,
                environ=self._environment(work),
                stdin=stdin,
                stderr=errors,
            )

    def _environment(self, work: Path) -> dict[str, str]:
        """An environment built from nothing: only the variables listed here get in."""
        environ = self._environ
        passed_on = {name: environ[name] for name in _PASSED_ON if name in environ}
        passed_on |= {name: text for name, text in environ.items() if name.startswith("LC_")}
        # Where packages are is no secret, and the worker finds them there too.
        passed_on |= {"PYTHONPATH": environ["PYTHONPATH"]} if environ.get("PYTHONPATH") else {}
        user_base = environ.get("PYTHONUSERBASE") or os.path.join(environ.get("HOME", ""), ".local")  # noqa: PTH118
        if environ.get("HOME") or environ.get("PYTHONUSERBASE"):
            passed_on["PYTHONUSERBASE"] = user_base
        # The same hashes each time: what passes once passes again.
        return {**passed_on, "HOME": str(work), "TMPDIR": str(work), "PYTHONHASHSEED": "0"}


class _Launch:
    """Starts the process of one trial, under the isolation that is there at that time."""

    def __init__(
        self, sandbox: Sandbox, start: Callable[[Isolation, Path], Child | ServedTrial]
    ) -> None:
        self._sandbox = sandbox
        self._start = start
        self._used = Isolation.AUDIT_HOOK

    def start(self, scratch: Path) -> Child | ServedTrial:
        """The process, started with a folder of its own."""
        self._used = self._sandbox.isolation
        return self._start(self._used, scratch)

    def look_again(self) -> bool:
        """Whether another start may work."""
        return self._sandbox.look_again(self._used)


def _command_prefix(isolation: Isolation, writable: Sequence[Path]) -> list[str]:
    """The words before a command that take the network away from it."""
    if isolation is Isolation.BUBBLEWRAP:
        binds = [word for path in writable for word in ("--bind", str(path), str(path))]
        start = ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
        return [*start, *binds, "--unshare-net", "--die-with-parent", "--"]
    if isolation is Isolation.NAMESPACES:
        return ["unshare", "--user", "--net", "--map-current-user", "--"]
    return []
