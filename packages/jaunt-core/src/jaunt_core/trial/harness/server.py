"""One process for the trials of a run: it imports what all need, then forks for each of them.

Its standard input is a socket. Through it come, each behind its length, JSON objects: first how to
set up the process, then tasks, each with the descriptors for its answers, its end and its errors,
and orders to kill what became of a task. A fork that has ended is reported through the descriptor
for its end, which holds the exit code as `Popen` has it.
"""

from __future__ import annotations

import array
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
from contextlib import suppress
from types import ModuleType
from typing import NoReturn, cast

from .channel import Channel, Json
from .guard import Guard
from .kinship import end_with_parent, load_control
from .main import run_operation, set_up
from .overlay import Overlay

_HEAD_BYTES = 8
_DESCRIPTORS = 3
_exit_now = os._exit


def serve_tasks() -> NoReturn:
    """Do the tasks that come, each in a fork, until the engine is gone."""
    orders = _Orders(socket.socket(fileno=os.dup(0)))
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    setup, _ = orders.next() or sys.exit(0)
    operation = set_up(setup)
    guard = Guard(cast("list[str]", setup["writable"]), cast("list[str]", setup["hidden"]))
    guard.install()
    load_control()
    operation.prepare(cast("list[str]", setup["prefix"]))
    gc.collect()
    gc.freeze()  # collecting would make forks copy what they share
    _Server(orders, operation, guard).serve()


class _Orders:
    """Reads what the engine sends."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def fileno(self) -> int:
        """The descriptor to wait for."""
        return self._connection.fileno()

    def close(self) -> None:
        """Close the connection, in a fork."""
        self._connection.close()

    def next(self) -> tuple[Json, list[int]] | None:
        """The next order with the descriptors that came along; None where the engine is gone."""
        descriptors = array.array("i")
        space = socket.CMSG_SPACE(_DESCRIPTORS * descriptors.itemsize)
        with suppress(ConnectionError):
            head, ancillary, _, _ = self._connection.recvmsg(_HEAD_BYTES, space)
            for level, kind, content in ancillary:
                if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                    descriptors.frombytes(content)
            head += self._read(_HEAD_BYTES - len(head)) if head else b""
            content = self._read(int.from_bytes(head)) if head else b""
            if content:
                return cast("Json", json.loads(content)), list(descriptors)
        return None

    def _read(self, count: int) -> bytes:
        parts: list[bytes] = []
        while count > 0:
            part = self._connection.recv(min(count, 2**20))
            if not part:
                return b""
            parts.append(part)
            count -= len(part)
        return b"".join(parts)


class _Server:
    """Forks for each task, and tells how each fork ended."""

    def __init__(self, orders: _Orders, operation: ModuleType, guard: Guard) -> None:
        self._orders = orders
        self._operation = operation
        self._guard = guard
        self._tasks: dict[int, tuple[object, int]] = {}  # by process: its name, and where it ends
        self._woken, self._waking = os.pipe()

    def serve(self) -> NoReturn:
        """Follow orders until there are no more."""
        os.set_blocking(self._waking, False)
        signal.set_wakeup_fd(self._waking)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # has a byte written there
        while True:
            ready, _, _ = select.select([self._orders, self._woken], [], [])
            if self._woken in ready:
                os.read(self._woken, 4096)
                self._report_ended()
            if self._orders in ready:
                order = self._orders.next()
                if order is None:
                    self._kill(list(self._tasks))
                    _exit_now(0)
                self._follow(*order)

    def _follow(self, order: Json, descriptors: list[int]) -> None:
        if "kill" in order:
            self._kill([pid for pid, (name, _) in self._tasks.items() if name == order["kill"]])
            return
        task = cast("Json", order["task"])
        answers, end, errors = descriptors
        with self._guard.lifted():
            pid = os.fork()
        if not pid:
            self._do(task, answers, end, errors)
        self._tasks[pid] = (order["name"], end)
        os.close(answers)
        os.close(errors)

    def _do(self, task: Json, answers: int, end: int, errors: int) -> NoReturn:
        """In the fork: do a task."""
        try:
            end_with_parent()
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self._orders.close()
            for descriptor in (self._woken, self._waking, end, *self._ends()):
                os.close(descriptor)
            os.dup2(errors, 1)
            os.dup2(errors, 2)
            os.close(errors)
            _move_to(str(task["folder"]), self._guard)
            channel = Channel(task, os.fdopen(answers, "w", encoding="utf-8"))
            overlay = Overlay(cast("dict[str, object]", task["overlay"]))
            overlay.install()
            run_operation(self._operation, channel, self._guard, overlay)
        finally:
            _exit_now(1)

    def _ends(self) -> list[int]:
        return [end for _, end in self._tasks.values()]

    def _kill(self, pids: list[int]) -> None:
        for pid in pids:
            with self._guard.lifted(), suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _report_ended(self) -> None:
        while self._tasks:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            _, end = self._tasks.pop(pid)
            with suppress(OSError):  # nobody waits for it any more
                os.write(end, b"%d\n" % os.waitstatus_to_exitcode(status))
            os.close(end)


def _move_to(folder: str, guard: Guard) -> None:
    """Make a folder that of this process alone: for temporary files, and as home."""
    guard.allow_only(folder)
    os.environ["HOME"] = os.environ["TMPDIR"] = folder
    importlib.invalidate_caches()
    if "tempfile" in sys.modules:
        vars(sys.modules["tempfile"])["tempdir"] = None
