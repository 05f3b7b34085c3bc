"""pytest as a child process under the project's interpreter, on exactly the generated files."""

from __future__ import annotations

import codecs
import json
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path, PurePosixPath

from jaunt_core.config.loading import Project
from jaunt_core.errors import JauntConfigError
from jaunt_core.model.report import PytestResult, TestFailure
from jaunt_core.processes.scratch import as_step_error, scratch_folder
from jaunt_core.processes.supervisor import Child
from jaunt_core.project.workspace import Workspace
from jaunt_core.snapshot.worker_client import Worker

NO_TESTS = 5
"""pytest's exit code for a run that collected nothing."""

_RUNNER = Path(__file__).parent.parent / "worker" / "run_pytest.py"
_GRACE_SECONDS = 5.0
_POLL_SECONDS = 0.1


def require_pytest(worker: Worker) -> None:
    """Make sure that the project's interpreter has pytest.

    Raises:
        JauntConfigError: It does not; the hint is the command that adds it.
    """
    if not worker.ask({"op": "find", "module": "pytest"})["exists"]:
        raise JauntConfigError(
            f"the project's interpreter {worker.python} has no pytest",
            hint="add it to the project: uv add --dev pytest "
            "(or pip install pytest in that environment)",
        )


def run_pytest(
    workspace: Workspace,
    paths: Sequence[PurePosixPath],
    *,
    arguments: Sequence[str],
    color: bool,
    on_output: Callable[[str], None],
    stopped: threading.Event | None = None,
) -> PytestResult:
    """Run the tests in `paths` and return their result; what pytest prints goes to `on_output`.

    An interruption, or `stopped` where it is set from another thread, ends them.

    Raises:
        LandingError: The system refuses a folder for the report, or a process.
    """
    root, python = workspace.root, workspace.interpreter.path
    prefix = json.dumps([str(root / folder) for folder in workspace.roots.prefix])
    command = ["--import-mode=importlib", *(["--color=yes"] if color else [])]
    command += [*arguments, *(str(path) for path in paths)]
    with ExitStack() as opened:
        with as_step_error("the tests cannot be run"):
            report = opened.enter_context(scratch_folder("pytest")) / "report.json"
            child = opened.enter_context(
                Child(
                    [str(python), "-P", "-u", str(_RUNNER), str(report), prefix, *command],
                    folder=root,
                    environ=workspace.child_environ,
                    stdin=subprocess.DEVNULL,
                    stderr=subprocess.STDOUT,
                )
            )
        try:
            _forward(child, on_output, stopped or threading.Event())
            if stopped is None or not stopped.is_set():
                child.process.wait()  # it may have closed its output before its end
        except KeyboardInterrupt:
            _interrupt(child, on_output)
            raise
        finally:
            # After an end of its own, what tests leave running is their own business.
            if child.process.poll() is None:
                child.end(grace=_GRACE_SECONDS)
        return _read_report(workspace.project, child.process.wait(), report)


def _interrupt(child: Child, on_output: Callable[[str], None]) -> None:
    """Interrupt pytest so that it prints how far it came, as it does after Ctrl-C."""
    time_is_up = threading.Event()
    alarm = threading.Timer(_GRACE_SECONDS, time_is_up.set)
    alarm.start()
    try:
        child.send_signal(signal.SIGINT)
        _forward(child, on_output, time_is_up)
    finally:
        # Also for whoever presses Ctrl-C again instead of waiting, and for what pytest left.
        alarm.cancel()
        child.end()


def _forward(child: Child, on_output: Callable[[str], None], stopped: threading.Event) -> None:
    """Pass on what the tests print until they end, also where they leave the pipe open.

    A process that a test started and forgot holds the pipe; plain pytest does not wait for it
    either.
    """
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    while not stopped.is_set():
        has_ended = child.process.poll() is not None  # asked first: all that it wrote is there
        chunk = child.read(0 if has_ended else _POLL_SECONDS)
        if chunk:
            on_output(decoder.decode(chunk))
        elif chunk is not None or has_ended:
            return


def _read_report(project: Project, code: int, report: Path) -> PytestResult:
    try:
        content = json.loads(report.read_bytes())
    except (OSError, ValueError):
        failure = TestFailure(
            node_id="pytest",
            message=f"pytest ended with exit code {code} before it could report",
            location="",
        )
        return PytestResult(exit_code=code or 1, passed=0, failed=1, failures=(failure,))
    failures = tuple(
        TestFailure(
            node_id=failure["node_id"],
            message=failure["message"],
            location=_relative(project.root, failure["location"]),
        )
        for failure in content["failures"]
    )
    return PytestResult(
        exit_code=code, passed=content["passed"], failed=len(failures), failures=failures
    )


def _relative(root: Path, location: str) -> str:
    return location.removeprefix(f"{root}{os.sep}")
