"""Run pytest under the project's interpreter and write a report of the outcome.

Started by path: `python -P run_pytest.py REPORT PREFIX ARGUMENT…`, with the report file and the
import path prefix (a JSON list) first. The report is one JSON object: how many tests passed, and
which failed with what message. Pytest's own output goes where it always goes.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path


class Recorder:
    """A pytest plugin that counts passed tests and collects the messages of failures."""

    def __init__(self) -> None:
        self.passed = 0
        self.failures: list[dict[str, str]] = []

    def pytest_runtest_logreport(self, report) -> None:  # noqa: ANN001
        """Count a finished phase of a test; setup and teardown count where they fail."""
        if report.failed:
            self._add(report)
        elif report.when == "call" and report.passed:
            self.passed += 1

    def pytest_collectreport(self, report) -> None:  # noqa: ANN001
        """Count a file that could not be collected as a failure."""
        if report.failed:
            self._add(report)

    def _add(self, report) -> None:  # noqa: ANN001
        crash = getattr(report.longrepr, "reprcrash", None)
        text = str(crash.message if crash else report.longrepr)
        location = f"{crash.path}:{crash.lineno}" if crash else str(report.nodeid)
        self.failures.append({"node_id": str(report.nodeid), "message": text, "location": location})


def main(arguments: list[str]) -> int:
    """Run pytest and write the report; the exit code is pytest's own."""
    report, prefix, *rest = arguments
    sys.path[:0] = json.loads(prefix)
    recorder = Recorder()
    pytest = import_module("pytest")  # the project's own, found behind the prefix
    code = int(pytest.main(rest, plugins=[recorder]))
    content = {"passed": recorder.passed, "failures": recorder.failures}
    Path(report).write_text(json.dumps(content), encoding="utf-8")
    return code


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
