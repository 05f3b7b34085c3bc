"""One process that forks for each of many trials, so that they share what costs time to import."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from itertools import count
from pathlib import Path
from typing import NamedTuple, Self

from jaunt_core.processes.scratch import scratch_folder
from jaunt_core.processes.supervisor import Child

Json = dict[str, object]

_HEAD_BYTES = 8
_CHUNK = 64 * 1024
_END_SECONDS = 10.0
_LOST = -int(signal.SIGTERM if os.name == "nt" else signal.SIGKILL)


class _Running(NamedTuple):
    """The process, the connection to it, and the folder that it may write to."""

    child: Child
    connection: socket.socket
    work: Path


class TrialServer:
    """Starts the process with the first trial, and anew where it was lost meanwhile.

    Args:
        start: Starts it with a socket for its input and a scratch folder, whose folder `work` it
            may write to.
        setup: How it is to be set up: the fields of a task, without those of a single one.
        closing: Ends it when it is left.
    """

    def __init__(
        self,
        start: Callable[[socket.socket, Path], Child],
        setup: Json,
        *,
        closing: ExitStack,
    ) -> None:
        self._start = start
        self._setup = setup
        self._closing = closing
        self._names = count()
        self._using = threading.Lock()
        self._running: _Running | None = None

    def start_trial(self, task: Json, errors: Path) -> ServedTrial:
        """A process that does a task; what it prints goes into the file for errors.

        Raises:
            OSError: The system refuses a process, or a folder.
        """
        with self._using:
            try:
                return self._send(self._running or self._started(), task, errors)
            except ConnectionError:  # it is gone, which nobody had to notice before
                return self._send(self._started(), task, errors)

    def kill(self, name: int) -> None:
        """End what is left of a trial."""
        with self._using, suppress(OSError):
            if self._running is not None:
                _send_order(self._running.connection, {"kill": name}, ())

    def abandon(self) -> None:
        """End the process, which does not do what it is told, with all trials that it has."""
        with self._using:
            if self._running is not None:
                self._running.child.kill()
                self._running = None

    def _send(self, running: _Running, task: Json, errors: Path) -> ServedTrial:
        name = next(self._names)
        folder = running.work / str(name)
        folder.mkdir()
        order: Json = {"name": name, "task": {**task, "folder": str(folder)}}
        (answers, answering), (end, ending) = os.pipe(), os.pipe()
        try:
            with errors.open("wb") as file:
                _send_order(running.connection, order, (answering, ending, file.fileno()))
        except BaseException:
            os.close(answers)
            os.close(end)
            raise
        finally:
            os.close(answering)
            os.close(ending)
        return ServedTrial(self, name, answers=answers, end=end, folder=folder)

    def _started(self) -> _Running:
        scratch = self._closing.enter_context(scratch_folder("trials"))
        (scratch / "work").mkdir()
        ours, theirs = socket.socketpair()
        self._closing.enter_context(ours)
        with theirs:
            child = self._closing.enter_context(self._start(theirs, scratch))
        self._closing.callback(child.end)
        _send_order(ours, {**self._setup, "writable": [str(scratch / "work")]}, ())
        self._running = _Running(child, ours, scratch / "work")
        return self._running


class ServedTrial:
    """What became of a task: a process of the server's, which is used as a `Child` is."""

    def __init__(
        self, server: TrialServer, name: int, *, answers: int, end: int, folder: Path
    ) -> None:
        self._server = server
        self._name = name
        self._answers = answers
        self._end = end
        self._folder = folder

    def __enter__(self) -> Self:
        """The trial itself; leaving the block closes its pipes and removes its folder."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close its pipes, and remove its folder."""
        os.close(self._answers)
        os.close(self._end)
        shutil.rmtree(self._folder, ignore_errors=True)

    def read(self, seconds: float) -> bytes | None:
        """The next bytes of its answers: none at the end, None where nothing comes in time."""
        return _read(self._answers, seconds)

    def wait(self, seconds: float) -> int:
        """Its exit code, once it has ended; that of a kill where the server itself is gone.

        Raises:
            TimeoutError: It does not end in time.
        """
        line = _read(self._end, seconds)
        if line is None:
            raise TimeoutError
        return int(line) if line else _LOST

    def kill(self) -> None:
        """End it at once."""
        self._server.kill(self._name)

    def end(self) -> None:
        """End it, and wait until it has ended."""
        self.kill()
        try:
            self.wait(_END_SECONDS)
        except TimeoutError:
            self._server.abandon()


def _send_order(connection: socket.socket, order: Json, descriptors: Sequence[int]) -> None:
    content = json.dumps(order).encode()
    head = len(content).to_bytes(_HEAD_BYTES)
    socket.send_fds(connection, [head], list(descriptors))
    connection.sendall(content)


def _read(descriptor: int, seconds: float) -> bytes | None:
    readable, _, _ = select.select([descriptor], [], [], max(0.0, seconds))
    return os.read(descriptor, _CHUNK) if readable else None
