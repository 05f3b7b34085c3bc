"""Answer the questions of the engine, one JSON object a line, until it hangs up."""

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
from .splice.owners import owners_in
from .splice.splice import splice_facts
from .splice.symbols import symbols_of

_exit_now = os._exit
_pid = os.getpid()


class Channel:
    """The private pipe to the engine; what user code prints goes to standard error instead."""

    def __init__(self) -> None:
        self._questions = _reopened(0, "r")
        self._answers = _reopened(1, "w")
        # From here on user code that reads gets nothing, and what it prints is no answer of ours.
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
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
        # ASCII only, as `json` writes by default: no encoding or locale can change it.
        self._answers.write(json.dumps(message) + "\n")
        self._answers.flush()


def _reopened(descriptor: int, mode: str) -> TextIOWrapper:
    return cast("TextIOWrapper", os.fdopen(os.dup(descriptor), mode, encoding="utf-8"))


class Watchdog:
    """Ends the process when user code hangs, and writes its stack to standard error.

    Setting it starts a thread, so it is not set anew for what follows shortly after.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._set_at: float | None = None

    def set(self) -> None:
        """Allow user code at least nine tenths of the time from now on."""
        now = time.monotonic()
        if self._set_at is None or now - self._set_at > self._seconds / 10:
            faulthandler.dump_traceback_later(self._seconds, exit=True)
            self._set_at = now

    def clear(self) -> None:
        """Set no limit any more."""
        if self._set_at is not None:
            faulthandler.cancel_dump_traceback_later()
            self._set_at = None


class Server:
    """Answers the questions of one run, and keeps what it reads from one to the next."""

    def __init__(self, channel: Channel, start: Json) -> None:
        registry.begin_discovery()  # whatever is imported from now on finds no generated code
        self._channel = channel
        self._watchdog = Watchdog(float(cast("float", start["time_limit"])))
        root = Path(str(start["root"]))
        prefix = list(map(Path, cast("list[str]", start["prefix"])))
        sys.path[:0] = map(str, prefix)
        folder = str(start["generated_dir"])
        self._table = ModuleTable(prefix, generated_dir=folder)
        self._discovery = Discovery(root=root, table=self._table, watch=self._watch)
        self._candidates = CandidateReader(self._table, generated_dir=folder)

    def _lint(self, name: str) -> Json:
        from .lint.lint_reader import LintReader  # noqa: PLC0415 - one command in many asks for it

        module = self._table.find(name)
        return LintReader(self._table, module).facts() if module else {"specs": []}

    def _watch(self, path: str | None) -> None:
        if path is None:
            self._watchdog.clear()
        else:
            self._channel.send({"importing": path})
            self._watchdog.set()

    def pause(self) -> None:
        """Set no time limit until the next question."""
        self._watchdog.clear()

    def answer(self, question: Json) -> Json:
        """Answer one question.

        Raises:
            UserCodeError: The project's code fails.
        """
        operation = question["op"]
        if operation == "discover":
            listed = cast("list[Json]", question["modules"])
            known = cast("list[str]", question["known"])
            return self._discovery.facts_of(
                listed, known, lambda facts: self._channel.send({"part": facts})
            )
        if operation == "inspect":
            self._watchdog.set()
            return self._candidates.facts_of(question)
        if operation == "splice":
            return splice_facts(question)
        if operation == "owners":
            names = cast("list[str]", question["names"])
            return {"owners": owners_in(str(question["source"]), names)}
        if operation == "lint":
            return self._lint(str(question["module"]))
        if operation == "symbols":
            return {"symbols": list(map(symbols_of, cast("list[str]", question["texts"])))}
        if operation == "bodies":
            return {"digests": list(map(digest_of_body, cast("list[str]", question["texts"])))}
        if operation == "find":
            self._watchdog.set()
            return {"exists": find_spec(str(question["module"])) is not None}
        raise ValueError(f"unknown operation {operation!r}")


def serve() -> NoReturn:
    """Answer questions until the channel closes, then exit without waiting for user threads."""
    channel = Channel()
    faulthandler.enable()
    setattr(os, "_exit", _refuse_to_exit)  # noqa: B010 - user code must not end the worker silently
    start = channel.receive()
    if start is not None:
        channel.send({"python": ".".join(map(str, sys.version_info[:3]))})
        server = Server(channel, start)
        while (question := channel.receive()) is not None:
            channel.send(_answer_or_failure(server, question))
            server.pause()  # after sending: clearing takes as long as many answers do
    _exit_now(0)


def _answer_or_failure(server: Server, question: Json) -> Json:
    try:
        return {"answer": server.answer(question)}
    except UserCodeError as failure:
        return {"failure": failure.as_json()}
    except Exception:  # noqa: BLE001 - a bug of jaunt: its traceback is for the report
        return {"bug": traceback.format_exc()}


def _refuse_to_exit(status: int) -> NoReturn:
    if os.getpid() != _pid:  # a child that user code forked may go
        _exit_now(status)
    raise SystemExit(status)
