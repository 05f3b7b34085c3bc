"""One process for the trials of many modules: what they share, and what they must not."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from jaunt_core.config.loading import Project
from jaunt_core.project.workspace import Workspace
from jaunt_core.sandbox.process import SandboxResult, Trial
from jaunt_core.sandbox.sandbox import Sandbox, ServedModule, overlay_entries
from jaunt_core.sandbox.trial_server import TrialServer

MakeProject = Callable[..., Project]

TARGET = "def total(prices):\n    return sum(prices)\n"
WRONG = "def total(prices):\n    return None\n"


class Trials:
    """Trials of test modules in one project, by one server."""

    def __init__(self, project: Project, closing: ExitStack) -> None:
        environ = {"PATH": os.environ["PATH"]}
        self.root = project.root
        self.sandbox = Sandbox(Workspace(project=project, environ=environ))
        self.server: TrialServer = self.sandbox.server(
            "tests", folder=project.root, closing=closing
        )

    def run(self, body: str, *, seconds: float = 20.0) -> SandboxResult:
        return self.trial(body, seconds=seconds).run()

    def trial(self, body: str, *, seconds: float = 20.0) -> Trial:
        path = self.root / "tests" / "test_a.py"
        answer = self.served("answer", "import os\nfrom target import total\n\n\n" + body)
        task = {
            "module": "answer",
            "path": str(answer.path),
            "spec_path": str(path),
            "paths": [str(path)],
            "names": ["test_a"],
            "judged": ["test_a"],
            "arguments": ["-p", "no:hypothesispytest", "-p", "no:anyio", "-p", "no:xdist"],
            "lenient": [],
            "wrong_implementations": [overlay_entries([self.served("target", WRONG)])] * 2,
            "seconds": seconds,
        }
        served = [answer, self.served("target", TARGET)]
        return self.sandbox.trial("tests", task, overlay=served, server=self.server)

    def served(self, name: str, source: str) -> ServedModule:
        path = self.root / f"{name}.py"
        return ServedModule(name=name, path=path, source=source, is_package=False)

    @property
    def pid(self) -> int:
        assert self.server._running is not None
        return self.server._running.child.process.pid

    @property
    def work(self) -> Path:
        assert self.server._running is not None
        return self.server._running.work


@contextmanager
def trials_of(make_project: MakeProject) -> Generator[Trials]:
    project = make_project({"tests/test_a.py": ""})
    with ExitStack() as closing:
        yield Trials(project, closing)


@pytest.fixture
def trials(make_project: MakeProject) -> Generator[Trials]:
    with trials_of(make_project) as trials:
        yield trials


def kinds(result: SandboxResult) -> list[object]:
    assert result.fault is None, result.fault
    return [record["kind"] for record in result.records]


def test_one_process_serves_all_and_none_sees_another(trials: Trials) -> None:
    leaving = """
def test_a():
    import builtins, sys
    builtins.left = sys.left = os.environ["LEFT"] = "here"
    open(os.path.join(os.environ["TMPDIR"], "left"), "w").close()
    assert total([1]) == 1
"""
    looking = """
import builtins, sys
left = [hasattr(builtins, "left"), hasattr(sys, "left"), "LEFT" in os.environ]
assert not any(left) and "left" not in os.listdir(os.environ["HOME"]), left


def test_a():
    assert callable(total)
"""
    assert kinds(trials.run(leaving)) == []
    pid = trials.pid
    assert kinds(trials.run(looking)) == ["proves nothing"]
    assert kinds(trials.run("\ndef test_a():\n    assert total([1]) == 1\n")) == []
    assert trials.pid == pid
    assert list(trials.work.iterdir()) == []


def test_one_that_breaks_breaks_no_other(trials: Trials) -> None:
    good = "\ndef test_a():\n    assert total([1]) == 1\n"
    hog = "\nX = []\nwhile True:\n    X.append(bytes(2**30))\n"
    assert kinds(trials.run(hog)) == ["not collected"]
    assert kinds(trials.run("\ndef test_a():\n    os._exit(3)\n")) == []
    assert kinds(trials.run("\nos.kill(os.getpid(), 9)\n")) == ["unclear"]
    assert (
        kinds(trials.run("\ndef test_a():\n    X = [bytes(2**30) for _ in iter(int, 1)]\n")) == []
    )
    endless = trials.run("\ndef test_a():\n    while True:\n        total([1])\n", seconds=1.0)
    assert kinds(endless) == []
    pid = trials.pid
    assert kinds(trials.run(good)) == []
    assert trials.pid == pid


def test_a_lost_server_is_started_anew(trials: Trials) -> None:
    good = "\ndef test_a():\n    assert total([1]) == 1\n"
    assert kinds(trials.run(good)) == []
    pid = trials.pid
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert kinds(trials.run(good)) == []
    assert trials.pid != pid


async def test_a_trial_that_is_cancelled_ends_alone(trials: Trials) -> None:
    good = "\ndef test_a():\n    assert total([1]) == 1\n"
    assert kinds(await asyncio.to_thread(trials.run, good)) == []
    pid = trials.pid
    trial = trials.trial("\nimport time\ntime.sleep(60)\n")
    running = asyncio.create_task(trial.run_on_thread())
    await asyncio.sleep(0.5)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert kinds(await asyncio.to_thread(trials.run, good)) == []
    assert trials.pid == pid
    folders = list(trials.work.iterdir())
    assert len(folders) <= 1  # its thread may not have ended yet


def test_nothing_is_left_at_the_end(make_project: MakeProject) -> None:
    with trials_of(make_project) as trials:
        trials.run("\ndef test_a():\n    assert total([1]) == 1\n")
        group, work = trials.pid, trials.work
    assert not work.exists()
    with pytest.raises(ProcessLookupError):
        os.killpg(group, 0)


def test_a_time_limit_ends_the_trial_alone(trials: Trials) -> None:
    assert kinds(trials.run("\nimport time\ntime.sleep(60)\n", seconds=0.5)) == ["unclear"]
