"""The task `strength`: run generated tests against mutants of the code that they are about."""

from __future__ import annotations

import os
import time
from typing import cast

from ..harness.channel import Channel, Json
from ..harness.forking import Forked
from ..harness.guard import Guard
from ..harness.overlay import Overlay
from .mutants import Mutant, diff_of, mutants_of
from .pytest_plugin import load_plugins, run_pytest

_GRACE_SECONDS = 10.0
_TIMES, _LEAST_SECONDS = 5, 2.0
"""A mutant may take so many times as long as the code itself, and some seconds."""


def run(channel: Channel, guard: Guard, overlay: Overlay) -> None:
    """Say how each mutant of one spec ended; nothing but why, where they cannot be judged."""
    task = channel.task
    seconds = float(cast("float", task["seconds"]))
    channel.begin({}, seconds=seconds + _GRACE_SECONDS)
    load_plugins()
    trial = StrengthTrial(task, guard, overlay)
    source = str(task["source"])
    made = mutants_of(source, str(task["spec"]), cast("list[str]", task["specs"]))
    started = time.monotonic()
    why = trial.why_unclear(seconds)
    limit = _LEAST_SECONDS + _TIMES * (time.monotonic() - started)
    if why:
        channel.found({"kind": "unclear", "message": why})
        return
    chosen = _chosen(made, int(cast("int", task["most"])))
    channel.found({"kind": "mutants", "made": len(made), "total": len(chosen)})
    for mutant in chosen:
        channel.begin({"line": mutant.line}, seconds=limit + _GRACE_SECONDS)
        if not trial.is_killed(mutant, limit):
            diff = diff_of(source, mutant, str(task["shown_path"]))
            channel.found({"kind": "survivor", "line": mutant.line, "diff": diff})


def _chosen(made: list[Mutant], most: int) -> list[Mutant]:
    """So many at most, spread evenly: the same ones each time."""
    if len(made) <= most:
        return made
    return [made[index * len(made) // most] for index in range(most)]


class StrengthTrial:
    """Runs the tests of one spec, each time in a fork of this process."""

    def __init__(self, task: Json, guard: Guard, overlay: Overlay) -> None:
        self._task = task
        self._guard = guard
        self._overlay = overlay

    def why_unclear(self, seconds: float) -> str:
        """Why nothing can be said about mutants: the tests do not pass here even without one."""
        said, is_done = self._run(str(self._task["source"]), seconds)
        if not is_done:
            return "its tests do not come to an end in the sandbox"
        if any(item["status"] in ("failed", "broken") for item in said):
            return "its tests do not pass in the sandbox, where there is no network and no variable"
        if not any(item["status"] == "passed" for item in said):
            return "none of its tests runs in the sandbox"
        return ""

    def is_killed(self, mutant: Mutant, seconds: float) -> bool:
        """Whether a test fails, or does not come to its end."""
        said, is_done = self._run(mutant.text, seconds)
        return not is_done or any(item["status"] in ("failed", "broken") for item in said)

    def _run(self, source: str, seconds: float) -> tuple[list[Json], bool]:
        def run_all(forked: Forked) -> None:
            served = {**cast("Json", self._task["served"]), "source": source}
            self._overlay.serve({str(self._task["module"]): served})
            names = set(cast("list[str]", self._task["names"]))
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 2)  # what many runs print would fill the disk
            if run_pytest(self._task, names, forked.say, stop=True).is_broken:
                forked.say({"name": "", "status": "broken"})

        return Forked(self._guard).run(run_all, seconds)
