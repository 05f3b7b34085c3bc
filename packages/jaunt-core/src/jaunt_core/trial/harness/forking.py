"""Work in a fork of this process, which ends without a trace."""

from __future__ import annotations

import json
import os
import select
import signal
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import cast

from .guard import Guard

Json = dict[str, object]

_exit_now = os._exit


class Forked:
    """A fork that says something while it works."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._write: Callable[[Json], None] = _say_nothing

    def say(self, what: Json) -> None:
        """In the fork: tell something, one JSON object a line."""
        self._write(what)

    def run(self, work: Callable[[Forked], None], seconds: float) -> tuple[list[Json], bool]:
        """What a fork says while it works, and whether it came to its end in time.

        Raises:
            RuntimeError: The work itself failed, which is a mistake of ours.
        """
        reading, writing = os.pipe()
        token = os.urandom(16).hex().encode() + b" "  # what tests write into the pipe has it not
        with self._guard.lifted():
            number = os.fork()
        if not number:
            os.close(reading)
            self._write = _writer(writing, token)
            self._work(work)
        os.close(writing)
        try:
            text = _read(reading, token, seconds)
        finally:
            os.close(reading)
            with self._guard.lifted(), suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
            os.waitpid(number, 0)
        lines = [line for line in text.splitlines() if line.endswith(b"}")]
        said = [
            cast("Json", json.loads(line.removeprefix(token)))
            for line in lines
            if line.startswith(token)
        ]
        for item in said:
            if "bug" in item:
                raise RuntimeError(item["bug"])
        is_done = bool(said) and "done" in said[-1]
        return [item for item in said if "done" not in item], is_done

    def _work(self, work: Callable[[Forked], None]) -> None:
        try:
            work(self)
        except Exception:  # noqa: BLE001 - ours: sent on, so that it can be reported
            self.say({"bug": traceback.format_exc()})
        else:
            self.say({"done": True})
        finally:
            _exit_now(0)


def _say_nothing(_what: Json) -> None:
    """Outside of the fork nobody listens."""


def _writer(descriptor: int, token: bytes) -> Callable[[Json], None]:
    def write(what: Json) -> None:
        os.write(descriptor, _line(token, what))

    return write


def _line(token: bytes, what: Json) -> bytes:
    return token + json.dumps(what).encode() + b"\n"


def _read(descriptor: int, token: bytes, seconds: float) -> bytes:
    """All that comes before the other end is closed, or the time is up."""
    until = time.monotonic() + seconds
    text = b""
    while True:
        left = max(0.0, until - time.monotonic())
        readable, _, _ = select.select([descriptor], [], [], left)
        chunk = os.read(descriptor, 65536) if readable else b""
        if not chunk:
            return text
        text += chunk
        if text.endswith(_line(token, {"done": True})):  # what it left running may hold the pipe
            return text
