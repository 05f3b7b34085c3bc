"""The private pipe to the engine; what user code prints goes to standard error."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Self, TextIO, cast

Json = dict[str, object]


class Channel:
    """Has the task, and sends what is being done and its results, one JSON object a line."""

    def __init__(self, task: Json, answers: TextIO) -> None:
        self.task = task
        self._send = _sender(answers, str(task.pop("token")))

    @classmethod
    def of_process(cls) -> Self:
        """The channel of a process that was started for one task, which stands on its input."""
        # Descriptors 0 and 1 are turned away from the engine: user code that reads or prints,
        # in C too, can neither take the task nor write among the answers by accident.
        task = os.fdopen(os.dup(0), encoding="utf-8")
        answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(2, 1)
        with task:
            return cls(cast("Json", json.load(task)), answers)

    def begin(self, step: Json, *, seconds: float) -> None:
        """Say which step begins, and how long it may take."""
        self._send({"begin": step, "seconds": seconds})

    def record(self, result: Json) -> None:
        """Send one result."""
        self._send({"record": result})

    def done(self) -> None:
        """Say that all results are sent."""
        self._send({"done": True})

    def bug(self, text: str) -> None:
        """Report a failure of jaunt itself, with its traceback."""
        self._send({"bug": text})


def _sender(answers: TextIO, token: str) -> Callable[[Json], None]:
    """A function that sends messages.

    Only its closure holds the token, which shows that a message is ours and not user code's.
    """
    encode = json.JSONEncoder().encode  # user code may put something else in its place

    def send(message: Json) -> None:
        # ASCII on the wire: the locale of the machine cannot change the text.
        answers.write(f"{token} {encode(message)}\n")
        answers.flush()

    return send
