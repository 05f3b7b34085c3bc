"""pytest as a child process under the project's interpreter, on exactly the generated files."""

from __future__ import annotations

import codecs
import json
import os
import select
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import IO, cast

from jaunt_core.config.loading import Project
from jaunt_core.errors import JauntConfigError
from jaunt_core.execution.interpreter import child_environment
from jaunt_core.execution.lifeline import Lifeline
from jaunt_core.execution.scratch import scratch_folder
from jaunt_core.execution.sources import Roots
from jaunt_core.execution.worker import Worker
from jaunt_core.model.report import PytestResult, TestFailure

NO_TESTS = 5
"""pytest's exit code for a run that collected nothing."""

_RUNNER = Path(__file__).parent.parent / "worker" / "run_pytest.py"
_GRACE_SECONDS = 5.0
_LOOK_SECONDS = 0.1


def require_pytest(worker: Worker) -> None:
    """Make sure that the project's interpreter has pytest.

    Raises:
        JauntConfigError: It has not; the hint is the command that adds it.
    """
    if not worker.ask({"op": "find", "module": "pytest"})["found"]:
        raise JauntConfigError(
            f"the project's interpreter {worker.python} has no pytest",
            hint="add it to the project: uv add --dev pytest "
            "(or pip install pytest in that environment)",
        )


def run_pytest(
    project: Project,
    roots: Roots,
    python: Path,
    paths: Sequence[PurePosixPath],
    *,
    arguments: Sequence[str],
    environ: Mapping[str, str],
    color: bool,
    on_output: Callable[[str], None],
) -> PytestResult:
    """Run the tests in `paths` and return what pytest said; its output goes to `on_output`."""
    with scratch_folder("pytest") as folder, Lifeline() as line:
        report = folder / "report.json"
        prefix = json.dumps([str(project.root / item) for item in roots.prefix])
        command = [str(python), "-P", "-u", str(_RUNNER), str(report), prefix]
        command += ["--import-mode=importlib", *(["--color=yes"] if color else [])]
        command += [*arguments, *(str(path) for path in paths)]
        child = subprocess.Popen(
            command,
            cwd=project.root,
            env=child_environment(project, environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # an interrupt ends the whole group, below
            pass_fds=line.inherited,
        )
        line.tie(child.pid)
        try:
            _forward(child, on_output)
            code = child.wait()
        finally:
            _end(child)
        return _result(project, code, report)


def _forward(child: subprocess.Popen[bytes], on_output: Callable[[str], None]) -> None:
    """Pass on what the tests print until they end, also where they leave the pipe open.

    A process that a test started and forgot holds the pipe; plain pytest does not wait for it
    either.
    """
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    with cast("IO[bytes]", child.stdout) as stream:
        while True:
            ended = child.poll() is not None  # asked first: what it wrote last is in the pipe
            readable, _, _ = select.select([stream], [], [], 0 if ended else _LOOK_SECONDS)
            chunk = os.read(stream.fileno(), 65536) if readable else b""
            if chunk:
                on_output(decoder.decode(chunk))
            elif readable or ended:
                return


def _end(child: subprocess.Popen[bytes]) -> None:
    """End the tests and all that they started, where they have not ended by themselves."""
    if child.poll() is not None:
        return
    try:
        os.killpg(child.pid, signal.SIGTERM)
        child.wait(_GRACE_SECONDS)
    except (ProcessLookupError, subprocess.TimeoutExpired):
        pass
    finally:
        # Also for whoever presses Ctrl-C again instead of waiting, and for what pytest left.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _result(project: Project, code: int, report: Path) -> PytestResult:
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
            node_id=item["node_id"],
            message=item["message"],
            location=_relative(project.root, item["location"]),
        )
        for item in content["failures"]
    )
    return PytestResult(
        exit_code=code, passed=content["passed"], failed=len(failures), failures=failures
    )


def _relative(root: Path, location: str) -> str:
    return location.removeprefix(f"{root}{os.sep}")


__all__ = ["NO_TESTS", "require_pytest", "run_pytest"]
