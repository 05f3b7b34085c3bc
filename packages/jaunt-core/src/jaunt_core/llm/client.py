"""Send the requests of one run: within the rate and the budget, and again after faults."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TypeVar

from jaunt_core.backend.protocol import GeneratorBackend
from jaunt_core.errors import BackendError, FaultKind, JauntGenerationError
from jaunt_core.llm.rate_limiter import RateLimiter
from jaunt_core.llm.retry_policy import RetryPolicy
from jaunt_core.llm.spending import Reserved, Spending
from jaunt_core.model.generation import GenerationRequest, GenerationResult, TokenUsage
from jaunt_core.model.report import NOTHING, Bill

ResultT = TypeVar("ResultT")

_UNREACHABLE = frozenset({FaultKind.CONNECTION, FaultKind.RATE_LIMIT})
"""What every module meets, if it lasts and nobody has ever got through."""

_ENOUGH = 3
"""Modules that fail by the very same fault, where nobody was ever answered."""


class RunStoppedError(JauntGenerationError):
    """Nothing more is asked in this run; `Spending.stopped` says why."""


class RunningBill:
    """What the answers for one module have cost so far, however it ends."""

    def __init__(self) -> None:
        self.total = NOTHING

    def add(self, bill: Bill) -> None:
        """Add a part to it."""
        self.total += bill


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One asking: of whom, for which module, and who is told of delays and costs."""

    backend: GeneratorBackend
    model: str
    request: GenerationRequest
    bill: RunningBill
    delayed: Callable[[str, float], None]


@dataclass(slots=True, kw_only=True)
class _Turn:
    """One request while it is under way, and its answer as soon as there is one."""

    request: GenerationRequest
    result: GenerationResult | None = None


class ModelClient:
    """Sends requests to the models of one run; made and used within one event loop.

    Args:
        retry_policy: How faults on the way are tried again.
        spending: What may be spent; its state outlasts this.
    """

    def __init__(self, retry_policy: RetryPolicy, spending: Spending) -> None:
        self._retry_policy = retry_policy
        self._spending = spending
        self._limiters: defaultdict[str, RateLimiter] = defaultdict(RateLimiter)
        self._settled = asyncio.Event()
        self._stopped = asyncio.Event()
        self._asked: set[str] = set()
        self._faulty: set[str] = set()

    def for_another_loop(self) -> ModelClient:
        """A client that starts anew, with what was spent so far."""
        return ModelClient(self._retry_policy, self._spending)

    async def send(self, call: Call) -> GenerationResult:
        """The answer to a request.

        Raises:
            BackendError: The last fault, when no further try is left or of use.
            RunStoppedError: Another module has met a fault that this one would meet, too.
        """
        tried = 0
        while True:
            tried += 1
            try:
                async with self._turn(call, is_retry=tried > 1) as turn:
                    turn.result = await call.backend.generate_module(turn.request)
                    return turn.result
            except BackendError as error:
                refused_in_a_row = self._limiters[call.model].refused_in_a_row
                delay = self._retry_policy.delay_after(
                    error, tried, refused_in_a_row=refused_in_a_row
                )
                if delay is None:
                    self._stop_after(error, call.request.context.spec_module)
                    raise
                call.delayed(f"{error.kind}: {error.args[0]}", delay)
            await self._until(self._stopped, self._retry_policy.sleep(delay))

    @asynccontextmanager
    async def _turn(self, call: Call, *, is_retry: bool) -> AsyncGenerator[_Turn]:
        """A request that may go now, within the rate and the budget; they are told how it ends.

        Raises:
            RunStoppedError: Nothing more is asked in this run.
        """
        limiter, module = self._limiters[call.model], call.request.context.spec_module
        self._require_running()
        sent = await self._until(self._stopped, limiter.wait_for_turn())
        reserved = await self._until(self._stopped, self._reserved(call))
        turn = _Turn(request=replace(call.request, max_output_tokens=reserved.output))
        try:
            self._require_running()
            call.bill.add(Bill(calls=1, retries=int(is_retry)))
            self._asked.add(module)
            yield turn
        except BackendError as error:
            self._faulty.add(module)
            if error.kind is FaultKind.RATE_LIMIT:
                limiter.note_refused(sent)
            if error.usage is None:
                self._spending.release(reserved)
            else:
                self._settle(call, reserved, error.usage)
            raise
        except BaseException:
            self._spending.release(reserved)
            raise
        else:
            limiter.note_answered()
            self._spending.was_answered = True
            if turn.result is not None:
                self._settle(call, reserved, turn.result.usage)
        finally:
            self._settled.set()

    def _settle(self, call: Call, reserved: Reserved, usage: TokenUsage) -> None:
        spending = self._spending
        spending.settle(reserved, usage)
        call.bill.add(Bill(usage=usage, cost=spending.cost_of(call.model, usage)))
        uncounted = spending.uncounted(usage)
        if uncounted:
            self._stop(call.request.context.spec_module, uncounted)

    async def _reserved(self, call: Call) -> Reserved:
        while True:
            reserved = self._spending.reserve(call.model, call.request.messages)
            if reserved is not None:
                return reserved
            self._settled.clear()
            await self._settled.wait()

    def _stop_after(self, error: BackendError, module: str) -> None:
        """Stop the run where every other module would meet the same fault.

        Raises:
            RunStoppedError: One has met it at the same time: one message is enough.
        """
        if self._is_met_by_all(error):
            self._require_running()
            self._stop(module, f"every module would meet what {module} met ({error.kind})")

    def _is_met_by_all(self, error: BackendError) -> bool:
        """Whether every other module would meet the same fault."""
        if error.kind is FaultKind.BUDGET:
            return self._spending.is_used_up()
        if error.kind.stops_the_run:
            return True
        is_limited = error.kind is FaultKind.RATE_LIMIT
        if is_limited and (error.retry_after or 0.0) > self._retry_policy.longest_delay:
            return True
        if self._spending.was_answered or not self._asked <= self._faulty:
            return False  # others got through, or may yet
        met = self._spending.meets(f"{error.kind}: {error.args[0]}")
        return error.kind in _UNREACHABLE or met >= _ENOUGH

    def _stop(self, module: str, why: str) -> None:
        self._spending.stop(module, why)
        self._stopped.set()

    def _require_running(self) -> None:
        if self._spending.stopped is not None:
            raise RunStoppedError("the run was stopped")

    async def _until(self, event: asyncio.Event, work: Awaitable[ResultT]) -> ResultT:
        """The result of `work`, unless the event comes first.

        Raises:
            RunStoppedError: It did; the work was cancelled.
        """
        doing, waiting = asyncio.ensure_future(work), asyncio.ensure_future(event.wait())
        try:
            await asyncio.wait((doing, waiting), return_when=asyncio.FIRST_COMPLETED)
            if doing.done():
                return doing.result()
            raise RunStoppedError("the run was stopped")
        finally:
            waiting.cancel()
            if not doing.done():
                doing.cancel()
                await asyncio.gather(doing, return_exceptions=True)
