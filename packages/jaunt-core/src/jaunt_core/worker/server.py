"""Answer the engine's questions, one JSON object a line, until it hangs up."""

from __future__ import annotations

import faulthandler
import json
import os
import sys
import time
import traceback
from importlib.util import find_spec
from io import TextIOWrapper
from pathlib import Path
from typing import NoReturn, cast

from jaunt import registry

from .answer.candidate import CandidateReader, digest_of_body
from .contract.definitions import Json
from .discovery.discovery import Discovery
from .discovery.user_code_errors import UserCodeError
from .source.module_table import ModuleTable
from .splice.splice import splice_facts
from .splice.symbols import symbols_of

_exit_now = os._exit
_process = os.getpid()


class Channel:
    """The private pipe to the engine; what user code prints goes elsewhere."""

    def __init__(self) -> None:
        self._questions = _reopened(0, "r")
        self._answers = _reopened(1, "w")
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(2, 1)
        # A child that user code forks must not answer for us, nor keep the pipe open.
        os.register_at_fork(after_in_child=self._hang_up)

    def _hang_up(self) -> None:
        for stream in (self._questions, self._answers):
            stream.close()

    def receive(self) -> Json | None:
        """The next question, None when the engine has hung up."""
        line = self._questions.readline()
        return cast("Json", json.loads(line)) if line else None

    def send(self, message: Json) -> None:
        """Send one object."""
        # ASCII on the wire: the locale of the machine cannot change what is said.
        self._answers.write(json.dumps(message) + "\n")
        self._answers.flush()


def _reopened(descriptor: int, mode: str) -> TextIOWrapper:
    return cast("TextIOWrapper", os.fdopen(os.dup(descriptor), mode, encoding="utf-8"))


class Alarm:
    """Ends the process when user code hangs, its stack on standard error, line included.

    Setting it starts a thread, so what is set stays for what follows shortly after.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._set_at: float | None = None

    def set(self) -> None:
        """Allow nine tenths of the time at least, from now on."""
        now = time.monotonic()
        if self._set_at is None or now - self._set_at > self._seconds / 10:
            faulthandler.dump_traceback_later(self._seconds, exit=True)
            self._set_at = now

    def clear(self) -> None:
        """Let time pass."""
        if self._set_at is not None:
            faulthandler.cancel_dump_traceback_later()
            self._set_at = None


class Server:
    """Holds what one run needs between questions."""

    def __init__(self, channel: Channel, start: Json) -> None:
        registry.begin_discovery()  # whatever is imported here must find no generated code
        self._channel = channel
        self._alarm = Alarm(float(cast("float", start["time_limit"])))
        root = Path(str(start["root"]))
        prefix = [Path(str(item)) for item in cast("list[str]", start["prefix"])]
        sys.path[:0] = [str(item) for item in prefix]
        table = ModuleTable(prefix, generated_dir=str(start["generated_dir"]))
        self._table = table
        self._discovery = Discovery(root=root, table=table, watch=self._watch)
        self._candidates = CandidateReader(table, generated_dir=str(start["generated_dir"]))

    def _lint(self, name: str) -> list[Json]:
        from .lint.lint_reader import LintReader  # noqa: PLC0415 - one command in many asks for it

        module = self._table.find(name)
        return LintReader(self._table, module).facts_of() if module else []

    def _watch(self, path: str | None) -> None:
        if path is None:
            self._alarm.clear()
        else:
            self._channel.send({"importing": path})
            self._alarm.set()

    def _tell(self, facts: Json) -> None:
        self._channel.send({"part": facts})

    def rest(self) -> None:
        """Wait for the next question, however long it takes to come."""
        self._alarm.clear()

    def answer(self, question: Json) -> Json:
        """The answer to one question."""
        operation = question["op"]
        if operation == "discover":
            listed = cast("list[Json]", question["modules"])
            known = cast("list[str]", question["known"])
            return self._discovery.facts_of(listed, known, self._tell)
        if operation == "inspect":
            self._alarm.set()
            return self._candidates.facts_of(question)
        if operation == "splice":
            return splice_facts(question)
        if operation == "lint":
            return {"specs": self._lint(str(question["module"]))}
        if operation == "symbols":
            texts = cast("list[str]", question["texts"])
            return {"symbols": [symbols_of(text) for text in texts]}
        if operation == "bodies":
            texts = cast("list[str]", question["texts"])
            return {"digests": [digest_of_body(text) for text in texts]}
        if operation == "find":
            self._alarm.set()
            return {"exists": find_spec(str(question["module"])) is not None}
        raise ValueError(f"unknown operation {operation!r}")


def serve() -> NoReturn:
    """Read questions until the channel closes, then leave without waiting for user threads."""
    channel = Channel()
    faulthandler.enable()
    setattr(os, "_exit", _refuse_to_exit)  # noqa: B010 - user code must not end us silently
    start = channel.receive()
    if start is not None:
        channel.send({"python": ".".join(map(str, sys.version_info[:3]))})
        server = Server(channel, start)
        while (question := channel.receive()) is not None:
            channel.send(_guarded(server, question))
            server.rest()  # after the answer: it takes as long as many answers do
    _exit_now(0)


def _guarded(server: Server, question: Json) -> Json:
    try:
        return {"answer": server.answer(question)}
    except UserCodeError as failure:
        return {"failure": failure.as_json()}
    except Exception:  # noqa: BLE001 - ours: sent on with its traceback, so that it can be reported
        return {"bug": traceback.format_exc()}


def _refuse_to_exit(status: int) -> NoReturn:
    if os.getpid() != _process:  # a child that user code forked may go
        _exit_now(status)
    raise SystemExit(status)
