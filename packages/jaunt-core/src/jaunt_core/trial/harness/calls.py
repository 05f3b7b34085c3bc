"""Calls of user code, one after the other: what they print, return and raise."""

from __future__ import annotations

import io
import sys
from collections.abc import AsyncIterable, Callable, Iterable
from typing import NamedTuple

from .fault_attribution import Blame

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from doctest import Example

Namespace = dict[str, object]


class Ended(NamedTuple):
    """How a call ended."""

    value: object
    printed: str
    error: BaseException | None


class Shown(NamedTuple):
    """The examples of one docstring that ran, and the namespace in which they did."""

    owner: str
    examples: list[Example]
    names: Namespace


class Session:
    """Runs user code so that nothing it prints or sets gets lost or stays."""

    def __init__(self, blame: Blame) -> None:
        self._blame = blame
        self._loop: asyncio.Runner | None = None

    def call(self, function: Callable[[], object]) -> Ended:
        """Call a function; what it returns is awaited where that is possible."""
        self._blame.start()
        output, kept = io.StringIO(), (sys.stdout, sys.displayhook)
        sys.stdout, sys.displayhook = output, sys.__displayhook__
        value, error = None, None
        try:
            value = function()
            if hasattr(value, "__await__"):
                value = self.awaited(value)
        except BaseException as raised:  # noqa: BLE001 - user code may raise anything
            error = raised
        finally:
            sys.stdout, sys.displayhook = kept
        return Ended(value, "" if output.closed else output.getvalue(), error)

    def drained(self, value: object, most: int) -> None:
        """Take up to so many items of what has some, synchronous or not; else do nothing."""
        if isinstance(value, AsyncIterable):
            self.awaited(_take(value, most))
        elif isinstance(value, Iterable):
            for _, _ in zip(range(most), value, strict=False):
                pass

    def close(self) -> None:
        """End what was left running."""
        if self._loop is not None:
            self._loop.close()

    def awaited(self, value: object) -> object:
        """What something that can be awaited comes to."""
        import asyncio  # noqa: PLC0415 - costly, and rarely needed

        if self._loop is None:
            self._loop = asyncio.Runner()

        async def wait() -> object:
            return await value  # ty: ignore[invalid-await]

        return self._loop.run(wait())


async def _take(value: object, most: int) -> None:
    left = most
    async for _ in value:  # ty: ignore[not-iterable]
        left -= 1
        if not left:
            return
