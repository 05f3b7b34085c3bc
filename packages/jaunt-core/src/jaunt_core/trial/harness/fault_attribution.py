"""Whose fault a failure is: the answer's, or that of the sandbox or the example."""

from __future__ import annotations

import linecache
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

_TEXT_LENGTH = 500
_ENVIRONMENTAL = (OSError, ImportError, EOFError, JauntError, KeyboardInterrupt)
"""Errors that may be due to the sandbox, which has no network, no files and no input."""

_ABSENCES = (FileNotFoundError, NotADirectoryError, ModuleNotFoundError, ConnectionError)
"""Errors that count as the sandbox's also where the answer raises them: it may look first."""

_LOOKING_UP = (os.__file__, "<frozen os>")
_NO_THREAD = "can't start new thread"


class Place(NamedTuple):
    """A file and a line of it."""

    path: str
    line: int


class FaultAttribution:
    """Judges whose fault exceptions are, by where they were raised."""

    def __init__(
        self, path: str, served: frozenset[str], guard: Guard, root: str, *, spec_path: str = ""
    ) -> None:
        self._path = path
        self._spec_path = spec_path
        self._served = served
        self._guard = guard
        self._root = root

    def start(self) -> None:
        """Forget what the sandbox refused so far."""
        self._guard.refusals.clear()

    @property
    def refused(self) -> str:
        """What the sandbox refused first since `start`, empty if nothing."""
        return self._guard.refusals[0] if self._guard.refusals else ""

    def is_environmental(self, error: BaseException) -> bool:
        """Whether an exception may be due to the sandbox, whichever code raised it."""
        if self.refused:
            return True
        for cause in _causes(error):
            is_own = self._is_raised_here(cause) and not isinstance(cause, _ABSENCES)
            if isinstance(cause, _ENVIRONMENTAL) and not is_own:
                return True
            if not isinstance(error, _ENVIRONMENTAL):
                break
        places = places_of(error.__traceback__)
        if isinstance(error, KeyError):  # a variable that is not set here
            return bool(places) and places[-1].path in _LOOKING_UP
        return self._is_lack_of_threads(error, places)

    def _is_raised_here(self, error: BaseException) -> bool:
        """Whether a `raise` statement of the answer raised an exception."""
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        if trace is None or trace.tb_frame.f_code.co_filename != self._path:
            return False
        code = trace.tb_frame.f_code.co_code
        return opcode.opname[code[trace.tb_lasti]] == "RAISE_VARARGS"

    def _is_lack_of_threads(self, error: BaseException, places: list[Place]) -> bool:
        """Whether a thread could not be started: the memory limit leaves no room for it."""
        if isinstance(error, MemoryError):
            return any(os.path.basename(place.path) == "threading.py" for place in places)  # noqa: PTH119
        is_thread_error = isinstance(error, RuntimeError) and str(error) == _NO_THREAD
        return is_thread_error and not self._is_raised_here(error)

    def line_of(self, error: BaseException) -> int:
        """The innermost line of the answer that an exception passed through, 0 if none."""
        lines = [place.line for place in places_of(error.__traceback__) if self._is_answer(place)]
        return lines[-1] if lines else 0

    def import_outcome(self, error: BaseException, *, lenient: bool = False) -> Json:
        """The outcome to send where the spec module, or the answer, cannot be imported.

        What is raised by lines of the spec module, perhaps by a decorator above a spec, is
        `suspected` to be the answer's. With `lenient` every exception that the sandbox may cause
        counts as caused by it: the run of pytest outside will show whether it is the answer's.
        """
        text = shortened(error_text(error))
        own_places = [place for place in places_of(error.__traceback__) if self.is_own(place.path)]
        is_excused = (lenient and isinstance(error, _ENVIRONMENTAL)) or self.is_environmental(error)
        if own_places and not is_excused:
            place = own_places[-1]
            if self._is_answer(place):
                return {"status": "failed", "got": text, "line": place.line}
            if place.path == self._spec_path:
                line = linecache.getline(place.path, place.line).strip()
                where = f"{os.path.basename(place.path)}:{place.line}: {line}"  # noqa: PTH119
                return {"status": "suspected", "got": f"{text} at {where}", "line": 0}
        return {"status": "unclear", "got": self.refused or text, "line": 0}

    def _is_answer(self, place: Place) -> bool:
        return place.path == self._path

    def is_own(self, path: str) -> bool:
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
    """The place of each call in a traceback, the outermost first."""
    return [Place(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(trace)]


def error_text(error: BaseException) -> str:
    """Type and message of an exception, as Python shows them."""
    kind = type(error)
    name = kind.__qualname__
    if kind.__module__ not in ("builtins", "__main__"):
        name = f"{kind.__module__}.{name}"
    try:
        text = str(error)
    except BaseException:  # noqa: BLE001 - user code may do anything in __str__
        text = "(its message cannot be shown)"
    return f"{name}: {text}" if text else name


def shortened(text: str) -> str:
    """The text, cut to a length that can be shown."""
    text = text if len(text) <= _TEXT_LENGTH else f"{text[:_TEXT_LENGTH]}…"
    return text.encode("utf-8", "backslashreplace").decode("utf-8")  # lone surrogates
