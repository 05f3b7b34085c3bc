"""The order of work: random graphs, with answers that come in any order."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jaunt_core.generation.scheduler import run_scheduled
from jaunt_core.planning.schedule import acyclic_waits, remaining_lengths

Graph = dict[str, tuple[str, ...]]


@st.composite
def graphs(draw: st.DrawFn, *, cyclic: bool = False) -> Graph:
    """Modules with random names, each with random others that it waits for."""
    names = draw(st.lists(st.text("abc", min_size=1, max_size=3), unique=True, max_size=9))
    graph: Graph = {}
    for index, name in enumerate(names):
        others = names if cyclic else names[:index]
        targets = draw(st.sets(st.sampled_from(others), max_size=4)) if others else set()
        graph[name] = tuple(sorted(targets - {name}))
    return graph


def path_length(graph: Graph, name: str) -> int:
    """How many modules stand on the longest way from this one to the end."""
    above = [other for other, targets in graph.items() if name in targets]
    return 1 + max((path_length(graph, other) for other in above), default=0)


def dependents_of(graph: Graph, names: set[str]) -> set[str]:
    found = set(names)
    while more := {name for name, targets in graph.items() if found & set(targets)} - found:
        found |= more
    return found - names


class Yard:
    """Runs a graph; each module ends when and how the test says."""

    def __init__(self, graph: Graph, jobs: int) -> None:
        self.graph = graph
        self.jobs = jobs
        self.started: list[str] = []
        self.ended: dict[str, bool] = {}
        self.cancelled: list[str] = []
        self.skipped: dict[str, str] = {}
        self.under_way: dict[str, asyncio.Future[bool]] = {}

    async def work(self, name: str) -> bool:
        ready = self.ready()
        assert name in ready, "it waits for something"
        assert len(self.under_way) < self.jobs
        assert name == min(ready, key=lambda item: (-path_length(self.graph, item), item))
        self.started.append(name)
        self.under_way[name] = asyncio.get_running_loop().create_future()
        try:
            self.ended[name] = await self.under_way[name]
        except asyncio.CancelledError:
            self.cancelled.append(name)
            raise
        finally:
            del self.under_way[name]
        return self.ended[name]

    def ready(self) -> set[str]:
        return {
            name
            for name, targets in self.graph.items()
            if name not in self.started and all(self.ended.get(target) for target in targets)
        }

    def skip(self, name: str, cause: str) -> None:
        assert name not in self.skipped, "it is told twice"
        self.skipped[name] = cause

    async def run(self) -> None:
        await run_scheduled(
            self.graph, jobs=self.jobs, work=self.work, succeeded=bool, skip=self.skip
        )

    async def settle(self) -> None:
        for _ in range(6):
            await asyncio.sleep(0)


@settings(max_examples=120, deadline=None)
@given(graph=graphs(), jobs=st.integers(1, 4), data=st.data())
def test_random_graphs(graph: Graph, jobs: int, data: st.DataObject) -> None:
    yard = Yard(graph, jobs)

    async def drive() -> None:
        running = asyncio.ensure_future(yard.run())
        await yard.settle()
        while yard.under_way:
            assert len(yard.under_way) == jobs or not yard.ready(), "a worker idles"
            name = data.draw(st.sampled_from(sorted(yard.under_way)))
            yard.under_way[name].set_result(data.draw(st.integers(0, 4)) > 0)
            await yard.settle()
        await running

    asyncio.run(drive())
    failed = {name for name, done in yard.ended.items() if not done}
    assert set(yard.skipped) == dependents_of(graph, failed)
    assert set(yard.started) == set(yard.ended) == set(graph) - set(yard.skipped)
    for name, cause in yard.skipped.items():
        assert cause in failed
        assert name in dependents_of(graph, {cause})


@settings(max_examples=60, deadline=None)
@given(graph=graphs(), jobs=st.integers(1, 4), data=st.data())
def test_an_exception_ends_everything(graph: Graph, jobs: int, data: st.DataObject) -> None:
    yard = Yard(graph, jobs)

    async def drive() -> None:
        running = asyncio.ensure_future(yard.run())
        await yard.settle()
        if not yard.under_way:
            return await running
        name = data.draw(st.sampled_from(sorted(yard.under_way)))
        others = set(yard.under_way) - {name}
        yard.under_way[name].set_exception(ZeroDivisionError(name))
        with pytest.raises(ZeroDivisionError, match=name):
            await running
        assert set(yard.cancelled) == others
        assert set(yard.started) == others | {name}
        assert yard.skipped == {}
        return None

    asyncio.run(drive())


async def test_an_interruption_waits_for_what_is_under_way() -> None:
    yard = Yard({"a": (), "b": (), "c": ("a",)}, jobs=2)
    running = asyncio.ensure_future(yard.run())
    await yard.settle()

    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert sorted(yard.cancelled) == ["a", "b"]
    assert yard.under_way == {}


async def test_two_that_end_at_once_are_taken_by_name() -> None:
    order: list[str] = []

    async def work(name: str) -> bool:
        order.append(name)
        return name not in ("a", "b")

    skipped: list[tuple[str, str]] = []
    waits = {"a": (), "b": (), "c": ("a", "b"), "d": ("c",), "e": ()}
    await run_scheduled(
        waits,
        jobs=9,
        work=work,
        succeeded=bool,
        skip=lambda name, cause: skipped.append((name, cause)),
    )

    assert order == ["a", "b", "e"]
    assert skipped == [("c", "a"), ("d", "a")]


@given(graph=graphs())
def test_lengths(graph: Graph) -> None:
    assert remaining_lengths(graph) == {name: path_length(graph, name) for name in graph}


def is_acyclic(graph: Mapping[str, tuple[str, ...]]) -> bool:
    left = dict(graph)
    while free := [name for name, targets in left.items() if not set(targets) & set(left)]:
        for name in free:
            del left[name]
    return not left


@given(graph=graphs(cyclic=True), outside=st.booleans())
def test_cycles_of_modules_keep_nobody_waiting(graph: Graph, outside: bool) -> None:
    given_edges = {
        name: (*targets, "elsewhere") if outside else targets for name, targets in graph.items()
    }

    waits = acyclic_waits(given_edges)

    assert set(waits) == set(graph)
    assert is_acyclic(waits)
    for name, targets in graph.items():
        assert set(waits[name]) <= set(targets)
        dropped = set(targets) - set(waits[name])
        # Only what leads back here may be dropped, and of two one still waits for the other.
        for target in dropped:
            assert target in dependents_of(graph, {name})
            assert name < target
    if is_acyclic(graph):
        assert waits == graph
