"""`kill -9` at any instant: whole files only, and the next run goes on from there."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from jaunt_core.config.loading import Project
from jaunt_core.contracts.header import parse_header
from jaunt_core.storage.answers import AnswerStore, Verdict, answer_key

MODULES = [f"mod{number:02}" for number in range(40)]
KILLS = 200
JOBS = 4
SPEC = '''
    import jaunt

    @jaunt.magic
    def one() -> int:
        """Return 1."""
        raise NotImplementedError
    '''
# Answers of some size, so that half a file could be seen.
BUILD = """
import os, sys
from pathlib import Path
from jaunt_core.engine.builder import BuildOptions, build
from jaunt_core.config.loading import load_project
from jaunt_core.model.events import PlanReady
from jaunt_core.testing import ScriptedBackend, loader_of

root = Path(sys.argv[1])
code = f"TABLE = {list(range(5000))}\\ndef one() -> int:\\n    return 1\\n"
answers = {
    path.stem: [f'NAME = "{path.stem}"\\n{code}']
    for path in sorted(root.glob("mod*.py"))
}

class Logging(ScriptedBackend):
    async def generate_module(self, request):
        with (root / "asked.log").open("a") as file:
            file.write(request.context.spec_module + "\\n")
        return await super().generate_module(request)

def sink(event):
    if isinstance(event, PlanReady):
        print("planned", flush=True)

report = build(load_project(root=root), BuildOptions(jobs=4), sink=sink, environ=os.environ,
               load=loader_of(Logging(answers, delay=0.005)))
print("done" if report.ok else "failed", flush=True)
"""

MakeProject = Callable[..., Project]


def started(root: Path) -> subprocess.Popen[str]:
    """A build that has just made its plan, in a group of its own."""
    process = subprocess.Popen(
        [sys.executable, "-c", BUILD, str(root)],
        env={**os.environ, "MARK": str(root)},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "planned\n"
    return process


def generated(root: Path) -> dict[str, str]:
    """The files in the generated folder, without what a killed run may leave."""
    folder = root / "__generated__"
    found = {path.name: path.read_text() for path in folder.iterdir()} if folder.exists() else {}
    return {name: text for name, text in found.items() if not name.endswith(".jaunt-tmp")}


def stored(root: Path) -> set[str]:
    """The modules that an answer is stored for; every entry must be whole."""
    damages: list[str] = []
    store = AnswerStore(root, damages.append)
    keys = [path.name for path in (root / ".jaunt/answers").glob("*/*")]
    texts = [entry.result.text for key in keys for entry in store.answers(key)]
    assert damages == []
    return {text.split('"')[1] for text in texts}


def marked(root: Path) -> list[int]:
    """The processes that a build of this project has started, itself among them."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if f"MARK={root}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
    return found


def kill(process: subprocess.Popen[str], root: Path, *, whole: bool) -> None:
    """Kill a build, or everything that belongs to it; nothing of it may live on."""
    for number in marked(root) if whole else ():
        with suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
    process.send_signal(signal.SIGKILL)
    process.wait()
    deadline = time.monotonic() + 30
    while marked(root):  # the kernel takes a moment to end what hung on it
        assert time.monotonic() < deadline, "it left processes behind"


def asked(root: Path) -> list[str]:
    log = root / "asked.log"
    return log.read_text().split() if log.exists() else []


@pytest.mark.slow
def test_killed_builds_leave_whole_files_and_are_gone_on_with(
    make_project: MakeProject, record_property: Callable[[str, object], None]
) -> None:
    files = {f"{name}.py": SPEC for name in MODULES}
    reference = make_project(files, folder="reference").root
    process, began = started(reference), time.monotonic()
    output, _ = process.communicate()
    seconds = time.monotonic() - began
    assert output == "done\n"
    whole = generated(reference)
    assert len(whole) == len(MODULES)

    chance = random.Random(20261121)
    kills = finished = lost_in_flight = 0
    root = make_project(files, folder="killed0").root
    while kills < KILLS:
        paid_for, asked_before = stored(root), len(asked(root))
        process = started(root)
        time.sleep(chance.random() * seconds * 0.4)
        kill(process, root, whole=kills % 2 == 0)
        output, _ = process.communicate()

        assert generated(root).items() <= whole.items()
        asked_now = asked(root)[asked_before:]
        assert not paid_for & set(asked_now)
        in_flight = set(asked_now) - stored(root)
        assert len(in_flight) <= JOBS
        lost_in_flight += len(in_flight)
        if output == "done\n" or len(generated(root)) == len(whole):
            finished += 1
            root = make_project(files, folder=f"killed{finished}").root
        else:
            kills += 1

    record_property("kills", kills)
    record_property("asked again, never stored", lost_in_flight)
    paid_for, asked_before = stored(root), len(asked(root))
    output, _ = started(root).communicate()
    assert output == "done\n"
    assert not paid_for & set(asked(root)[asked_before:])
    assert sorted(path.name for path in (root / "__generated__").iterdir()) == sorted(whole)
    assert generated(root) == whole
    assert not list((root / ".jaunt").rglob("*.jaunt-tmp"))


@pytest.mark.parametrize(
    "name",
    [
        "__generated__/.mod00.py",
        ".jaunt/.freshness.json",
        ".jaunt/contracts/build/.mod00.json",
        ".jaunt/rejected/build/.mod00.1.py.txt",
        ".jaunt/contracts/test/.gone.json",
        ".jaunt/answers/ab/abcd/.0001.json",
        "gone/__generated__/.mod.py",
    ],
)
def test_the_next_run_sweeps_up_what_was_being_written(
    make_project: MakeProject, name: str
) -> None:
    root = make_project({"mod00.py": SPEC}).root
    half = root / f"{name}.999.jaunt-tmp"
    half.parent.mkdir(parents=True, exist_ok=True)
    half.write_text("half of a fi")
    (root / ".jaunt").mkdir(exist_ok=True)
    (root / ".jaunt/lock").write_text("999")  # of a process that did not come to its end

    assert started(root).communicate()[0] == "done\n"

    assert not list(root.rglob("*.jaunt-tmp"))


def test_an_answer_that_a_killed_build_stored_is_judged_and_used(make_project: MakeProject) -> None:
    root = make_project({"mod00.py": SPEC}).root
    assert started(root).communicate()[0] == "done\n"
    path = root / "__generated__/mod00.py"
    whole, request = path.read_text(), parse_header(path.read_text()).request
    assert request is not None
    key, store = answer_key(request, "scripted"), AnswerStore(root, print)
    (answer,) = store.answers(key)
    shutil.rmtree(root / ".jaunt/answers")
    assert store.add(key, answer.result, 1).verdict is Verdict.UNJUDGED
    path.unlink()

    assert started(root).communicate()[0] == "done\n"

    assert asked(root) == ["mod00"]
    assert path.read_text() == whole
    assert [entry.verdict for entry in store.answers(key)] == [Verdict.ACCEPTED]
