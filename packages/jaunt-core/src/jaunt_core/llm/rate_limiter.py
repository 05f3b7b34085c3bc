"""Limit how fast a model is asked: as fast as it answers, as far as its provider allows."""

from __future__ import annotations

import asyncio
import math

_LEAST_MEASURED = 3
"""Requests let through between two refusals that tell a rate; fewer may be chance."""

_LEAST_SECONDS = 0.001

_FIRST_RATE = 100.0
"""Requests per second, from which the search for the right rate begins downwards."""

_LEAST_SHARE = 0.125
"""Of the rate that is known, to which the rate falls while nothing gets through: each request
waits longer and longer by itself then."""

_LEAST_RATE = 1.0
"""Requests per second, below which nothing is learnt: it may be that few had anything to ask."""

_GROWTH = 0.001
"""How much the rate grows with the n-th request in a row that is let through: n times this."""


class RateLimiter:
    """Lets requests to one model go, in the order of their coming.

    Until the provider refuses one because of a rate limit, all go at once. Then the provider's
    own rate is found: it is what was let through between two refusals. The rate grows again with
    every answer, the faster the longer nothing was refused, so that a limit that was lifted is
    noticed, at the price of a refusal now and then. How many requests are open at one time
    follows from the rate and from the time that answers take.
    """

    def __init__(self) -> None:
        self._rate = math.inf  # per second
        self._known = math.inf  # the rate that was measured last, grown since
        self._next = -math.inf
        self._queue = asyncio.Lock()
        self._slowed = -math.inf
        self._measured_from = -math.inf
        self._let_through = 0
        self._answered_in_a_row = 0
        self.refused_in_a_row = 0
        """How many refusals in a row there were, by requests sent one after the other."""

    async def wait_for_turn(self) -> float:
        """Wait until a request may go; the time at which it does, to be told with its end."""
        loop = asyncio.get_running_loop()
        async with self._queue:
            while (pause := self._next - loop.time()) > 0:  # noqa: ASYNC110 - it may grow meanwhile
                await asyncio.sleep(pause)
            now = loop.time()
            self._next = now + 1 / self._rate
            if self._measured_from == -math.inf:
                self._measured_from = now
            self._let_through += 1
            return now

    def note_answered(self) -> None:
        """Take note that a request was answered."""
        self._answered_in_a_row += 1
        self.refused_in_a_row = 0
        # Up to the rate that was measured it may grow fast; above it each step risks a refusal.
        if self._rate < self._known:
            self._rate = min(2 * self._rate, self._known)
        else:
            self._rate *= 1 + _GROWTH * self._answered_in_a_row
            self._known = self._rate

    def note_refused(self, sent: float) -> None:
        """Take note that a request that went at `sent` met a rate limit."""
        if sent >= self._measured_from:
            self._let_through -= 1  # it was counted when it went
        if sent < self._slowed:
            return  # it went at the speed that was found too fast already
        self.refused_in_a_row += 1
        self._answered_in_a_row = 0
        self._slow_down(asyncio.get_running_loop().time())

    def _slow_down(self, now: float) -> None:
        if self._let_through >= _LEAST_MEASURED:
            seconds = max(now - self._measured_from, _LEAST_SECONDS)
            measured = self._let_through / seconds
            # What was let through is the least that the limit can be, the own rate the most: their
            # geometric mean errs by the same factor either way.
            known = measured if math.isinf(self._known) else math.sqrt(measured * self._known)
            self._known = max(known, _LEAST_RATE)
            self._rate = self._known
            self._measured_from, self._let_through = now, 0
        else:
            # Too few got through to tell a rate. Each request backs off by itself as well, so that
            # halving without an end would only idle.
            known = min(self._known, _FIRST_RATE)
            least = max(known * _LEAST_SHARE, _LEAST_RATE)
            self._rate = max(min(self._rate / 2, known), least)
        self._next = now + 1 / self._rate
        self._slowed = now
