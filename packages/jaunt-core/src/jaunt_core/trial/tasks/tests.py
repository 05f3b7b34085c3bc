"""The task `tests`: collect generated tests, and run them against wrong implementations."""

from __future__ import annotations

from itertools import chain
from typing import cast

from ..harness.channel import Channel, Json
from ..harness.fault_attribution import FaultAttribution, shortened
from ..harness.forking import Fork
from ..harness.guard import Guard
from ..harness.overlay import Overlay
from .pytest_plugin import Collected, load_plugins, run_pytest

_GRACE_SECONDS = 5.0


def run(channel: Channel, guard: Guard, overlay: Overlay) -> None:
    """Collect the tests in a process of their own, then run them once for each implementation.

    A test that has failed once is not run again: it has shown that it asserts something. Failing
    where the targets raise is enough only for the tests that the task is `lenient` with.
    """
    task = channel.task
    seconds = float(cast("float", task["seconds"]))
    channel.begin({"step": "collecting"}, seconds=seconds)
    try:
        load_plugins()
    except ImportError:
        channel.record(_problem("unclear", message="there is no pytest"))
        return
    attribution = FaultAttribution(str(task["path"]), overlay.paths, guard, str(task["root"]))
    trial = TestTrial(task, attribution, guard, overlay)
    problems = trial.collect(seconds)
    for problem in problems:
        channel.record(problem)
    remaining = set(cast("list[str]", task["judged"]))
    passing = remaining
    implementations = cast("list[dict[str, Json]]", task["wrong_implementations"])
    strict = remaining - set(cast("list[str]", task["lenient"]))
    for implementation in () if problems else implementations:
        if not remaining:
            break
        channel.begin({"step": "running"}, seconds=seconds + _GRACE_SECONDS)
        failed, passed = trial.run_against(implementation, remaining, seconds)
        # The first one raises: a test that fails there has only shown that it makes a call.
        if implementation is implementations[0]:
            failed, passed = failed - strict, passed | strict
        remaining = remaining - failed
        passing = passing & passed
    for name in sorted(remaining & passing) if not problems else ():
        channel.record({"kind": "proves nothing", "name": name, "message": "", "line": 0})


class TestTrial:
    """Runs pytest on one answer, each time in a fork of this process."""

    __test__ = False

    def __init__(
        self, task: Json, attribution: FaultAttribution, guard: Guard, overlay: Overlay
    ) -> None:
        self._task = task
        self._attribution = attribution
        self._guard = guard
        self._overlay = overlay

    def collect(self, seconds: float) -> list[Json]:
        """Collect the tests and return what is wrong with them, in the form of results."""

        def collect_all(fork: Fork) -> None:
            collected = run_pytest(self._task, None, lambda _: None)
            fork.send({"problems": self._problems_in(collected)})

        messages, is_done = Fork(self._guard).run(collect_all, seconds)
        if not is_done:
            return [_problem("unclear", message="collecting them does not end, or crashes")]
        problems = (cast("list[Json]", message["problems"]) for message in messages)
        return list(chain.from_iterable(problems))

    def _problems_in(self, collected: Collected) -> list[Json]:
        problems: list[Json] = []
        for error in collected.errors:
            outcome = self._attribution.import_outcome(error, lenient=True)
            kind = "not collected" if outcome["status"] == "failed" else "unclear"
            problems.append(_problem(kind, message=outcome["got"], line=outcome["line"]))
        if collected.own_fault and not problems:
            problems.append(_problem("not collected", message=shortened(collected.own_fault)))
        elif (collected.complaint or not collected.is_complete) and not problems:
            complaint = shortened(collected.complaint) or "pytest does not collect them"
            problems.append(_problem("unclear", message=complaint))
        if not problems:
            missing = sorted(collected.expected - collected.names)
            problems += [_problem("not collected", name=name) for name in missing]
        return problems

    def run_against(
        self, implementation: dict[str, Json], names: set[str], seconds: float
    ) -> tuple[set[str], set[str]]:
        """The names of the tests that fail, and of those that pass on the wrong code."""

        def run_all(fork: Fork) -> None:
            self._overlay.serve(cast("Json", implementation))
            if run_pytest(self._task, names, fork.send).is_broken:
                fork.send({"name": "", "status": "broken"})

        messages, is_done = Fork(self._guard).run(run_all, seconds)
        names_by_status: dict[str, set[str]] = {"failed": set(), "passed": set(), "started": set()}
        for message in messages:
            if message["status"] == "broken":  # what the tests import needs correct code
                return names, set()
            names_by_status[str(message["status"])].add(str(message["name"]))
        if not is_done and messages:  # the one that crashed, or was running when the time was up
            names_by_status["failed"].add(str(messages[-1]["name"]))
        failed = names_by_status["failed"]
        return failed, names_by_status["passed"] - failed


def _problem(kind: str, *, name: str = "", message: object = "", line: object = 0) -> Json:
    return {"kind": kind, "name": name, "message": message, "line": line}
