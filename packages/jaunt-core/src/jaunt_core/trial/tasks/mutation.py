"""The task `mutation`: run generated tests against mutants of the code that they are about."""

from __future__ import annotations

import os
import time
from typing import cast

from ..harness.channel import Channel, Json
from ..harness.forking import Fork
from ..harness.guard import Guard
from ..harness.overlay import Overlay
from .mutants import Mutant, diff_of, mutants_of
from .pytest_plugin import Listener, load_plugins, run_pytest

_GRACE_SECONDS = 10.0
_TIMES_SLOWER, _LEAST_SECONDS = 5, 2.0
"""A mutant may take so many times as long as the code itself, and some seconds more."""


def run(channel: Channel, guard: Guard, overlay: Overlay) -> None:
    """Send the mutants of one spec that its tests do not notice, or why none can be judged."""
    task = channel.task
    seconds = float(cast("float", task["seconds"]))
    channel.begin({}, seconds=seconds + _GRACE_SECONDS)
    load_plugins(cast("list[str]", task["prefix"]))
    trial = MutationTrial(task, guard, overlay)
    source = str(task["source"])
    mutants = mutants_of(source, str(task["spec"]), cast("list[str]", task["specs"]))
    started = time.monotonic()
    obstacle = trial.find_obstacle(seconds)
    seconds_each = _LEAST_SECONDS + _TIMES_SLOWER * (time.monotonic() - started)
    if obstacle:
        channel.record({"kind": "unclear", "message": obstacle})
        return
    chosen = _evenly_spread(mutants, int(cast("int", task["limit"])))
    channel.record({"kind": "mutants", "mutants": len(mutants), "tried": len(chosen)})
    for mutant in chosen:
        channel.begin({"line": mutant.line}, seconds=seconds_each + _GRACE_SECONDS)
        if not trial.is_killed(mutant, seconds_each):
            diff = diff_of(source, mutant, str(task["shown_path"]))
            channel.record({"kind": "survivor", "line": mutant.line, "diff": diff})


def _evenly_spread(mutants: list[Mutant], limit: int) -> list[Mutant]:
    """At most `limit` of the mutants, spread evenly: the same ones each time."""
    if len(mutants) <= limit:
        return mutants
    return [mutants[index * len(mutants) // limit] for index in range(limit)]


class MutationTrial:
    """Runs the tests of one spec, each time in a fork of this process."""

    def __init__(self, task: Json, guard: Guard, overlay: Overlay) -> None:
        self._task = task
        self._guard = guard
        self._overlay = overlay

    def find_obstacle(self, seconds: float) -> str:
        """Why mutants cannot be judged: the tests do not pass here even without one; else empty."""
        messages, is_done = self._run(str(self._task["source"]), seconds)
        if not is_done:
            return "its tests do not come to an end in the sandbox"
        if any(message["status"] in ("failed", "broken") for message in messages):
            return "its tests do not pass in the sandbox, where there is no network and no variable"
        if not any(message["status"] == "passed" for message in messages):
            return "none of its tests runs in the sandbox"
        return ""

    def is_killed(self, mutant: Mutant, seconds: float) -> bool:
        """Whether a test fails, or does not come to its end."""
        messages, is_done = self._run(mutant.text, seconds)
        return not is_done or any(message["status"] in ("failed", "broken") for message in messages)

    def _run(self, source: str, seconds: float) -> tuple[list[Json], bool]:
        def run_all(fork: Fork) -> None:
            served = {**cast("Json", self._task["served"]), "source": source}
            self._overlay.serve({str(self._task["module"]): served})
            listener = Listener(self._task)
            listener.names, listener.send = set(cast("list[str]", self._task["names"])), fork.send
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 2)  # what many runs print would fill the disk
            paths, arguments = (
                cast("list[str]", self._task[key]) for key in ("paths", "arguments")
            )
            if run_pytest(listener, paths, [*arguments, "--maxfail=1"]).is_broken:
                fork.send({"name": "", "status": "broken"})

        return Fork(self._guard).run(run_all, seconds)
