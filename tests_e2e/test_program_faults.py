"""Every fault of a program that answers, met by the installed command and real processes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from .conftest import Jaunt, Ran, files_below, processes_with
from .forked import ForkServer

_SPEC = 'import jaunt\n\n\n@jaunt.magic\ndef one() -> int:\n    """Return 1."""\n'
_MARK = "JAUNT_TEST_MARK=program-faults"

# Each module names what the program does for it.
_PROGRAM = r"""
import os, pathlib, signal, subprocess, sys, time

RIGHT = "def one() -> int:\n    return 1\n"
asked = pathlib.Path("asked")
with asked.open("a") as file:
    file.write(os.environ["JAUNT_SPEC_MODULE"] + "\n")
what = os.environ["JAUNT_SPEC_MODULE"]
if what != "closes_its_input":
    sys.stdin.read()
if what == "killed":
    os.kill(os.getpid(), signal.SIGKILL)
if what == "fails":
    sys.stderr.write("noise\n" * 1_700_000 + "the last word\n")
    sys.exit(3)
if what == "prints_nothing":
    sys.exit(0)
if what == "no_text":
    sys.stdout.buffer.write(b"ab \xff")
    sys.exit(0)
if what == "prints_too_much":
    while True:
        sys.stdout.write("x" * 65536)
if what == "never_ends" and asked.read_text().count(what) == 1:
    time.sleep(3600)
if what == "closes_its_input":
    os.close(0)
if what == "leaves_a_child":
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])
sys.stdout.write(RIGHT)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A fault by the name that the docs give it, and what is said about it."""

    name: str
    module: str
    said: str
    outcome: str = "failed"
    asked: int = 1

    def __str__(self) -> str:
        return self.module


CASES = (
    Case(name="it is killed by a signal", module="killed", said="was ended by signal 9"),
    Case(name="it fails, with 10 MB on stderr", module="fails", said="the last word"),
    Case(name="it prints nothing", module="prints_nothing", said="[answer-empty]", asked=2),
    Case(
        name="it prints bytes that are not UTF-8",
        module="no_text",
        said="not UTF-8, at byte 3",
    ),
    Case(
        name="it prints more than 20 MB", module="prints_too_much", said="printed more than 20 MB"
    ),
    Case(
        name="it never ends",
        module="never_ends",
        said="never_ends: timeout: the command",
        outcome="generated",
        asked=2,
    ),
    Case(name="it closes its input early", module="closes_its_input", said="", outcome="generated"),
    Case(
        name="it leaves a child that keeps its output open",
        module="leaves_a_child",
        said="",
        outcome="generated",
    ),
)
NOT_THERE = "it is not there"


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """A run in which each module met a fault of its own."""

    project: Path
    ran: Ran
    before: dict[str, bytes]
    left: list[int]


@pytest.fixture(scope="module")
def met(tmp_path_factory: pytest.TempPathFactory, fork_server: ForkServer) -> Met:
    jaunt = Jaunt(tmp_path_factory.mktemp("home"), fork_server)
    project = write_project(
        tmp_path_factory.mktemp("met"), [case.module for case in CASES], ["python3", "program.py"]
    )
    before = files_below(project)
    name, _, value = _MARK.partition("=")
    ran = jaunt.run("build", "--json", cwd=project, **{name: value})
    left = processes_with(_MARK)
    jaunt.close()
    return Met(project=project, ran=ran, before=before, left=left)


def write_project(root: Path, modules: Sequence[str], command: Sequence[str]) -> Path:
    for name in modules:
        (root / f"{name}.py").write_text(_SPEC, "utf-8")
    (root / "program.py").write_text(_PROGRAM, "utf-8")
    listed = ", ".join(f'"{part}"' for part in command)
    config = f'version = 1\n[llm]\nprovider = "command"\ncommand = [{listed}]\ntimeout = 10\n'
    (root / "jaunt.toml").write_text(config, "utf-8")
    return root


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_fault_of_the_program(case: Case, met: Met) -> None:
    assert met.ran.code == 3, met.ran.err
    (module,) = [it for it in met.ran.document["modules"] if it["module"] == case.module]
    assert module["outcome"] == case.outcome
    assert case.said in met.ran.err
    assert (module["failure"] is None) == (case.outcome == "generated")
    assert module["failure"] is None or module["failure"]["hint"]
    landed = (met.project / f"__generated__/{case.module}.py").exists()
    assert landed == (case.outcome == "generated")
    asked = (met.project / "asked").read_text("utf-8").splitlines()
    assert asked.count(case.module) == case.asked


def test_the_tree_is_whole_and_nobody_is_left(met: Met) -> None:
    after = files_below(met.project)
    assert {path: after[path] for path in met.before} == met.before
    assert met.left == []
    assert len(met.ran.out + met.ran.err) < 50_000


def test_a_program_that_is_not_there(jaunt: Jaunt, tmp_path: Path) -> None:
    project = write_project(tmp_path, ["one", "two"], ["nosuchprogram"])
    ran = jaunt.run("build", "--jobs", "1", cwd=project)
    assert ran.code == 3
    assert "configuration: the command 'nosuchprogram' was not found" in ran.err
    assert "1 failed, 1 skipped" in ran.err
    assert "hint: install it, or correct" in ran.err
    assert not (project / "__generated__").exists()
