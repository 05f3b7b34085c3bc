"""Run calls of user code one after the other, and say what they print, return and raise."""

from __future__ import annotations

import io
import sys
from collections.abc import AsyncIterable, Callable, Iterable
from typing import NamedTuple

from .fault_attribution import FaultAttribution

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from doctest import Example

Namespace = dict[str, object]

_MOST_PRINTED = 2**20
_RESERVE_BYTES = 2**22
"""Memory for the judgement of a call that has used up all the rest."""


class CallResult(NamedTuple):
    """What a call returned or raised, and what it printed."""

    value: object
    printed: str
    error: BaseException | None


class ShownExamples(NamedTuple):
    """The examples of one docstring that ran, and their namespace."""

    owner: str
    examples: list[Example]
    names: Namespace


class CallRunner:
    """Runs user code: what it prints is caught, and its output streams are put back."""

    def __init__(self, attribution: FaultAttribution) -> None:
        self._attribution = attribution
        self._loop: asyncio.Runner | None = None
        self._reserve = bytearray(_RESERVE_BYTES)

    @property
    def is_exhausted(self) -> bool:
        """Whether user code has used up the memory, and may hold it."""
        return not self._reserve

    def call(self, function: Callable[[], object], *, keep: bool = False) -> CallResult:
        """Call a function; what it returns is awaited where that is possible.

        With `keep`, what the sandbox refused before is not forgotten.
        """
        if not keep:
            self._attribution.start()
        output, previous = _Output(), (sys.stdout, sys.displayhook)
        sys.stdout, sys.displayhook = output, sys.__displayhook__
        value, error = None, None
        try:
            value = function()
            if hasattr(value, "__await__"):
                value = self.wait_for(value)
        except BaseException as raised:  # noqa: BLE001 - user code may raise anything
            error = raised
            if isinstance(raised, MemoryError):
                self._reserve.clear()
        finally:
            sys.stdout, sys.displayhook = previous
        return CallResult(value, "" if output.closed else output.getvalue(), error)

    def drain(self, value: object, limit: int) -> None:
        """Iterate over up to `limit` values of an iterable, synchronous or not; else do nothing."""
        if isinstance(value, AsyncIterable):
            self.wait_for(_drain_async(value, limit))
        elif isinstance(value, Iterable):
            for _, _ in zip(range(limit), value, strict=False):
                pass

    def close(self) -> None:
        """End what is still running in the event loop."""
        if self._loop is not None:
            self._loop.close()

    def wait_for(self, value: object) -> object:
        """The result of an awaitable."""
        import asyncio  # noqa: PLC0415 - costly, and rarely needed

        if self._loop is None:
            self._loop = asyncio.Runner()

        async def wait() -> object:
            return await value  # ty: ignore[invalid-await]

        return self._loop.run(wait())


class _Output(io.StringIO):
    """What was printed, up to a limit: more than that is dropped."""

    def write(self, text: str, /) -> int:
        """Add a text, and return its length."""
        if self.tell() < _MOST_PRINTED:
            super().write(text[:_MOST_PRINTED])
        return len(text)


async def _drain_async(value: object, limit: int) -> None:
    remaining = limit
    async for _ in value:  # ty: ignore[not-iterable]
        remaining -= 1
        if not remaining:
            return
