"""When a request is sent again after a fault, and how long to wait before it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from jaunt_core.errors import BackendError, FaultKind


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often and how long a request is tried again, outside of the attempts.

    Attributes:
        tries: How many times a request is sent at most.
        first_delay: Seconds before the second try; doubled each time, with jitter.
        limited_tries: As `tries`, for a request that a rate limit turns away: a limit per minute
            is to be outlasted.
        limited_delay: As `first_delay`, after a rate limit that names no time; made longer by
            half each time.
        longest_delay: Seconds that a single wait may take; a provider that asks for more ends it.
        sleep: What waits.
        spread: A number from 0 to 1, drawn for each wait.
    """

    tries: int = 5
    first_delay: float = 1.0
    limited_tries: int = 24
    limited_delay: float = 0.5
    longest_delay: float = 60.0
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    spread: Callable[[], float] = random.random

    def delay_after(
        self, error: BackendError, tried: int, *, refused_in_a_row: int
    ) -> float | None:
        """Seconds to wait before the next try; None where there is no point in one.

        Args:
            error: What happened to the last try.
            tried: How often the request was sent.
            refused_in_a_row: How many requests in a row a rate limit has turned away, whosever
                they were: while others get through, waiting longer would only waste time.
        """
        is_limited = error.kind is FaultKind.RATE_LIMIT
        if not error.kind.retryable:
            return None
        if tried >= (self.limited_tries if is_limited else self.tries):
            return None
        asked_for = error.retry_after or 0.0
        if asked_for > self.longest_delay:
            return None
        first, growth, times = self.first_delay, 2.0, tried - 1
        if is_limited:
            first, growth = self.limited_delay, 1.5
            times = max(min(tried, refused_in_a_row), tried // 2, 1) - 1
        backoff = min(first * growth**times, self.longest_delay) * (0.5 + self.spread() / 2)
        # A server that says 0 must not have its limit run against by everybody at full speed.
        return max(asked_for, backoff)
