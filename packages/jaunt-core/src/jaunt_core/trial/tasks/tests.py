"""The task `tests`: collect generated tests, and run them against wrong implementations."""

from __future__ import annotations

from typing import cast

from ..harness.channel import Channel, Json
from ..harness.fault_attribution import Blame, shortened
from ..harness.forking import Forked
from ..harness.guard import Guard
from ..harness.overlay import Overlay
from .pytest_plugin import Collected, load_plugins, run_pytest

_GRACE_SECONDS = 5.0


def run(channel: Channel, guard: Guard, overlay: Overlay) -> None:
    """Collect the tests in a process of their own, then run them once for each implementation.

    A test that has failed once has proved what it has to, and is not run again. That it fails
    where its targets raise is enough for those that the task is `lenient` with.
    """
    task = channel.task
    seconds = float(cast("float", task["seconds"]))
    channel.begin({"what": "collecting"}, seconds=seconds)
    try:
        load_plugins()
    except ImportError:
        channel.found(_found("unclear", message="there is no pytest"))
        return
    blame = Blame(str(task["path"]), overlay.paths, guard, str(task["root"]))
    trial = TestTrial(task, blame, guard, overlay)
    found = trial.collected(seconds)
    for item in found:
        channel.found(item)
    left = set(cast("list[str]", task["judged"]))
    passing = left
    impostors = cast("list[dict[str, Json]]", task["impostors"])
    strict = left - set(cast("list[str]", task["lenient"]))
    for impostor in () if found else impostors:
        if not left:
            break
        channel.begin({"what": "running"}, seconds=seconds + _GRACE_SECONDS)
        failed, passed = trial.run_against(impostor, left, seconds)
        if impostor is impostors[0]:  # it raises: that a call is made at all proves little
            failed, passed = failed - strict, passed | strict
        left = left - failed
        passing = passing & passed
    for name in sorted(left & passing) if not found else ():
        channel.found({"kind": "proves nothing", "name": name, "message": "", "line": 0})


class TestTrial:
    """Runs pytest on one answer, each time in a fork of this process."""

    __test__ = False

    def __init__(self, task: Json, blame: Blame, guard: Guard, overlay: Overlay) -> None:
        self._task = task
        self._blame = blame
        self._guard = guard
        self._overlay = overlay

    def collected(self, seconds: float) -> list[Json]:
        """What is wrong with how the tests are collected."""

        def collect(forked: Forked) -> None:
            forked.say(self._judged(run_pytest(self._task, None, lambda _: None)))

        said, is_done = Forked(self._guard).run(collect, seconds)
        if not is_done:
            return [_found("unclear", message="collecting them does not end, or crashes")]
        return [item for answer in said for item in cast("list[Json]", answer["found"])]

    def _judged(self, collected: Collected) -> Json:
        found: list[Json] = []
        for error in collected.errors:
            judged = self._blame.of_import(error, lenient=True)
            kind = "not collected" if judged["status"] == "failed" else "unclear"
            found.append(_found(kind, message=judged["got"], line=judged["line"]))
        if collected.wrong and not found:
            found.append(_found("not collected", message=shortened(collected.wrong)))
        elif (collected.said or not collected.is_complete) and not found:
            said = shortened(collected.said) or "pytest does not collect them"
            found.append(_found("unclear", message=said))
        if not found:
            missing = sorted(collected.expected - collected.names)
            found += [_found("not collected", name=name) for name in missing]
        return {"found": found}

    def run_against(
        self, impostor: dict[str, Json], names: set[str], seconds: float
    ) -> tuple[set[str], set[str]]:
        """The tests that fail, and those that pass although all that they are about is wrong."""

        def run_all(forked: Forked) -> None:
            self._overlay.serve(cast("Json", impostor))
            if run_pytest(self._task, names, forked.say).is_broken:
                forked.say({"name": "", "status": "broken"})

        said, is_done = Forked(self._guard).run(run_all, seconds)
        ended: dict[str, set[str]] = {"failed": set(), "passed": set(), "started": set()}
        for item in said:
            if item["status"] == "broken":  # what the tests import needs what is right
                return names, set()
            ended[str(item["status"])].add(str(item["name"]))
        if not is_done and said:  # the one that crashed, or was running when the time was up
            ended["failed"].add(str(said[-1]["name"]))
        return ended["failed"], ended["passed"] - ended["failed"]


def _found(kind: str, *, name: str = "", message: object = "", line: object = 0) -> Json:
    return {"kind": kind, "name": name, "message": message, "line": line}
