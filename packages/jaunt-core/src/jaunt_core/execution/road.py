"""Faults of the road: the same request again, later, within bounds, outside the attempts."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from jaunt_core.errors import BackendError

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Road:
    """How often and how long a request is tried again.

    Attributes:
        tries: How many times a request is sent at most.
        first_delay: Seconds before the second try; doubled each time, with jitter.
        longest_delay: Seconds that a single wait may take; a provider that asks for more ends it.
        sleep: What waits.
        spread: A number from 0 to 1, drawn for each wait.
    """

    tries: int = 5
    first_delay: float = 1.0
    longest_delay: float = 60.0
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    spread: Callable[[], float] = random.random

    def delay_after(self, error: BackendError, tried: int) -> float | None:
        """Seconds to wait before the next try; None where there is no point in one."""
        if not error.kind.retryable or tried >= self.tries:
            return None
        if error.retry_after is not None:
            return error.retry_after if error.retry_after <= self.longest_delay else None
        backoff = min(self.first_delay * 2 ** (tried - 1), self.longest_delay)
        return backoff * (0.5 + self.spread() / 2)

    async def send(
        self, request: Callable[[], Awaitable[Answer]], on_delay: Callable[[str, float], None]
    ) -> Answer:
        """The answer to a request, sent again while that may help.

        Raises:
            BackendError: The last fault, when no further try is left or of use.
        """
        tried = 0
        while True:
            tried += 1
            try:
                return await request()
            except BackendError as error:
                delay = self.delay_after(error, tried)
                if delay is None:
                    raise
                on_delay(f"{error.kind}: {error.args[0]}", delay)
                await self.sleep(delay)


__all__ = ["Road"]
