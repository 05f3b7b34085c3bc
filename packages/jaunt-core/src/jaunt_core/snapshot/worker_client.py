"""The engine's end of the worker: start it, ask it, and tell why user code took it down."""

from __future__ import annotations

import io
import json
import subprocess
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, BinaryIO, Self, cast

from jaunt_core.errors import JauntConfigError, JauntDiscoveryError
from jaunt_core.processes.crash import crash_error
from jaunt_core.processes.supervisor import Child
from jaunt_core.project.workspace import Workspace

Json = dict[str, object]

TIME_LIMIT = 60.0
"""Seconds that importing one module, or checking one answer, may take."""

_MAIN = Path(__file__).parent.parent / "worker" / "__main__.py"
_TAIL_LINES = 400
_SHOWN = 500
_MESSAGES = ("importing", "part", "failure", "bug", "answer")
_DRAIN_SECONDS = 5.0


class Worker:
    """A process under the project's interpreter that answers with facts.

    It is started by the first question and again after it died; user code that prints, exits,
    hangs or crashes ends in a `JauntDiscoveryError` that names file and line. Questions are
    asked one at a time, from any thread.
    """

    def __init__(self, workspace: Workspace, *, time_limit: float = TIME_LIMIT) -> None:
        self._root = workspace.root
        self._generated_dir = workspace.config.paths.generated_dir
        self._prefix = [str(workspace.root / folder) for folder in workspace.roots.prefix]
        self.python = workspace.interpreter.path
        self._environ = workspace.child_environ
        self._time_limit = time_limit
        self._child: Child | None = None
        self._printed: deque[str] = deque(maxlen=_TAIL_LINES)  # what explains a crash
        self._reader: threading.Thread | None = None
        self._lock = threading.Lock()
        self._importing = ""
        self._is_ready = False
        self._version = ""

    def __enter__(self) -> Self:
        """The worker itself; leaving the block ends its process."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process, whatever it is doing."""
        self.close()

    @property
    def version(self) -> str:
        """The version of its interpreter, `3.11`; empty before the first answer."""
        return ".".join(self._version.split(".")[:2])

    def close(self) -> None:
        """End the process, whatever it is doing."""
        child, self._child = self._child, None
        if child is None:
            return
        child.end()
        child.close()
        if self._reader is not None:
            self._reader.join(_DRAIN_SECONDS)

    def kill(self) -> None:
        """End the process at once, also while another thread waits for an answer."""
        child = self._child
        if child is not None:
            child.kill()

    def prepare(self) -> None:
        """Start the process, so that it is under way when the first question comes.

        Raises:
            JauntConfigError: The interpreter cannot be started.
        """
        with self._lock:
            if self._child is None:
                self._start()

    def ask(self, question: Json, *, take: Callable[[Json], None] | None = None) -> Json:
        """The answer to one question.

        Args:
            question: The operation, and what it is about.
            take: Is called with each part of the answer that comes before the rest.

        Raises:
            JauntDiscoveryError: User code failed, or took the worker down.
            JauntConfigError: The interpreter cannot be started or lacks `jaunt-runtime`.
        """
        with self._lock:
            child = self._child or self._start()
            if not self._is_ready:
                self._greet(child)
            self._importing = ""
            try:
                _send(child, question)
                return self._receive(child, take)
            except (BrokenPipeError, EOFError):
                raise self._crash() from None
            except _GarbledError as error:
                self.close()
                raise JauntDiscoveryError(
                    f"{self._importing or 'the project'}: what the worker says under {self.python} "
                    f"cannot be read: {str(error).strip()[:_SHOWN]}",
                    hint="nothing but it may write to its channel; look for what does so when "
                    "the interpreter starts or a module is imported",
                ) from None

    def _start(self) -> Child:
        try:
            child = Child(
                [str(self.python), "-P", str(_MAIN)],
                folder=self._root,
                environ=self._environ,
                stdin=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        except OSError as error:
            raise JauntConfigError(
                f"the project's interpreter {self.python} cannot be started: {error.strerror}",
                hint="set [paths] python to the interpreter of the project",
            ) from None
        self._child, self._is_ready = child, False
        self._printed.clear()
        self._reader = threading.Thread(
            target=self._drain, args=(cast("IO[bytes]", child.process.stderr),), daemon=True
        )
        self._reader.start()
        return child

    def _greet(self, child: Child) -> None:
        start = {
            "root": str(self._root),
            "prefix": self._prefix,
            "generated_dir": self._generated_dir,
            "time_limit": self._time_limit,
        }
        try:
            with suppress(BrokenPipeError):  # it ends at once where `jaunt-runtime` is missing
                _send(child, start)
            greeting = _read(child, one_of=("python", "missing"))
        except (EOFError, _GarbledError) as error:
            self.close()
            printed = "\n".join([*self._printed, *map(str, error.args)][-3:]).strip()[:_SHOWN]
            raise JauntConfigError(
                f"the worker does not start under {self.python}: {printed}",
                hint="jaunt needs CPython 3.11 or newer; set [paths] python",
            ) from None
        if "missing" in greeting:
            self.close()
            raise JauntConfigError(
                f"the project's interpreter {self.python} has no jaunt-runtime",
                hint="add it to the project: uv add jaunt-runtime "
                "(or pip install jaunt-runtime in that environment)",
            )
        self._is_ready = True
        self._version = str(greeting["python"])

    def _drain(self, errors: IO[bytes]) -> None:
        with io.TextIOWrapper(
            cast("BinaryIO", errors), encoding="utf-8", errors="replace"
        ) as lines:
            for line in lines:
                self._printed.append(line.rstrip()[:2000])

    def _receive(self, child: Child, take: Callable[[Json], None] | None) -> Json:
        while True:
            message = _read(child, one_of=_MESSAGES)
            if "importing" in message:
                self._importing = str(message["importing"])
                continue
            if take is not None and "part" in message:
                take(cast("Json", message["part"]))
                continue
            if "failure" in message:
                raise _as_error(cast("Json", message["failure"]))
            if "bug" in message:
                raise RuntimeError(f"the worker failed:\n{message['bug']}")
            return cast("Json", message["answer"])

    def _crash(self) -> JauntDiscoveryError:
        """The error for a worker that died, as far as what it printed explains it."""
        child = self._child
        code = child.process.wait() if child else None
        if child is not None:
            child.end()  # a child of user code would keep the pipe of its errors open
        if self._reader is not None:
            self._reader.join(_DRAIN_SECONDS)
        self.close()
        return crash_error(
            self._printed,
            code=code,
            root=self._root,
            importing=self._importing,
            time_limit=self._time_limit,
        )


def _send(child: Child, message: object) -> None:
    stream = cast("IO[bytes]", child.process.stdin)
    stream.write(json.dumps(message).encode() + b"\n")
    stream.flush()


def _read(child: Child, *, one_of: tuple[str, ...]) -> Json:
    line = child.output.readline().decode("utf-8", "replace")
    if not line:
        raise EOFError
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        message = None
    if not isinstance(message, dict) or message.keys().isdisjoint(one_of):
        raise _GarbledError(line)
    return cast("Json", message)


class _GarbledError(Exception):
    """A line came that is no message of the worker's: something else writes to its channel."""


def _as_error(failure: Json) -> JauntDiscoveryError:
    line = failure["line"]
    place = f"{failure['path']}:{line}" if line else str(failure["path"])
    hint = failure["hint"]
    return JauntDiscoveryError(
        f"{place}: {failure['message']}", hint=str(hint) if hint is not None else None
    )
