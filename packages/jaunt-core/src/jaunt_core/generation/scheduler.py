"""Run work along a graph: at most so many at once, the longest way first."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Awaitable, Callable
from typing import TypeVar

from jaunt_core.planning.schedule import Waits, remaining_lengths

ResultT = TypeVar("ResultT")


async def run_scheduled(
    waits: Waits,
    *,
    jobs: int,
    work: Callable[[str], Awaitable[ResultT]],
    succeeded: Callable[[ResultT], bool],
    skip: Callable[[str, str], object],
) -> None:
    """Do every module once, those it waits for first.

    A module that fails keeps only its dependents from being done. An exception ends the run:
    what is under way is cancelled and waited for, then it is raised.

    Args:
        waits: For each module the modules that go first; without cycles.
        jobs: How many run at once, at most.
        work: Does one module.
        succeeded: Whether what came of a module lets its dependents be done.
        skip: Told of each module that is not done, and of the failed one it waited for.
    """
    queue = _Queue(waits)
    running: dict[asyncio.Future[ResultT], str] = {}
    try:
        while queue.has_ready or running:
            while queue.has_ready and len(running) < jobs:
                name = queue.next_ready()
                running[asyncio.ensure_future(work(name))] = name
            ended, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in sorted(ended, key=running.__getitem__):
                name = running.pop(task)
                if succeeded(task.result()):
                    queue.release_dependents(name)
                else:
                    for dependent in queue.drop_dependents(name):
                        skip(dependent, name)
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


class _Queue:
    """The modules that are still to be done, and which of them may be."""

    def __init__(self, waits: Waits) -> None:
        self._lengths = remaining_lengths(waits)
        self._missing = {name: set(targets) for name, targets in waits.items()}
        self._dependents: dict[str, list[str]] = {name: [] for name in waits}
        for name in sorted(waits):
            for target in waits[name]:
                self._dependents[target].append(name)
        self._ready: list[tuple[int, str]] = []
        self._dropped: set[str] = set()
        for name, missing in self._missing.items():
            if not missing:
                self._push(name)

    @property
    def has_ready(self) -> bool:
        """Whether a module waits for nothing but its turn."""
        return bool(self._ready)

    def next_ready(self) -> str:
        """Take the module with the longest way behind it."""
        return heapq.heappop(self._ready)[1]

    def release_dependents(self, name: str) -> None:
        """Let go what waited for this module only."""
        for dependent in self._dependents[name]:
            self._missing[dependent].discard(name)
            if not self._missing[dependent]:
                self._push(dependent)

    def drop_dependents(self, name: str) -> list[str]:
        """What cannot be done any more without this module, nearest first, each once."""
        pending, dropped = list(self._dependents[name]), []
        while pending:
            dependent = pending.pop(0)
            if dependent not in self._dropped:
                self._dropped.add(dependent)
                dropped.append(dependent)
                pending.extend(self._dependents[dependent])
        return dropped

    def _push(self, name: str) -> None:
        heapq.heappush(self._ready, (-self._lengths[name], name))
