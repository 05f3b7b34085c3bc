"""One build at a time: real processes that hold the lock, wait for it, and die."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jaunt_core.config.loading import Project
from jaunt_core.errors import LandingError
from jaunt_core.storage.lock import project_lock

HOLD = """
import subprocess, sys
from pathlib import Path
from jaunt_core.storage.lock import project_lock

with project_lock(Path(sys.argv[1]), lambda message: print(message, flush=True)):
    child = subprocess.Popen(["sleep", "60"]) if "with-child" in sys.argv else None
    print(f"held {child.pid}" if child else "held", flush=True)
    sys.stdin.readline()
"""
BUILD = """
import os, sys
from pathlib import Path
from jaunt_core.engine.builder import BuildOptions, build
from jaunt_core.config.loading import load_project
from jaunt_core.model.events import WarningRaised
from jaunt_core.testing import ScriptedBackend, loader_of

backend = ScriptedBackend({"a": ["def one() -> int:\\n    return 1\\n"]}, delay=0.5)

def sink(event):
    if isinstance(event, WarningRaised):
        print(event.message, flush=True)

report = build(load_project(root=Path(sys.argv[1])), BuildOptions(), sink=sink,
               environ=os.environ, load=loader_of(backend))
print(report.modules[0].outcome.value, len(backend.asked), flush=True)
"""

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a Python process that can be talked to; what is left of them ends with the test."""
    started: list[subprocess.Popen[str]] = []

    def begin(script: str, *arguments: object) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", script, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().rstrip()


def release(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def waiting_for(process: subprocess.Popen[str]) -> str:
    return f"another jaunt (process {process.pid}) works on this project; waiting until it is done"


def test_the_second_waits_until_the_first_is_done(tmp_path: Path, start: Start) -> None:
    first = start(HOLD, tmp_path)
    assert line_of(first) == "held"
    second = start(HOLD, tmp_path)
    assert line_of(second) == waiting_for(first)
    assert second.poll() is None

    release(first)

    assert line_of(second) == "held"
    assert first.wait() == 0


def test_projects_do_not_wait_for_each_other(tmp_path: Path, start: Start) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        assert line_of(start(HOLD, tmp_path / name)) == "held"


def test_a_dead_holder_does_not_block(tmp_path: Path, start: Start) -> None:
    first = start(HOLD, tmp_path, "with-child")
    child = int(line_of(first).removeprefix("held "))
    waiting = start(HOLD, tmp_path)
    assert line_of(waiting) == waiting_for(first)

    first.kill()
    first.wait()

    assert line_of(waiting) == "held"
    waiting.kill()
    waiting.wait()
    assert line_of(start(HOLD, tmp_path)) == "held"
    os.kill(child, signal.SIGKILL)


def test_waiting_can_be_interrupted(tmp_path: Path, start: Start) -> None:
    first = start(HOLD, tmp_path)
    assert line_of(first) == "held"
    second = start(HOLD, tmp_path)
    assert line_of(second) == waiting_for(first)

    second.send_signal(signal.SIGINT)
    _, errors = second.communicate(timeout=20)

    assert errors.rstrip().endswith("KeyboardInterrupt")
    assert first.poll() is None


def test_a_lock_that_cannot_be_opened_is_said(tmp_path: Path) -> None:
    (tmp_path / ".jaunt/lock").mkdir(parents=True)

    with pytest.raises(LandingError) as raised, project_lock(tmp_path, print):
        pass

    assert raised.value.args[0] == f"{tmp_path}/.jaunt/lock cannot be opened: Is a directory"


def test_two_builds_at_once_ask_once(make_project: Callable[..., Project], start: Start) -> None:
    spec = 'import jaunt\n\n@jaunt.magic\ndef one() -> int:\n    """Return 1."""\n    ...\n'
    project = make_project({"a.py": spec})

    both = [start(BUILD, project.root) for _ in range(2)]
    printed = sorted(process.communicate(timeout=60)[0].splitlines() for process in both)

    assert sorted(lines[-1] for lines in printed) == ["fresh 0", "generated 1"]
    # Whether they meet at all is chance; the tests above let one wait for sure.
    waited = [line for lines in printed for line in lines[:-1]]
    assert waited in ([], [waiting_for(both[0])], [waiting_for(both[1])])
