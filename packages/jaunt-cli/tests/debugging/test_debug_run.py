"""`--debug`: what the log of a run holds, what it never holds, and what becomes of old ones."""

from __future__ import annotations

import base64
import logging
import os
import stat
import subprocess
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jaunt_cli.debugging import DebugRun
from jaunt_cli.debugging.log_file import MAX_LOGS, LogFile
from jaunt_cli.version import __version__
from jaunt_core.backend.masking import Masker
from jaunt_core.model.events import Event, PytestPrinted, Sink, WarningRaised
from jaunt_core.model.spec import Kind

from ..conftest import Project, Ran

KEY = "sk-canary-0123456789"


def logs_of(project: Project) -> list[Path]:
    return sorted((project.root / ".jaunt" / "logs").glob("*.log"))


def only_log(project: Project) -> str:
    (path,) = logs_of(project)
    return path.read_text("utf-8")


def watched(
    project: Project, work: Callable[[Sink], object], **environ: str
) -> tuple[list[Event], DebugRun]:
    arguments = Namespace(root=project.root, config=None)
    run = DebugRun("build", ["--debug", "--target", KEY], arguments, environ)
    events: list[Event] = []
    run.watch(work, events.append)
    return events, run


def test_the_log_has_the_whole_run(shop: Project, jaunt: Callable[..., Ran]) -> None:
    code, _, err = jaunt("test", "--debug", "--no-run")
    assert code == 0
    (path,) = logs_of(shop)
    assert err.endswith(f"debug log: {path}\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = path.read_text("utf-8")
    assert f"run: jaunt test --debug --no-run\n    jaunt {__version__}, Python 3." in text
    for expected in (
        "event: PlanReady, build, 2 modules\n    cart: generate; file missing\n",
        "event: AttemptStarted(kind=<Kind.BUILD: 'build'>, module='tax', attempt=1",
        "request: build tax, attempt 1, ",
        "--- system\n    You write Python modules from specs",
        "answer: test tests.test_tax, attempt 1, after 0.",
        '\n    def rate(code: str) -> int:\n        return 19 if code == "DE" else 0\n',
        "event: RunFinished(kind=<Kind.TEST: 'test'>",
        " asyncio DEBUG: Using selector",
    ):
        assert expected in text, expected
    assert text.endswith(" end: \n")


def test_a_check_that_breaks_fails_its_module_and_is_told_in_the_log(
    shop: Project, jaunt: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: object) -> None:
        raise ZeroDivisionError("a mistake of ours")

    monkeypatch.setattr("jaunt_core.generation.validation.findings_of", broken)

    code, _, err = jaunt("build", "--debug", "--target", "tax")

    assert code == 3
    assert "an answer could not be judged: ZeroDivisionError: a mistake of ours" in err
    assert "build once more with --debug, and report it with the log" in " ".join(err.split())
    assert "Traceback" not in err
    log = only_log(shop)
    assert "ZeroDivisionError: a mistake of ours" in log
    assert ", in broken\n" in log


def test_nothing_is_written_without_it(shop: Project, jaunt: Callable[..., Ran]) -> None:
    assert jaunt("build")[0] == 0
    assert not (shop.root / ".jaunt" / "logs").exists()


def test_a_run_with_nothing_to_do_has_a_log_too(shop: Project, jaunt: Callable[..., Ran]) -> None:
    assert jaunt("build")[0] == 0
    assert jaunt("build", "--debug")[0] == 0
    assert "PlanReady, build, 2 modules\n    cart: fresh" in only_log(shop)


def test_json_stays_alone_on_stdout(
    shop: Project, jaunt_json: Callable[..., tuple[int, Any]]
) -> None:
    assert jaunt_json("build", "--debug")[1]["ok"]
    assert logs_of(shop)


def test_faults_are_in_the_log(
    shop: Project, jaunt: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.write({"answering.py": f"import sys; sys.exit('no: {KEY}')"})
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    code, _, err = jaunt("build", "--debug")
    assert code == 3
    text = only_log(shop)
    assert "no answer: build tax, attempt 1, after " in text
    assert "BackendError: " in text
    assert "no: ***" in text
    assert KEY not in text + err


def test_a_broken_project_has_a_log(shop: Project, jaunt: Callable[..., Ran]) -> None:
    shop.write({"src/tax.py": "import jaunt\n1 / 0\n"})
    assert jaunt("build", "--debug")[0] == 2
    text = only_log(shop)
    assert "ended by: Traceback (most recent call last):" in text
    assert "JauntDiscoveryError: src/tax.py:2: " in text


def test_where_there_is_no_project_there_is_no_log(
    tmp_path: Path, jaunt: Callable[..., Ran]
) -> None:
    code, _, err = jaunt("build", "--debug", "--root", str(tmp_path))
    assert code == 2
    assert err.startswith("error: no jaunt.toml in ")
    assert "debug log" not in err
    assert list(tmp_path.iterdir()) == []


def test_secrets_are_left_out(project: Project) -> None:
    def work(sink: Sink) -> None:
        logging.getLogger("openai").debug("headers: %r", {"Authorization": f"Bearer {KEY}"})
        logging.getLogger("httpx").info(f"base64: {base64.b64encode(KEY.encode()).decode()}")
        logging.getLogger("httpx").info("POST http://me:p@ss@host/v1, 'ftp://user:canary@h'")
        wrong = logging.LogRecord("broken", logging.WARNING, "", 1, "%d", ("no number",), None)
        logging.getLogger().handlers[-1].handle(wrong)  # pytest's own would raise
        sink(WarningRaised(kind=Kind.BUILD, message=f"reversed: {KEY[::-1]}"))
        for piece in (f"one\ntwo {KEY[:9]}", KEY[9:], "\nsome-other-secret"):
            sink(PytestPrinted(text=piece))

    events, run = watched(project, work, OPENAI_API_KEY=KEY, OTHER_TOKEN="some-other-secret")
    text = only_log(project)
    assert run.place in str(logs_of(project))
    for expected in (
        "--debug --target ***\n",
        "openai DEBUG: headers: {'Authorization': 'Bearer ***'}\n",
        "httpx INFO: base64: ***",
        "httpx INFO: POST http://***@host/v1, 'ftp://***@h'\n",
        "broken WARNING: (an entry that cannot be told: TypeError)\n",
        "message='reversed: ***')\n",
        "pytest: one\n",
        "pytest: two ***\n",
        "pytest: ***\n",
    ):
        assert expected in text, expected
    assert "canary" not in text
    assert len(events) == 4  # people see what they always see
    assert KEY[::-1] in repr(events)


def test_the_key_of_the_dotenv_file_is_left_out(project: Project) -> None:
    project.write({".env": f"OPENAI_API_KEY={KEY}\n"})
    watched(project, lambda sink: sink(WarningRaised(kind=Kind.BUILD, message=KEY)))
    assert "message='***'" in only_log(project)


def test_a_bug_is_in_the_log_without_the_key(project: Project) -> None:
    def work(_: Sink) -> None:
        raise RuntimeError(f"no {KEY}") from ValueError(KEY)

    with pytest.raises(RuntimeError):
        watched(project, work, OPENAI_API_KEY=KEY)
    text = only_log(project)
    assert "in work\n" in text
    assert "RuntimeError: no ***\n" in text
    assert "canary" not in text


def test_the_last_logs_are_kept(project: Project) -> None:
    folder = project.root / ".jaunt" / "logs"
    folder.mkdir(parents=True)
    for number in range(14):
        (folder / f"202001{number + 10}T000000Z-test-1.log").write_text("old")
    (folder / "mine.log").write_text("not jaunt's")
    (folder / "20190101T000000Z-test-1.log").symlink_to(folder / "mine.log")
    other = LogFile.create(project.root, "test", Masker([]))  # of a run that goes on
    other.path.rename(folder / "20180101T000000Z-test-1.log")
    watched(project, lambda _: None)
    names = sorted(path.name for path in folder.iterdir())
    assert names[0] == "20180101T000000Z-test-1.log"
    assert "mine.log" in names
    own = [name for name in names if name.startswith("202") and not name.startswith("2020")]
    assert len(own) == 1
    assert [name for name in names if name.startswith("2020")] == [
        f"202001{number + 10}T000000Z-test-1.log" for number in range(14 - MAX_LOGS + 1, 14)
    ]
    other.close()


def test_runs_at_once_keep_their_logs_apart(
    shop: Project, start: Callable[..., subprocess.Popen[str]]
) -> None:
    started = [start("build", "--debug", "--offline", cwd=shop.root) for _ in range(3)]
    for process in started:
        process.communicate()
    assert len(logs_of(shop)) == 3
    assert all(path.read_text().endswith(" end: \n") for path in logs_of(shop))


def _a_file(project: Project) -> None:
    project.write({".jaunt/logs": "in the way"})


def _a_link(project: Project) -> None:
    elsewhere = project.root.parent / "elsewhere"
    elsewhere.mkdir()
    (project.root / ".jaunt").mkdir()
    (project.root / ".jaunt" / "logs").symlink_to(elsewhere)


@pytest.mark.parametrize("hinder", [_a_file, _a_link])
def test_where_there_can_be_no_log_the_run_goes_on(
    hinder: Callable[[Project], None], shop: Project, jaunt: Callable[..., Ran]
) -> None:
    hinder(shop)
    code, _, err = jaunt("build", "--debug")
    assert code == 0
    assert err.count("warning: no whole debug log: ") == 1
    assert "\ndebug log: " not in err
    assert list(shop.root.parent.glob("elsewhere/*")) == []


def test_a_full_disk_ends_the_log_and_not_the_run(project: Project) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")

    def work(sink: Sink) -> str:
        full = os.open("/dev/full", os.O_WRONLY)
        (file,) = (log for log in [run._file] if log is not None)
        os.dup2(full, file._descriptor)
        os.close(full)
        for _ in range(3):
            sink(WarningRaised(kind=Kind.BUILD, message="hello"))
        return "done"

    run = DebugRun("build", [], Namespace(root=project.root, config=None), {})
    events: list[Event] = []
    assert run.watch(work, events.append) == "done"
    messages = [event.message for event in events if isinstance(event, WarningRaised)]
    assert len([text for text in messages if text.startswith("no whole debug log: ")]) == 1
    assert messages.count("hello") == 3


def test_a_log_that_ends_loses_what_comes_later(project: Project) -> None:
    file = LogFile.create(project.root, "build", Masker([]))
    file.write("one", "1")
    file.close()
    file.write("two", "2")
    assert "one: 1\n" in only_log(project)
    assert "two" not in only_log(project)
    assert file.fault == ""
