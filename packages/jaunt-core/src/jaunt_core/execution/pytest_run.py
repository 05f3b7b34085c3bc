"""pytest as a child process under the project's interpreter, on exactly the generated files."""

from __future__ import annotations

import codecs
import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import IO, cast

from jaunt_core.config.loading import Project
from jaunt_core.errors import JauntConfigError
from jaunt_core.execution.interpreter import child_environment
from jaunt_core.execution.sources import Roots
from jaunt_core.execution.worker import Worker
from jaunt_core.model.report import PytestResult, TestFailure

NO_TESTS = 5
"""pytest's exit code for a run that collected nothing."""

_RUNNER = Path(__file__).parent.parent / "worker" / "run_pytest.py"
_GRACE_SECONDS = 5.0


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
    with tempfile.TemporaryDirectory(prefix="jaunt-pytest-") as folder:
        report = Path(folder) / "report.json"
        prefix = json.dumps([str(project.root / item) for item in roots.prefix])
        command = [str(python), "-P", "-u", str(_RUNNER), str(report), prefix]
        command += ["--import-mode=importlib", *(["--color=yes"] if color else [])]
        command += [*arguments, *(str(path) for path in paths)]
        child = subprocess.Popen(
            command,
            cwd=project.root,
            env=child_environment(environ, secret=project.config.llm.api_key_env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # an interrupt ends the whole group, below
        )
        try:
            _forward(cast("IO[bytes]", child.stdout), on_output)
            code = child.wait()
        finally:
            _end(child)
        return _result(project, code, report)


def _forward(stream: IO[bytes], on_output: Callable[[str], None]) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    while chunk := os.read(stream.fileno(), 65536):
        on_output(decoder.decode(chunk))
    stream.close()


def _end(child: subprocess.Popen[bytes]) -> None:
    """End the tests and all that they started, where they have not ended by themselves."""
    if child.poll() is not None:
        return
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(child.pid, number)
            child.wait(_GRACE_SECONDS)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue
        return


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
