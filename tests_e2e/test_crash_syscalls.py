"""The same from below: what the kernel sees of a run, and death at its calls."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Generator
from pathlib import Path

import pytest

from .crash_scenarios import SCENARIOS
from .crash_trials import Trials
from .crashing import CHILD, CrashRunner, Place

_STRACE = shutil.which("strace")
pytestmark = pytest.mark.skipif(_STRACE is None, reason="there is no strace")

_KINDS = {
    "openat": "open",
    "write": "write",
    "pwrite64": "write",
    "fsync": "fsync",
    "fdatasync": "fsync",
    "rename": "replace",
    "renameat": "replace",
    "renameat2": "replace",
    "mkdir": "mkdir",
    "mkdirat": "mkdir",
    "unlink": "unlink",
    "unlinkat": "unlink",
    "rmdir": "rmdir",
    "ftruncate": "ftruncate",
    "symlink": "symlink",
    "symlinkat": "symlink",
}
RARE = ("forced", "typed", "cleaned")
_CLONES = "clone,clone3,fork,vfork"
_CALL = re.compile(r"(\w+)\((.*)\)\s+= (-?\d+|\?)")
_WRITING = re.compile(r"O_(WRONLY|RDWR|CREAT|TRUNC|APPEND)")


@pytest.fixture(scope="session")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Generator[CrashRunner]:
    made = CrashRunner(tmp_path_factory.mktemp("runner"))
    yield made
    made.close()


def trace(
    runner: CrashRunner, place: Place, arguments: tuple[str, ...], *options: str
) -> subprocess.CompletedProcess[bytes]:
    """Run a command under strace."""
    task = place.folder / "task.json"
    task.write_text(json.dumps(runner.task(place, arguments)), "utf-8")
    command = [str(_STRACE), "-f", *options, sys.executable, "-P", str(CHILD), str(task)]
    return subprocess.run(command, env=runner.environ, capture_output=True, check=False)


def seen_by_the_kernel(folder: Path, own: Path) -> Counter[tuple[str, str]]:
    """What the threads of the first process did below a folder: kinds of steps, and names."""
    logs = {int(path.suffix[1:]): path.read_text("utf-8") for path in folder.glob("log.*")}
    pending, found = [min(logs)], Counter[tuple[str, str]]()
    while pending:
        for line in logs[pending.pop()].splitlines():
            call = _CALL.match(line)
            if call is None:
                continue
            name, arguments, result = call.groups()
            if name.startswith("clone") and "CLONE_THREAD" in arguments and int(result) > 0:
                pending.append(int(result))
            elif name in _KINDS and (step := step_of(name, arguments, own)):
                found[step] += 1
    return found


def step_of(name: str, arguments: str, own: Path) -> tuple[str, str] | None:
    quoted = re.findall(r'"((?:[^"\\]|\\.)*)"', arguments)
    folder = re.match(r"(?:AT_FDCWD|\d+)<([^>]*)>", arguments)
    kind = _KINDS[name]
    if kind in {"write", "fsync", "ftruncate"}:
        path = folder[1] if folder else ""
    elif kind in {"replace", "symlink"}:
        path = quoted[1]
    else:
        path = str(Path(folder[1] if folder else "", quoted[0]))
    if kind == "open" and not _WRITING.search(arguments):
        return None
    if kind == "unlink" and "AT_REMOVEDIR" in arguments:
        kind = "rmdir"
    is_own = any(Path(path).is_relative_to(own / name) for name in ("project", "tmp"))
    return (kind, name_of(path)) if is_own else None


def name_of(path: str) -> str:
    """The name of a file without what differs from run to run."""
    name = re.sub(r"\.\d+\.jaunt-tmp$", ".jaunt-tmp", Path(path).name)
    name = re.sub(r"^#\d+.*", "nameless", name)
    return re.sub(r"(jaunt-scratch\.\w+)\.\w+$", r"\1", name)


@pytest.mark.parametrize(
    "name",
    ["cold", "kept", "tested", *(pytest.param(n, marks=pytest.mark.slow) for n in RARE)],
)
def test_all_steps_are_counted(name: str, runner: CrashRunner, tmp_path: Path) -> None:
    """What dies and fails in the other tests is everything that the kernel is asked for."""
    place = runner.place(tmp_path / "place", SCENARIOS[name])
    calls = ",".join([*_KINDS, _CLONES])
    options = ("-ff", "-y", "-o", str(tmp_path / "log"), "-e", f"trace={calls}")
    done = trace(runner, place, SCENARIOS[name].arguments, *options)
    assert done.returncode == 0, done.stderr

    steps = json.loads((place.folder / "steps").read_text("utf-8"))
    counted = Counter((what, name_of(path)) for what, path in steps)
    assert seen_by_the_kernel(tmp_path, place.folder) == counted


@pytest.mark.slow
@pytest.mark.parametrize(
    "call",
    ["openat", "write", "fsync", "rename", "mkdir", "unlink,unlinkat", "exit_group", "execve"],
)
@pytest.mark.parametrize("name", ["cold", "tested"])
def test_dies_at_a_call_of_any_of_its_processes(
    name: str, call: str, runner: CrashRunner, tmp_path: Path
) -> None:
    """Of each process the call of a number kills it: the engine, the worker, a trial, pytest."""
    trials = Trials(runner, SCENARIOS[name], tmp_path)
    for number in (1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 377, 987):
        place = runner.copy(trials.start, tmp_path / "now")
        before = len(place.asked())
        options = ("-o", os.devnull, "-e", f"inject={call}:signal=KILL:when={number}")
        done = trace(runner, place, SCENARIOS[name].arguments, *options)
        err = (place.folder / "err").read_text("utf-8") if (place.folder / "err").exists() else ""
        assert "Traceback (most recent call last)" not in err, err
        trials.look_at(place, f"{call} {number}", before=before)
        trials.counts["killed" if done.returncode < 0 else f"exit code {done.returncode}"] += 1
        shutil.rmtree(place.folder)
    print(f"\n{name}, {call}: {dict(trials.counts)}; lost: 0")
