"""The task `tests`: collect generated tests, and run them against wrong implementations.

Where pytest is set up and has imported nothing of the project yet, the process forks: once to
collect the tests, once for each implementation. So each fork imports the project anew, and does
little beside that.
"""

from __future__ import annotations

import os
import re
import sys
from enum import Enum, auto
from functools import partial
from importlib.machinery import PathFinder
from itertools import chain
from pathlib import Path
from typing import cast

from ..harness.channel import Channel, Json
from ..harness.fault_attribution import FaultAttribution, shortened
from ..harness.forking import Fork
from ..harness.guard import Guard
from ..harness.limits import limit_memory
from ..harness.overlay import Overlay
from .pytest_plugin import Collected, Listener, load_plugins, run_pytest
from .pytest_settings import Fallback, fallback_arguments

_GRACE_SECONDS = 5.0
_LONGEST_SECONDS = 3600.0
_TEST_BYTES = 2 * 2**30
_IMPORT = re.compile(r"^\s*(?:from|import)\s+(\w+)", re.MULTILINE)
_NO_END = "collecting them does not end, or crashes"


def prepare(project_folders: list[str]) -> None:
    """Import what the trials of all modules need."""
    try:
        load_plugins(project_folders)
    except ImportError:
        return  # each trial says so


def run(channel: Channel, guard: Guard, overlay: Overlay) -> None:
    """Collect the tests, then run them once for each implementation.

    Where the project's settings keep pytest from collecting them, more and more of these are left
    out.
    """
    if "pytest" not in sys.modules:
        channel.record(_problem("unclear", message="there is no pytest"))
        return
    trial = TestTrial(channel, guard, overlay)
    reasons: list[Json] = []
    for fallback in Fallback:
        problems = trial.problems_under(fallback)
        unclear = [problem for problem in problems if problem["kind"] == "unclear"]
        if not unclear:
            reasons = problems
            break
        reasons = reasons or unclear
    for problem in reasons:
        channel.record(problem)


class Place(Enum):
    """Where the process forks, the best place first; it has imported no code of the project."""

    SESSION = auto()
    PLUGINS = auto()
    START = auto()


class TestTrial:
    """Runs pytest on one answer, each time in a fork of this process."""

    __test__ = False

    def __init__(self, channel: Channel, guard: Guard, overlay: Overlay) -> None:
        task = channel.task
        self._task = task
        self._channel = channel
        self._guard = guard
        self._overlay = overlay
        self._seconds = float(cast("float", task["seconds"]))
        self._attribution = FaultAttribution(
            str(task["path"]), overlay.paths, guard, str(task["root"])
        )
        self._settings: Json = {}
        self._fallback = Fallback.NOTHING

    def problems_under(self, fallback: Fallback) -> list[Json]:
        """What is wrong with the tests, in the form of results."""
        self._fallback = fallback
        self._channel.begin({"step": "collecting"}, seconds=self._seconds + _GRACE_SECONDS)
        for place in Place:
            if place is Place.SESSION and self._is_imported_by_conftests():
                continue
            session = partial(self._run_session, place=place)
            messages, is_done = Fork(self._guard).run(session, _LONGEST_SECONDS)
            for message in messages:
                self._settings = cast("Json", message.get("settings", self._settings))
            if not is_done:
                return [_problem("unclear", message=_NO_END)]
            if not any("impure" in message for message in messages):
                return _joined_problems(messages)
        raise AssertionError("nothing is imported before pytest")

    def _is_imported_by_conftests(self) -> bool:
        """Whether a `conftest.py` seems to import code of the project: a guess, to save time."""
        folder, root = Path(str(self._task["spec_path"])).parent, Path(str(self._task["root"]))
        for above in (folder, *folder.parents):
            if (above / "conftest.py").is_file():
                text = (above / "conftest.py").read_bytes().decode("utf-8", "replace")
                folders = cast("list[str]", self._task["prefix"])
                tops = {match[1] for match in _IMPORT.finditer(text)}
                if any(PathFinder.find_spec(top, folders) is not None for top in tops):
                    return True
            if above == root:
                break
        return False

    def _run_session(self, session: Fork, *, place: Place) -> None:
        """Set up pytest, fork, and send the problems; the forks get to the end of this."""
        listener = Listener(self._task)
        before = set(sys.modules)
        if place is Place.START:
            self._split(listener, session)
        listener.on_plugins = lambda: session.send({"settings": listener.settings})
        if place is Place.PLUGINS:
            listener.on_plugins = lambda: self._split_if_pure(listener, session, before)
        elif place is Place.SESSION:
            listener.on_session = lambda: self._split_if_pure(listener, session, before)
        arguments = cast("list[str]", self._task["arguments"])
        arguments = fallback_arguments(self._fallback, arguments, self._settings)
        collected = run_pytest(listener, cast("list[str]", self._task["paths"]), arguments)
        listener.on_end()  # a fork ends here at the latest
        session.send({"settings": listener.settings, "problems": self._problems_in(collected)})

    def _split_if_pure(self, listener: Listener, session: Fork, before: set[str]) -> None:
        """Fork, unless code of the project was imported: forks would have that in common."""
        session.send({"settings": listener.settings})
        imported = (sys.modules.get(name) for name in set(sys.modules) - before)
        paths = (getattr(module, "__file__", None) for module in imported)
        if any(path is not None and self._may_be_on_trial(path) for path in paths):
            session.finish(lambda fork: fork.send({"impure": True}))
        self._split(listener, session)

    def _may_be_on_trial(self, path: str) -> bool:
        """Whether a module may hold, or have bound, what wrong implementations stand in for."""
        is_plain = path.endswith("conftest.py") or not os.path.getsize(path)  # noqa: PTH202
        return not is_plain and self._attribution.is_own(path)

    def _split(self, listener: Listener, session: Fork) -> None:
        """Try the tests in forks, which return from here; this process ends."""
        self._channel.begin({"step": "collecting"}, seconds=self._seconds + _GRACE_SECONDS)
        fork = Fork(self._guard)
        result = fork.branch(self._seconds)
        if result is None:
            listener.on_end = lambda: fork.finish(partial(self._send_collected, listener))
            return
        messages, is_done = result
        problems = _joined_problems(messages)
        if not is_done:
            problems = [_problem("unclear", message=_NO_END)]
        if not problems:
            tally = _Tally(self._task)
            for implementation in cast("list[Json]", self._task["wrong_implementations"]):
                if tally.names:
                    self._channel.begin({"step": "running"}, seconds=self._seconds + _GRACE_SECONDS)
                    fork = Fork(self._guard)
                    result = fork.branch(self._seconds)
                    if result is None:
                        self._enter(fork, listener, implementation, tally.names)
                        return
                    tally.count(result)
                tally.go_on()
            problems = [_problem("proves nothing", name=name) for name in tally.unproven]
        session.finish(lambda fork: fork.send({"problems": problems}))

    def _enter(self, fork: Fork, listener: Listener, wrong: Json, names: set[str]) -> None:
        """In a fork: run these tests on a wrong implementation."""
        self._overlay.serve(wrong)
        listener.names, listener.send = names, fork.send
        listener.on_run = partial(limit_memory, _TEST_BYTES)

        def finish(fork: Fork) -> None:
            if listener.collected.is_broken:
                fork.send({"name": "", "status": "broken"})

        listener.on_end = lambda: fork.finish(finish)

    def _send_collected(self, listener: Listener, fork: Fork) -> None:
        fork.send({"problems": self._problems_in(listener.collected)})

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
        if not problems and self._fallback is Fallback.NOTHING:  # else other names may count
            missing = sorted(collected.expected - collected.names)
            problems += [_problem("not collected", name=name) for name in missing]
        return problems


class _Tally:
    """Which tests have not shown yet that they assert anything.

    A test that has failed once is not run again. On the first implementation, where all targets
    raise, only those are run that the task is `lenient` with: for others failing there shows no
    more than that they make a call.
    """

    def __init__(self, task: Json) -> None:
        self._remaining = set(cast("list[str]", task["judged"]))
        self._passing = self._remaining
        self.names = self._remaining & set(cast("list[str]", task["lenient"]))
        """The tests to run next."""

    @property
    def unproven(self) -> list[str]:
        """The names of the tests that passed every time."""
        return sorted(self._remaining & self._passing)

    def go_on(self) -> None:
        """Go on with the next implementation."""
        self.names = self._remaining

    def count(self, result: tuple[list[Json], bool]) -> None:
        """Count the results of a run against one implementation."""
        messages, is_done = result
        failed, passed = _failed_and_passed(messages, self.names, is_done=is_done)
        self._remaining = self._remaining - failed
        self._passing = self._passing & (passed | (self._passing - self.names))


def _failed_and_passed(
    messages: list[Json], names: set[str], *, is_done: bool
) -> tuple[set[str], set[str]]:
    """The names of the tests that fail, and of those that pass on wrong code."""
    names_by_status: dict[str, set[str]] = {"failed": set(), "passed": set(), "started": set()}
    for message in messages:
        if message["status"] == "broken":  # what the tests import needs correct code
            return names, set()
        names_by_status[str(message["status"])].add(str(message["name"]))
    if not is_done and messages:  # the one that crashed, or was running when the time was up
        names_by_status["failed"].add(str(messages[-1]["name"]))
    failed = names_by_status["failed"]
    return failed, names_by_status["passed"] - failed


def _joined_problems(messages: list[Json]) -> list[Json]:
    return list(
        chain.from_iterable(cast("list[Json]", message.get("problems", [])) for message in messages)
    )


def _problem(kind: str, *, name: str = "", message: object = "", line: object = 0) -> Json:
    return {"kind": kind, "name": name, "message": message, "line": line}
