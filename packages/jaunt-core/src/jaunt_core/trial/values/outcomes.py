"""The outcomes of calls, in a form in which those of two versions can be compared."""

from __future__ import annotations

import re
import signal
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NamedTuple, NoReturn

from ..harness.calls import CallRunner
from ..harness.fault_attribution import error_text, shortened

_MOST_VALUES = 50
_CALL_SECONDS = 1.0
_TOO_LONG = f"does not end within {_CALL_SECONDS:g} s"
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")


class TooLong(BaseException):
    """A call did not end in time; no user code catches it by accident."""


class Outcome(NamedTuple):
    """What was returned or raised: its value, a comparable form, and a text to show."""

    value: object
    form: str
    text: str


def is_too_long(outcome: Outcome) -> bool:
    """Whether a call was ended because of its time."""
    return outcome.text == _TOO_LONG


class Outcomes:
    """Makes calls and compares their outcomes; the module names of the versions do not count."""

    def __init__(self, runner: CallRunner, versions: list[str]) -> None:
        self._runner = runner
        # The longer one first: it begins as the other does.
        self._versions = sorted(versions, key=len, reverse=True)

    def outcome_of(self, call: Callable[[], object]) -> Outcome:
        """Call, await, and iterate over up to 50 values of an iterator."""
        result = self._runner.call(lambda: self._timed(call))
        if result.error is not None:
            is_late = isinstance(result.error, TooLong)
            text = _TOO_LONG if is_late else f"raises {error_text(result.error)}"
            return Outcome(None, f"raised {self._plain(text)}", shortened(self._plain(text)))
        form = self._form(result.value, 0)
        return Outcome(result.value, form, f"returns {shortened(form)}")

    def _timed(self, call: Callable[[], object]) -> object:
        with _alarm():
            value = call()
            if hasattr(value, "__await__"):
                value = self._runner.wait_for(value)
            if isinstance(value, AsyncIterator):
                return self._runner.wait_for(_first_values(value))
            if isinstance(value, Iterator):
                return [element for element, _ in zip(value, range(_MOST_VALUES), strict=False)]
            return value

    def are_equal(self, first: Outcome, second: Outcome) -> bool:
        """Whether two outcomes are the same."""
        if first.form == second.form:
            return True
        if first.form.startswith("raised ") or second.form.startswith("raised "):
            return False
        if type(first.value).__qualname__ != type(second.value).__qualname__:
            return False
        try:
            return bool(first.value == second.value)
        except Exception:  # noqa: BLE001 - comparing is user code
            return False

    def _form(self, value: object, depth: int) -> str:
        if type(value).__repr__ is object.__repr__ and depth < 3:  # noqa: PLR2004 - enough to tell
            fields = getattr(value, "__dict__", {})
            shown = ", ".join(
                f"{name}={self._form(field, depth + 1)}" for name, field in fields.items()
            )
            return f"{type(value).__qualname__}({shown})"
        try:
            return self._plain(repr(value))
        except Exception as error:  # noqa: BLE001 - representing is user code
            return f"a {type(value).__qualname__} whose repr raises {type(error).__name__}"

    def _plain(self, text: str) -> str:
        for name in self._versions:
            text = text.replace(f"{name}.", "")
        return _ADDRESS.sub("", text)


async def _first_values(iterator: AsyncIterator[object]) -> list[object]:
    values: list[object] = []
    async for value in iterator:
        values.append(value)
        if len(values) == _MOST_VALUES:
            break
    return values


@contextmanager
def _alarm() -> Generator[None]:
    """Raise in the running code when the time is over, where the system can."""
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
