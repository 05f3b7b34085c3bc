"""The pace of requests against limits of every kind, in a time that only the loop knows."""

from __future__ import annotations

import asyncio
import random
import selectors
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import pytest

from jaunt_core.errors import BackendError, FaultKind
from jaunt_core.llm.client import Call, ModelClient, RunningBill
from jaunt_core.llm.rate_limiter import RateLimiter
from jaunt_core.llm.retry_policy import RetryPolicy
from jaunt_core.llm.spending import Spending
from jaunt_core.model.generation import GenerationRequest, GenerationResult
from jaunt_core.testing import RateLimited, sample_request

T = TypeVar("T")
RATE = 20
MODULES = 200
BETWEEN = 0.005
"""Seconds that a module takes beside its answer."""


class _SkipsWaits(selectors.SelectSelector):
    """Does not wait: tells how long it would have."""

    def __init__(self) -> None:
        super().__init__()
        self.waited = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        assert timeout is not None, "everybody waits for everybody"
        self.waited += max(timeout, 0.0)
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop in which time passes only while all wait, and then at once."""

    def __init__(self) -> None:
        self._skips = _SkipsWaits()
        super().__init__(self._skips)

    def time(self) -> float:
        return self._skips.waited


def in_virtual_time(make: Callable[[], Coroutine[None, None, T]]) -> T:
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(make())


class PerWindow:
    """So many requests in each second of the clock on the wall."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._window = -1
        self._passed = 0

    def __call__(self, _: object) -> bool:
        window = int(self._clock())
        if window != self._window:
            self._window, self._passed = window, 0
        self._passed += 1
        return self._passed <= RATE


def bucket(clock: Callable[[], float], *, burst: int) -> Callable[[object], object]:
    return RateLimited(lambda _: True, per_second=RATE, burst=burst, clock=clock)


class LimitedBackend:
    """Answers after a while, and refuses at once what the limit does not let through."""

    name = fingerprint = "limited"

    def __init__(self, passes: Callable[[object], object], latency: float, after: float) -> None:
        self._passes = passes
        self._latency = latency
        self._after = after
        self._random = random.Random(1)
        self.sent: list[float] = []
        self.refused = 0

    async def generate_module(self, request: GenerationRequest) -> GenerationResult:
        self.sent.append(asyncio.get_running_loop().time())
        if self._passes(request) is not True:
            self.refused += 1
            await asyncio.sleep(0.003)
            after = self._after or None
            raise BackendError("no", kind=FaultKind.RATE_LIMIT, retry_after=after)
        await asyncio.sleep(self._latency * (0.5 + self._random.random()))
        return GenerationResult(text="there")

    async def aclose(self) -> None: ...


@dataclass(frozen=True)
class Ran:
    """How long a run of many modules took, and what became of its requests."""

    seconds: float
    backend: LimitedBackend
    most_tries: int


async def run(
    limit: Callable[[Callable[[], float]], Callable[[object], object]],
    *,
    latency: float,
    jobs: int,
    after: float,
) -> Ran:
    loop = asyncio.get_running_loop()
    backend = LimitedBackend(limit(loop.time), latency, after)
    calls = ModelClient(RetryPolicy(spread=random.Random(2).random), Spending())
    names, tries = iter(range(MODULES)), []

    async def work() -> None:
        for name in names:
            bill, request = RunningBill(), sample_request()
            request = replace(request, context=replace(request.context, spec_module=f"m{name}"))
            await calls.send(
                Call(
                    backend=backend,
                    model="m",
                    request=request,
                    bill=bill,
                    delayed=lambda *_: None,
                )
            )
            tries.append(bill.total.calls)
            await asyncio.sleep(BETWEEN)

    await asyncio.gather(*(work() for _ in range(jobs)))
    return Ran(loop.time(), backend, max(tries))


LIMITS = {
    "a bucket of 2": partial(bucket, burst=2),
    "a bucket of 20": partial(bucket, burst=20),
    "so many each second": PerWindow,
}


@pytest.mark.parametrize("after", [0.0, 1.0])
@pytest.mark.parametrize("jobs", [8, 32, 64])
@pytest.mark.parametrize("latency", [0.005, 0.05, 0.2, 1.0])
@pytest.mark.parametrize("limit", LIMITS)
def test_the_rate_is_found(limit: str, latency: float, jobs: int, after: float) -> None:
    """No module fails, few are refused often, and nearly as much passes as may.

    `1.3` is the share that the whole project promises; where the server has every refused request
    wait for a second, all jobs may be waiting at the beginning, so it is a second more there.
    """
    ran = in_virtual_time(lambda: run(LIMITS[limit], latency=latency, jobs=jobs, after=after))

    ideal = max(MODULES / RATE, MODULES * (latency + BETWEEN) / jobs)
    assert ran.seconds <= 1.3 * ideal + latency + after
    assert len(ran.backend.sent) == MODULES + ran.backend.refused
    assert ran.backend.refused < MODULES
    assert ran.most_tries <= 8


def test_where_few_ask_a_refusal_holds_nobody_up() -> None:
    """What was let through tells nothing about the limit then."""

    async def sparse() -> float:
        limiter, loop = RateLimiter(), asyncio.get_running_loop()
        for _ in range(5):
            await limiter.wait_for_turn()
            limiter.note_answered()
            await asyncio.sleep(100)
        limiter.note_refused(await limiter.wait_for_turn())
        refused = loop.time()
        await limiter.wait_for_turn()
        return loop.time() - refused

    assert in_virtual_time(sparse) <= 1.0


def test_without_a_limit_all_go_at_once() -> None:
    ran = in_virtual_time(lambda: run(lambda _: lambda _: True, latency=1.0, jobs=64, after=0.0))

    assert ran.backend.sent[:64] == [0.0] * 64
    assert ran.backend.refused == 0


def test_the_rate_climbs_back_when_the_limit_is_lifted() -> None:
    def lifted(clock: Callable[[], float]) -> Callable[[object], object]:
        slow = RateLimited(lambda _: True, per_second=2, clock=clock)
        return lambda request: slow(request) if clock() < 10 else True

    ran = in_virtual_time(lambda: run(lifted, latency=0.05, jobs=16, after=0.0))

    def sent_in(first: float, last: float) -> float:
        return sum(first <= at < last for at in ran.backend.sent) / (last - first)

    assert sent_in(5, 10) < 4
    assert sent_in(ran.seconds - 1, ran.seconds) > 20
