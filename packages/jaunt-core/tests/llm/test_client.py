"""Requests on their way: again after faults, paced, stopped, and within the budget."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from jaunt_core.errors import BackendError, FaultKind
from jaunt_core.llm.client import Call, ModelClient, RunningBill, RunStoppedError
from jaunt_core.llm.retry_policy import RetryPolicy
from jaunt_core.llm.spending import Spending
from jaunt_core.model.generation import GenerationRequest, GenerationResult, TokenUsage
from jaunt_core.model.money import Price, SpendingLimits
from jaunt_core.model.report import Bill
from jaunt_core.testing import Scripted, ScriptedBackend, sample_request


def fault(kind: FaultKind, retry_after: float | None = None) -> BackendError:
    return BackendError("no luck", kind=kind, retry_after=retry_after)


class Trip:
    """One request to a backend that has these faults before it answers."""

    def __init__(self, faults: Sequence[Scripted]) -> None:
        self.backend = ScriptedBackend({"sample": [*faults, "there"]})
        self.bill = RunningBill()
        self.slept: list[float] = []
        self.told: list[tuple[str, float]] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    async def travel(self, spending: Spending | None = None, **settings: object) -> str:
        retry_policy = RetryPolicy(sleep=self.sleep, **settings)  # ty: ignore[invalid-argument-type]
        calls = ModelClient(retry_policy, spending or Spending())
        call = Call(
            backend=self.backend,
            model="m",
            request=sample_request(),
            bill=self.bill,
            delayed=lambda fault, seconds: self.told.append((fault, seconds)),
        )
        return (await calls.send(call)).text


async def test_waits_double_up_to_the_longest() -> None:
    trip = Trip([fault(FaultKind.SERVER) for _ in range(6)])

    assert await trip.travel(tries=7, longest_delay=10.0, spread=lambda: 1.0) == "there"

    assert trip.slept == [1.0, 2.0, 4.0, 8.0, 10.0, 10.0]
    assert trip.told == [("server error: no luck", seconds) for seconds in trip.slept]
    usage = TokenUsage(input=100, output=10)
    assert trip.bill.total == Bill(calls=7, retries=6, usage=usage, cost=None)


@pytest.mark.parametrize(("spread", "waits"), [(0.0, [0.5, 1.0]), (0.5, [0.75, 1.5])])
async def test_waits_are_spread(spread: float, waits: list[float]) -> None:
    trip = Trip([fault(FaultKind.CONNECTION), fault(FaultKind.CONNECTION)])

    await trip.travel(spread=lambda: spread)

    assert trip.slept == waits


async def test_the_provider_names_the_delay() -> None:
    trip = Trip([fault(FaultKind.RATE_LIMIT, 3.0), fault(FaultKind.RATE_LIMIT, 60.0)])

    assert await trip.travel(longest_delay=60.0) == "there"

    assert trip.slept == [3.0, 60.0]


@pytest.mark.parametrize(
    ("faults", "tries", "waits"),
    [
        ([fault(FaultKind.RATE_LIMIT, 60.5)], 5, 0),
        ([fault(FaultKind.TIMEOUT)] * 3, 3, 2),
        ([fault(FaultKind.TIMEOUT)], 1, 0),
        ([fault(FaultKind.SERVER), fault(FaultKind.REQUEST)], 5, 1),
        *[([fault(kind)], 5, 0) for kind in FaultKind if not kind.retryable],
    ],
)
async def test_the_last_fault_is_raised(faults: list[BackendError], tries: int, waits: int) -> None:
    trip = Trip(list(faults))

    with pytest.raises(BackendError) as caught:
        await trip.travel(tries=tries, spread=lambda: 1.0)

    assert caught.value is faults[waits]
    assert len(trip.slept) == waits


async def test_what_is_no_transient_fault_is_not_tried_again() -> None:
    trip = Trip([])
    trip.backend = ScriptedBackend({})
    with pytest.raises(LookupError):
        await trip.travel()

    assert trip.slept == []
    assert trip.bill.total == Bill(calls=1)


class Modules:
    """Several modules that ask at the same time, each its own backend's script."""

    def __init__(self, calls: ModelClient) -> None:
        self._calls = calls
        self.bill = RunningBill()

    async def ask(self, name: str, backend: ScriptedBackend) -> GenerationResult:
        request = sample_request()
        context = replace(request.context, spec_module=name)
        return await self._calls.send(
            Call(
                backend=backend,
                model="m",
                request=replace(request, context=context),
                bill=self.bill,
                delayed=lambda *_: None,
            )
        )


async def begun(backend: ScriptedBackend) -> None:
    """Let others run until the backend is asked."""
    for _ in range(1000):
        if backend.requests:
            return
        await asyncio.sleep(0)
    raise AssertionError("it is never asked")


async def test_a_refused_key_ends_all_asking_but_what_is_under_way() -> None:
    """It may be paid for: a gateway that refuses one request is no reason to lose others."""
    refused = fault(FaultKind.AUTHENTICATION)
    slow = ScriptedBackend({"second": ["paid"]}, delay=0.05)
    limited = ScriptedBackend({"third": [fault(FaultKind.RATE_LIMIT, 60.0)]})
    spending = Spending()
    modules = Modules(ModelClient(RetryPolicy(), spending))
    others = [
        asyncio.create_task(modules.ask("second", slow)),
        asyncio.create_task(modules.ask("third", limited)),
    ]
    await begun(slow)
    await begun(limited)

    with pytest.raises(BackendError) as caught:
        await modules.ask("first", ScriptedBackend({"first": [refused]}))

    assert caught.value is refused
    with pytest.raises(RunStoppedError):
        await others[1]
    assert (await others[0]).text == "paid"
    assert spending.stopped is not None
    assert spending.stopped.module == "first"
    unasked = ScriptedBackend({"fourth": ["never"]})
    with pytest.raises(RunStoppedError):
        await modules.ask("fourth", unasked)
    assert unasked.requests == []
    # Nor is anything asked in the next stage of the run, which has an event loop of its own.
    with pytest.raises(RunStoppedError):
        await Modules(ModelClient(RetryPolicy(), spending)).ask("fourth", unasked)
    assert unasked.requests == []


@pytest.mark.parametrize(
    ("kind", "retry_after", "answered_before", "stops"),
    [
        (FaultKind.CONNECTION, None, False, True),
        (FaultKind.CONNECTION, None, True, False),
        (FaultKind.RATE_LIMIT, None, False, True),
        (FaultKind.RATE_LIMIT, None, True, False),
        (FaultKind.RATE_LIMIT, 3600.0, True, True),
        (FaultKind.SERVER, None, False, False),
        (FaultKind.QUOTA, None, True, True),
    ],
)
async def test_what_every_module_would_meet_is_met_once(
    kind: FaultKind, retry_after: float | None, *, answered_before: bool, stops: bool
) -> None:
    spending = Spending()
    if answered_before:
        await Trip([]).travel(spending)

    trip = Trip([fault(kind, retry_after)] * 30)
    with pytest.raises(BackendError):
        await trip.travel(spending)

    assert (spending.stopped is not None) is stops


PRICE = Price(input=2.0, cached_input=0.5, output=10.0)


def answer(usage: TokenUsage) -> GenerationResult:
    return GenerationResult(text="there", usage=usage)


class CappedBackend(ScriptedBackend):
    """Answers as long as it may, and takes as many input tokens as it is told."""

    def __init__(self, *, input_tokens: int, output_tokens: int) -> None:
        super().__init__({}, delay=0.001)
        self._input = input_tokens
        self._output = output_tokens
        self.spent = TokenUsage()

    async def generate_module(self, request: GenerationRequest) -> GenerationResult:
        self.requests.append(request)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        await asyncio.sleep(self._delay)
        self.in_flight -= 1
        assert request.max_output_tokens is not None
        usage = TokenUsage(input=self._input, output=min(self._output, request.max_output_tokens))
        self.spent += usage
        return answer(usage)


@pytest.mark.parametrize("output", [200, 3_000, 50_000])
@pytest.mark.parametrize("ceiling", [1_000, 8_000, 50_000, 400_000])
async def test_a_ceiling_of_tokens_is_not_passed(ceiling: int, output: int) -> None:
    backend = CappedBackend(input_tokens=60, output_tokens=output)
    modules = Modules(ModelClient(RetryPolicy(), Spending(SpendingLimits(tokens=ceiling))))

    ended = await asyncio.gather(
        *(modules.ask(f"m{number}", backend) for number in range(40)), return_exceptions=True
    )

    assert backend.spent.input + backend.spent.output <= ceiling
    assert modules.bill.total.usage == backend.spent
    met = [item for item in ended if isinstance(item, BackendError)]
    skipped = [item for item in ended if isinstance(item, RunStoppedError)]
    answered = [item for item in ended if isinstance(item, GenerationResult)]
    assert len(met) + len(skipped) + len(answered) == 40
    if len(answered) < 40:
        (one,) = met
        assert one.kind is FaultKind.BUDGET
        assert f"[budget] max_tokens = {ceiling}" in str(one)
        # What is left is too little for another answer and its request.
        usual = backend.spent.output / max(len(answered), 1)
        assert ceiling - backend.spent.input - backend.spent.output < max(1_024, 1.5 * usual) + 160


async def test_a_ceiling_of_cost_is_not_passed() -> None:
    backend = CappedBackend(input_tokens=60, output_tokens=900)
    spending = Spending(SpendingLimits(cost=0.1), {"m": PRICE})
    modules = Modules(ModelClient(RetryPolicy(), spending))

    ended = await asyncio.gather(
        *(modules.ask(f"m{number}", backend) for number in range(40)), return_exceptions=True
    )

    cost = PRICE.of(backend.spent)
    assert modules.bill.total.cost == pytest.approx(cost)
    assert 0.1 - PRICE.of(TokenUsage(input=160, output=1_024)) < cost <= 0.1
    (met,) = (item for item in ended if isinstance(item, BackendError))
    assert "[budget] max_cost = 0.1" in str(met)


async def test_what_got_no_answer_is_given_back() -> None:
    trip = Trip([fault(FaultKind.SERVER)] * 4)
    spending = Spending(SpendingLimits(tokens=1_400))

    assert await trip.travel(spending) == "there"


async def test_many_are_asked_at_once_where_the_ceiling_is_far() -> None:
    backend = CappedBackend(input_tokens=60, output_tokens=100)
    modules = Modules(ModelClient(RetryPolicy(), Spending(SpendingLimits(tokens=10_000_000))))

    await asyncio.gather(*(modules.ask(f"m{number}", backend) for number in range(40)))

    assert backend.most_in_flight == 40


async def test_without_counts_no_ceiling_can_be_kept() -> None:
    silent = ScriptedBackend({"one": [GenerationResult(text="there")], "two": ["never"]})
    spending = Spending(SpendingLimits(tokens=100_000))
    modules = Modules(ModelClient(RetryPolicy(), spending))

    assert (await modules.ask("one", silent)).text == "there"  # it is paid for
    with pytest.raises(RunStoppedError):
        await modules.ask("two", silent)

    assert spending.stopped is not None
    assert "max_tokens = 100000 cannot be kept to" in spending.stopped.why
    assert modules.bill.total.cost is None


def test_cached_tokens_have_their_own_price() -> None:
    usage = TokenUsage(input=1_000_000, cached=400_000, output=100_000)

    assert PRICE.of(usage) == pytest.approx(0.6 * 2.0 + 0.4 * 0.5 + 0.1 * 10.0)
