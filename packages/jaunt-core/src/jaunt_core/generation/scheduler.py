"""Run work along a graph: at most so many at once, the longest way first."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Awaitable, Callable

from jaunt_core.planning.schedule import Waits, remaining_lengths

Work = Callable[[str], Awaitable[bool]]
"""Does one module; False where it failed."""


async def run_scheduled(
    waits: Waits, *, jobs: int, work: Work, skip: Callable[[str, str], None]
) -> None:
    """Do every module once, those it waits for first.

    A module that fails keeps only its dependents from being done. An exception ends the run:
    what is under way is cancelled and waited for, then it is raised.

    Args:
        waits: For each module the modules that go first; without cycles.
        jobs: How many run at once, at most.
        work: Does one module.
        skip: Told of each module that is not done, and of the failed one it waited for.
    """
    run = _Run(waits, jobs, work, skip)
    try:
        await run.until_done()
    finally:
        await run.cancel()


class _Run:
    def __init__(
        self, waits: Waits, jobs: int, work: Work, skip: Callable[[str, str], None]
    ) -> None:
        self._jobs = jobs
        self._work = work
        self._skip = skip
        self._lengths = remaining_lengths(waits)
        self._missing = {name: set(targets) for name, targets in waits.items()}
        self._dependents: dict[str, list[str]] = {name: [] for name in waits}
        for name in sorted(waits):
            for target in waits[name]:
                self._dependents[target].append(name)
        self._ready: list[tuple[int, str]] = []
        self._running: dict[asyncio.Task[bool], str] = {}
        self._skipped: set[str] = set()
        for name, missing in self._missing.items():
            if not missing:
                self._push(name)

    async def until_done(self) -> None:
        """Start what is ready and take what has ended, until nothing is left."""
        while self._ready or self._running:
            while self._ready and len(self._running) < self._jobs:
                _, name = heapq.heappop(self._ready)
                self._running[asyncio.ensure_future(self._work(name))] = name
            done, _ = await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
            for task in sorted(done, key=self._running.__getitem__):
                name = self._running.pop(task)
                if task.result():
                    self._release(name)
                else:
                    self._skip_dependents(name, name)

    async def cancel(self) -> None:
        """End what is still under way."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _push(self, name: str) -> None:
        heapq.heappush(self._ready, (-self._lengths[name], name))

    def _release(self, name: str) -> None:
        for dependent in self._dependents[name]:
            self._missing[dependent].discard(name)
            if not self._missing[dependent]:
                self._push(dependent)

    def _skip_dependents(self, name: str, cause: str) -> None:
        pending = list(self._dependents[name])
        while pending:
            dependent = pending.pop(0)
            if dependent not in self._skipped:
                self._skipped.add(dependent)
                self._skip(dependent, cause)
                pending.extend(self._dependents[dependent])
