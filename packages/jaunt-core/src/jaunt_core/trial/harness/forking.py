"""Run work in a fork of this process, so that nothing that it does stays."""

from __future__ import annotations

import json
import os
import select
import signal
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn, cast

from .guard import Guard
from .kinship import end_with_parent

Json = dict[str, object]

_exit_now = os._exit


class Fork:
    """A fork of this process that sends messages while it works."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._write: Callable[[Json], None] = _send_nothing

    def send(self, message: Json) -> None:
        """In the fork: send a message, one JSON object a line."""
        self._write(message)

    def run(self, work: Callable[[Fork], None], seconds: float) -> tuple[list[Json], bool]:
        """Run work in a fork; return its messages, and whether it ended by itself in time.

        Raises:
            RuntimeError: The work itself failed, which is a mistake of ours.
        """
        result = self.branch(seconds)
        if result is None:
            self.finish(work)
        return result

    def branch(self, seconds: float) -> tuple[list[Json], bool] | None:
        """Fork here: None in the fork, which has to `finish`; else what `run` returns.

        Raises:
            RuntimeError: What the fork did failed, which is a mistake of ours.
        """
        reading, writing = os.pipe()
        token = os.urandom(16).hex().encode() + b" "  # what tests write into the pipe has it not
        with self._guard.lifted():
            pid = os.fork()
        if not pid:
            os.close(reading)
            end_with_parent()
            self._write = _writer(writing, token)
            return None
        os.close(writing)
        try:
            received = _read(reading, token, seconds)
        finally:
            os.close(reading)
            with self._guard.lifted(), suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        lines = [line for line in received.splitlines() if line.endswith(b"}")]
        messages = [
            cast("Json", json.loads(line.removeprefix(token)))
            for line in lines
            if line.startswith(token)
        ]
        for message in messages:
            if "bug" in message:
                raise RuntimeError(message["bug"])
        is_done = bool(messages) and "done" in messages[-1]
        return [message for message in messages if "done" not in message], is_done

    def finish(self, work: Callable[[Fork], None]) -> NoReturn:
        """In the fork: do some last work, and end."""
        try:
            work(self)
            self.send({"done": True})
        except MemoryError:  # what user code has left of it may be too little
            _exit_now(1)
        except Exception:  # noqa: BLE001 - ours: sent on, so that it can be reported
            self.send({"bug": traceback.format_exc()})
        finally:
            _exit_now(0)


def _send_nothing(_message: Json) -> None:
    """Do nothing: outside of the fork there is nobody to send to."""


def _writer(descriptor: int, token: bytes) -> Callable[[Json], None]:
    def write(message: Json) -> None:
        os.write(descriptor, _line(token, message))

    return write


def _line(token: bytes, message: Json) -> bytes:
    return token + json.dumps(message).encode() + b"\n"


def _read(descriptor: int, token: bytes, seconds: float) -> bytes:
    """All that arrives before the other end is closed, or the time is up."""
    until = time.monotonic() + seconds
    received = b""
    while True:
        remaining = max(0.0, until - time.monotonic())
        readable, _, _ = select.select([descriptor], [], [], remaining)
        chunk = os.read(descriptor, 65536) if readable else b""
        if not chunk:
            return received
        received += chunk
        # Not only the end of the pipe counts: what the fork leaves running may hold it.
        if received.endswith(_line(token, {"done": True})):
            return received
