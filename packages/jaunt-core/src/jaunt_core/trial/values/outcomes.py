"""What a call comes to, in a form that two versions can be compared by."""

from __future__ import annotations

import re
import signal
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NamedTuple, NoReturn

from ..harness.calls import Session
from ..harness.fault_attribution import shortened, words_of

_MOST_ITEMS = 50
_CALL_SECONDS = 1.0
_TOO_LONG = f"does not end within {_CALL_SECONDS:g} s"
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")


class TooLong(BaseException):
    """A call did not end in time; no user code catches it by accident."""


class Outcome(NamedTuple):
    """What was returned or raised; `words` tell it."""

    value: object
    form: str
    words: str


def is_too_long(outcome: Outcome) -> bool:
    """Whether a call was ended."""
    return outcome.words == _TOO_LONG


class Outcomes:
    """Makes calls and compares what they come to; names of versions do not count."""

    def __init__(self, session: Session, versions: list[str]) -> None:
        self._session = session
        # The longer one first: it begins as the other does.
        self._versions = sorted(versions, key=len, reverse=True)

    def of(self, call: Callable[[], object]) -> Outcome:
        """Call, await and drain; up to so many items of what yields."""
        ended = self._session.call(lambda: self._timed(call))
        if ended.error is not None:
            is_late = isinstance(ended.error, TooLong)
            words = _TOO_LONG if is_late else f"raises {words_of(ended.error)}"
            return Outcome(None, f"raised {self._plain(words)}", shortened(self._plain(words)))
        form = self._form(ended.value, 0)
        return Outcome(ended.value, form, f"returns {shortened(form)}")

    def _timed(self, call: Callable[[], object]) -> object:
        with _alarm():
            value = call()
            if hasattr(value, "__await__"):
                value = self._session.awaited(value)
            if isinstance(value, AsyncIterator):
                return self._session.awaited(_items(value))
            if isinstance(value, Iterator):
                return [item for item, _ in zip(value, range(_MOST_ITEMS), strict=False)]
            return value

    def same(self, one: Outcome, other: Outcome) -> bool:
        """Whether two outcomes are the same."""
        if one.form == other.form:
            return True
        if one.form.startswith("raised ") or other.form.startswith("raised "):
            return False
        if type(one.value).__qualname__ != type(other.value).__qualname__:
            return False
        try:
            return bool(one.value == other.value)
        except Exception:  # noqa: BLE001 - comparing is user code
            return False

    def _form(self, value: object, depth: int) -> str:
        if type(value).__repr__ is object.__repr__ and depth < 3:  # noqa: PLR2004 - enough to tell
            inside = getattr(value, "__dict__", {})
            fields = ", ".join(
                f"{name}={self._form(item, depth + 1)}" for name, item in inside.items()
            )
            return f"{type(value).__qualname__}({fields})"
        try:
            return self._plain(repr(value))
        except Exception as error:  # noqa: BLE001 - representing is user code
            return f"a {type(value).__qualname__} whose repr raises {type(error).__name__}"

    def _plain(self, text: str) -> str:
        for name in self._versions:
            text = text.replace(f"{name}.", "")
        return _ADDRESS.sub("", text)


async def _items(value: AsyncIterator[object]) -> list[object]:
    items: list[object] = []
    async for item in value:
        items.append(item)
        if len(items) == _MOST_ITEMS:
            break
    return items


@contextmanager
def _alarm() -> Generator[None]:
    """Raise in whatever runs when the time is over, where the system can."""
    if not hasattr(signal, "setitimer"):
        yield
        return
    signal.signal(signal.SIGALRM, _ring)
    signal.setitimer(signal.ITIMER_REAL, _CALL_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _ring(_number: int, _frame: FrameType | None) -> NoReturn:
    raise TooLong
