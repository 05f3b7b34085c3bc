"""Children and what they start: bounded, ended as a group, and never waited for too long."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from jaunt_core.processes.supervisor import (
    Child,
    ProgramLimits,
    ProgramResult,
    ProgramTimeoutError,
    run_program,
)

ENVIRON = {"PATH": os.environ["PATH"]}
LEAVE_CHILD = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
"""


@pytest.fixture
def start(tmp_path: Path) -> Callable[[str], Child]:
    def build(code: str) -> Child:
        return Child(
            [sys.executable, "-c", code],
            folder=tmp_path,
            environ=ENVIRON,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    return build


async def run(code: str, folder: Path, limits: ProgramLimits, stdin: bytes = b"") -> ProgramResult:
    command = [sys.executable, "-c", code]
    return await run_program(command, folder=folder, environ=ENVIRON, limits=limits, stdin=stdin)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + 10
    while is_running(pid):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_child_is_read_within_a_time_and_up_to_its_end(start: Callable[[str], Child]) -> None:
    with start("import sys; print('out', flush=True); sys.stdin.read(); sys.exit(3)") as child:
        assert child.read(30) == b"out\n"
        assert child.read(30) == b""
        assert child.process.wait(30) == 3
    with start("import time; time.sleep(600)") as child:
        assert child.read(0) is None
        child.end()


def test_the_end_of_a_child_is_that_of_its_group(start: Callable[[str], Child]) -> None:
    with start(LEAVE_CHILD) as child:
        pid = int(child.read(30) or b"")
        assert child.process.wait(30) == 0
        assert is_running(pid)
        child.end()
    wait_until_gone(pid)


def test_a_child_may_end_by_itself_within_the_grace(start: Callable[[str], Child]) -> None:
    code = (
        "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: sys.exit(7)); "
        "print('ready', flush=True); time.sleep(600)"
    )
    with start(code) as child:
        assert child.read(30) == b"ready\n"
        assert child.end(grace=30) == 7


async def test_what_a_program_leaves_with_its_output_open_is_ended(tmp_path: Path) -> None:
    started = time.monotonic()
    result = await run(LEAVE_CHILD, tmp_path, ProgramLimits(seconds=60))
    assert time.monotonic() - started < 10
    await asyncio.to_thread(wait_until_gone, int(result.output))


async def test_all_that_a_program_prints_arrives(tmp_path: Path) -> None:
    code = "import sys; text = sys.stdin.read(); print(text); print(text, file=sys.stderr)"
    limits = ProgramLimits(seconds=60, errors=1000)
    result = await run(code, tmp_path, limits, b"x" * 1_000_000)
    assert result == ProgramResult(
        code=0, output=b"x" * 1_000_000 + b"\n", errors=b"x" * 999 + b"\n", is_cut=False
    )


async def test_too_much_output_ends_a_program(tmp_path: Path) -> None:
    result = await run(
        "while True: print('x' * 99)", tmp_path, ProgramLimits(seconds=60, output=10_000)
    )
    assert (result.code, result.is_cut) == (-9, True)


async def test_a_program_that_takes_too_long_tells_its_last_words(tmp_path: Path) -> None:
    code = "import sys, time; print('busy', file=sys.stderr, flush=True); time.sleep(600)"
    with pytest.raises(ProgramTimeoutError) as caught:
        await run(code, tmp_path, ProgramLimits(seconds=3))
    assert caught.value.errors == b"busy\n"
