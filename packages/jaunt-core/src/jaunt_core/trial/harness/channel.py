"""The private pipe to the engine; what user code prints goes elsewhere."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import TextIO, cast

Json = dict[str, object]


class Channel:
    """Reads the task, and says what is being done and what was found, one JSON object a line."""

    def __init__(self) -> None:
        task = os.fdopen(os.dup(0), encoding="utf-8")
        answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(2, 1)
        with task:
            self.task = cast("Json", json.load(task))
        self._send = _sender(answers, str(self.task.pop("token")))

    def begin(self, what: Json, *, seconds: float) -> None:
        """Say what begins, and how long it may take."""
        self._send({"begin": what, "seconds": seconds})

    def found(self, what: Json) -> None:
        """Say what was found."""
        self._send({"found": what})

    def done(self) -> None:
        """Say that nothing follows."""
        self._send({"done": True})

    def bug(self, text: str) -> None:
        """Say that we failed ourselves, and how."""
        self._send({"bug": text})


def _sender(answers: TextIO, token: str) -> Callable[[Json], None]:
    """What sends a message; the token shows that it is ours, and is kept nowhere else."""

    def send(message: Json) -> None:
        # ASCII on the wire: the locale of the machine cannot change what is said.
        answers.write(f"{token} {json.dumps(message)}\n")
        answers.flush()

    return send
