"""The command as a process: signals, pipes, terminals."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ..conftest import Project

Start = Callable[..., subprocess.Popen[str]]


def wait_for(condition: Callable[[], object], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def is_running(number: int) -> bool:
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def answering_process(project: Project) -> int:
    wait_for(lambda: project.calls)
    return int((project.root / "calls.txt").read_text().split()[1])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interruption_ends_the_children(
    shop: Project, start: Start, number: signal.Signals
) -> None:
    shop.write({"slow": ""})
    process = start("build", "--json")
    child = answering_process(shop)
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "error: interrupted\n" in err
    assert "KeyboardInterrupt" not in err
    document = json.loads(out)
    assert (document["ok"], document["error"]["kind"]) == (False, "interrupted")
    wait_for(lambda: not is_running(child))


def test_an_ignored_hangup_stays_ignored(shop: Project, start: Start) -> None:
    shop.write({"slow": ""})
    process = start("build", preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    answering_process(shop)
    process.send_signal(signal.SIGHUP)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.5)
    process.terminate()
    assert process.wait(20) == 130


def test_sigterm_works_where_ctrl_c_is_ignored(shop: Project, start: Start) -> None:
    shop.write({"slow": ""})
    process = start("build", preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    child = answering_process(shop)
    process.terminate()
    _, err = process.communicate(timeout=20)
    assert (process.returncode, "error: interrupted\n" in err) == (130, True)
    wait_for(lambda: not is_running(child))


def test_an_interrupted_pytest(shop: Project, start: Start) -> None:
    shop.write(
        {
            "answers/test.tests.test_tax.py": """
                import os, pathlib, time
                from tax import rate


                def test_rate() -> None:
                    pathlib.Path("testing.txt").write_text(str(os.getpid()))
                    time.sleep(60)
                    assert rate("DE") == 19
                """
        }
    )
    process = start("test", "--json")
    running = shop.root / "testing.txt"
    wait_for(lambda: running.exists() and running.read_text())
    process.terminate()
    out, _ = process.communicate(timeout=20)
    assert process.returncode == 130
    document = json.loads(out)
    assert document["build"]["counts"]["generated"] == 2
    assert document["tests"]["counts"]["generated"] == 1
    assert document["pytest"] is None
    wait_for(lambda: not is_running(int(running.read_text())))


@pytest.mark.parametrize(
    "arguments", [("test",), ("build", "--json"), ("--help",), ("build", "-h"), ("--version",)]
)
def test_a_reader_who_left_changes_nothing(
    shop: Project, start: Start, arguments: tuple[str, ...]
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = start(*arguments, stdout=writing)
    os.close(writing)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "BrokenPipe" not in err
    assert "Traceback" not in err


def test_nobody_listens_at_all(shop: Project, start: Start) -> None:
    def close() -> None:
        os.close(1)
        os.close(2)

    process = start("build", stdout=None, stderr=None, preexec_fn=close)
    assert process.wait(60) == 0
    assert (shop.root / "src/__generated__/cart.py").exists()


class Screen:
    """A pseudo-terminal, and what was written to it."""

    def __init__(self) -> None:
        self.master, self.slave = pty.openpty()
        self.text = ""

    def read_until_closed(self) -> str:
        os.close(self.slave)
        while self.read():
            pass
        return self.text

    def read(self) -> bool:
        try:
            chunk = os.read(self.master, 65536)
        except OSError:  # the other side was closed
            return False
        self.text += chunk.decode()
        return bool(chunk)

    def read_until(self, part: str) -> None:
        while part not in self.text:
            assert select.select([self.master], [], [], 30)[0]
            assert self.read()


@pytest.fixture
def screen() -> Screen:
    return Screen()


def test_a_terminal_shows_a_bar_and_then_none(shop: Project, start: Start, screen: Screen) -> None:
    process = start("test", stdout=screen.slave, stderr=screen.slave, stdin=screen.slave)
    text = screen.read_until_closed()
    assert process.wait(20) == 0
    assert text.count("\x1b[?25l") == text.count("\x1b[?25h") == 2  # code, then tests
    assert "0/2" in text
    assert "\x1b[32mgenerated" in text
    assert "1 passed" in text[text.rindex("\x1b[?25h") :]  # pytest has the terminal for itself
    assert "\x1b[32m" in text[text.rindex("\x1b[?25h") :]  # and its colours


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 2), ("\n", 2), ("\x04", 2)])
def test_whoever_sits_there_is_asked_before_many_calls(
    shop: Project, start: Start, screen: Screen, answer: str, code: int
) -> None:
    config = shop.root / "jaunt.toml"
    config.write_text(f"{config.read_text()}\n[budget]\nconfirm_above = 1\n")
    process = start("build", stdout=screen.slave, stderr=screen.slave, stdin=screen.slave)
    screen.read_until("this run would make 2 calls, more than [budget] confirm_above = 1. Go on? ")
    assert "\x1b[?25l" not in screen.text  # no bar hides the question
    os.write(screen.master, answer.encode())
    screen.read_until_closed()
    assert process.wait(20) == code
    assert (shop.root / "src/__generated__/cart.py").exists() is (code == 0)
    assert ("nothing was sent" in screen.text) is (code == 2)


def test_a_terminal_without_colours(
    shop: Project, start: Start, screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    process = start("test", stdout=screen.slave, stderr=screen.slave)
    text = screen.read_until_closed()
    assert process.wait(20) == 0
    assert not re.search(r"\x1b\[(?:\d+;)*(?:3|4|9)\d(?:;\d+)*m", text)


def test_a_dumb_terminal_gets_lines(
    shop: Project, start: Start, screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    process = start("build", stdout=screen.slave, stderr=screen.slave)
    assert "\x1b" not in screen.read_until_closed()
    assert process.wait(20) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_restores_the_terminal(
    shop: Project, start: Start, screen: Screen, number: signal.Signals
) -> None:
    shop.write({"slow": ""})
    process = start("build", stdout=screen.slave, stderr=screen.slave)
    screen.read_until("tax")
    answering_process(shop)
    process.send_signal(number)
    text = screen.read_until_closed()
    assert process.wait(20) == 130
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")
    assert "interrupted" in text[text.rindex("\x1b[?25h") :]
