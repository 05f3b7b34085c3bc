"""Whose fault a failure is: the answer's, or that of what it was tried with."""

from __future__ import annotations

import opcode
import os
import site
import sys
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import NamedTuple

from jaunt import JauntError

from .guard import Guard

Json = dict[str, object]

_WORDS = 500
_CIRCUMSTANCES = (OSError, ImportError, EOFError, JauntError, KeyboardInterrupt)
"""What an answer may raise because the sandbox has no network, no files and no input."""

_NOT_THERE = (FileNotFoundError, NotADirectoryError, ModuleNotFoundError, ConnectionError)
"""What code that looks first would raise itself, where the sandbox lacks what an example needs."""

_LOOKING_UP = (os.__file__, "<frozen os>")
_NO_THREAD = "can't start new thread"


class Place(NamedTuple):
    """A file and a line of it."""

    path: str
    line: int


class Blame:
    """Judges exceptions by where they were raised."""

    def __init__(self, path: str, served: frozenset[str], guard: Guard, root: str) -> None:
        self._path = path
        self._served = served
        self._guard = guard
        self._root = root

    def start(self) -> None:
        """Forget what the sandbox refused so far."""
        self._guard.refusals.clear()

    @property
    def refused(self) -> str:
        """What the sandbox refused since the start, empty if nothing."""
        return self._guard.refusals[0] if self._guard.refusals else ""

    def is_circumstance(self, error: BaseException) -> bool:
        """Whether an exception may be due to the sandbox, whoever raised it."""
        if self.refused:
            return True
        for cause in _causes(error):
            is_own = self._is_raised_here(cause) and not isinstance(cause, _NOT_THERE)
            if isinstance(cause, _CIRCUMSTANCES) and not is_own:
                return True
            if not isinstance(error, _CIRCUMSTANCES):
                break
        places = places_of(error.__traceback__)
        if isinstance(error, KeyError):  # a variable that is not set here
            return bool(places) and places[-1].path in _LOOKING_UP
        return self._is_want_of_threads(error, places)

    def _is_raised_here(self, error: BaseException) -> bool:
        """Whether a `raise` of the answer is where an exception comes from."""
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        if trace is None or trace.tb_frame.f_code.co_filename != self._path:
            return False
        code = trace.tb_frame.f_code.co_code
        return opcode.opname[code[trace.tb_lasti]] == "RAISE_VARARGS"

    def _is_want_of_threads(self, error: BaseException, places: list[Place]) -> bool:
        """Whether no thread can be started, for which memory is too short here."""
        if isinstance(error, MemoryError):
            return any(os.path.basename(place.path) == "threading.py" for place in places)  # noqa: PTH119
        is_told = isinstance(error, RuntimeError) and str(error) == _NO_THREAD
        return is_told and not self._is_raised_here(error)

    def line_of(self, error: BaseException) -> int:
        """The last line of the answer that an exception passed through, 0 if none."""
        lines = [place.line for place in places_of(error.__traceback__) if self._is_answer(place)]
        return lines[-1] if lines else 0

    def of_import(self, error: BaseException, *, lenient: bool = False) -> Json:
        """What it means that the spec module, or the answer, cannot be imported.

        A `lenient` judge takes every circumstance for the sandbox's: pytest itself will tell.
        """
        said = shortened(words_of(error))
        own = [place for place in places_of(error.__traceback__) if self._is_own(place.path)]
        is_excused = (lenient and isinstance(error, _CIRCUMSTANCES)) or self.is_circumstance(error)
        if own and self._is_answer(own[-1]) and not is_excused:
            return {"status": "failed", "got": said, "line": own[-1].line}
        return {"status": "unclear", "got": self.refused or said, "line": 0}

    def _is_answer(self, place: Place) -> bool:
        return place.path == self._path

    def _is_own(self, path: str) -> bool:
        """Whether a file belongs to the project: neither installed nor part of Python."""
        foreign = (sys.prefix, sys.base_prefix, *site.getsitepackages())
        if path in self._served:
            return True
        inside = path.startswith(os.path.join(self._root, ""))  # noqa: PTH118 - a plain prefix
        return inside and not any(
            path.startswith(folder) for folder in foreign if not self._root.startswith(folder)
        )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An exception, and those that it was raised because of."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__ or cause.__context__


def places_of(trace: TracebackType | None) -> list[Place]:
    """Where each call of a traceback stands, the outermost first."""
    return [Place(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(trace)]


def words_of(error: BaseException) -> str:
    """Type and message of an exception, as Python shows them."""
    kind = type(error)
    name = kind.__qualname__
    if kind.__module__ not in ("builtins", "__main__"):
        name = f"{kind.__module__}.{name}"
    try:
        said = str(error)
    except Exception:  # noqa: BLE001 - user code may do anything in __str__
        said = "(its message cannot be shown)"
    return f"{name}: {said}" if said else name


def shortened(text: str) -> str:
    """A text of bearable length."""
    return text if len(text) <= _WORDS else f"{text[:_WORDS]}…"
