"""A provider's rate limit: so many requests per second, and 429 for the rest."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Generic, TypeVar

from jaunt_core.testing.fault_server import Fault

Request = TypeVar("Request")
Reply = TypeVar("Reply")

_TOO_MANY = Fault(status=429, body=b'{"error": {"message": "too many requests"}}')


class RateLimited(Generic[Request, Reply]):
    """An answer function that lets so many requests per second through and refuses the rest.

    It is a token bucket, as most providers have one: the bucket holds `burst` tokens and is full
    in the beginning, each request that is let through takes one, and `per_second` are put back
    steadily. Over a time `t` at most `burst + per_second * t` requests pass; `burst` is therefore
    small, so that the ideal time of `n` requests is about `n / per_second`. A refused request
    takes none.

    Example:
        ```python
        limit = RateLimited(lambda request: Fault(body=b"{}"), per_second=20)
        with FaultServer(limit) as server:
            ...
        assert limit.passed == 200
        ```

    Args:
        answer: What is asked where the request passes; of any server that takes such functions.
        per_second: The requests that pass in the long run.
        burst: The requests that pass at once after a rest.
        retry_after: Whether a refusal says when to come back: the time until the next token,
            in whole seconds rounded up, as the header has it.
        refusal: What the others get.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        answer: Callable[[Request], Reply],
        *,
        per_second: float,
        burst: int = 2,
        retry_after: bool = True,
        refusal: Fault = _TOO_MANY,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._answer = answer
        self._per_second = per_second
        self._burst = burst
        self._retry_after = retry_after
        self._refusal = refusal
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens = float(burst)
        self._filled = clock()
        self._passed = 0
        self._refused = 0

    @property
    def passed(self) -> int:
        """How many requests were let through."""
        with self._lock:
            return self._passed

    @property
    def refused(self) -> int:
        """How many requests were refused."""
        with self._lock:
            return self._refused

    def __call__(self, request: Request) -> Reply | Fault:
        """The answer, or the refusal."""
        wait = self._take()
        if wait is None:
            return self._answer(request)
        if not self._retry_after:
            return self._refusal
        headers = {**self._refusal.headers, "Retry-After": str(math.ceil(wait))}
        return replace(self._refusal, headers=headers)

    def _take(self) -> float | None:
        """Take a token; the seconds until there is one, where there is none."""
        with self._lock:
            now = self._clock()
            grown = self._tokens + (now - self._filled) * self._per_second
            self._tokens, self._filled = min(grown, self._burst), now
            if self._tokens < 1:
                self._refused += 1
                return (1 - self._tokens) / self._per_second
            self._tokens -= 1
            self._passed += 1
            return None
