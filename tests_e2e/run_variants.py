"""Run the tests of a built project against other implementations of its generated modules.

Started by path: `python run_variants.py JOB`, in the project's folder. JOB is a JSON file with
`prefix` (folders in front of the import path) and `variants`, a list of objects with `name`,
`target` (the generated file to replace), `source` (what to replace it with) and `tests` (files).
Prints one JSON object: for each variant the names of the tests that passed and that failed.

Each variant runs in a fork of this process, which has imported pytest already.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest


class Outcomes:
    """A pytest plugin that notes what became of each test, whatever its parameters."""

    def __init__(self) -> None:
        self.passed: set[str] = set()
        self.failed: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a phase of a test."""
        name = report.nodeid.rpartition("::")[2].partition("[")[0]
        if report.failed:
            self.failed.add(name)
        elif report.when == "call" and report.passed:
            self.passed.add(name)


def run_pytest(arguments: list[str], answer: int) -> None:
    """Run tests, in a process of its own, and write the outcomes to a pipe."""
    sys.stdout = sys.stderr
    outcomes = Outcomes()
    code = int(pytest.main(["--import-mode=importlib", "-q", *arguments], plugins=[outcomes]))
    found = {
        "code": code,
        "passed": sorted(outcomes.passed - outcomes.failed),
        "failed": sorted(outcomes.failed),
    }
    with os.fdopen(answer, "w") as stream:
        json.dump(found, stream)


def outcomes_of(arguments: list[str]) -> Any:
    """What the tests say in a fork of this process; None where it died."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            run_pytest(arguments, writing)
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as stream:
        answer = stream.read()
    os.waitpid(child, 0)
    return json.loads(answer or "null")


def main(job: dict[str, Any]) -> None:
    """Run all variants, one after the other."""
    sys.path[:0] = job["prefix"]
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    # Keeps the bytecode of the tests, which stay as they are; what is replaced must have none.
    everything = {path for variant in job["variants"] for path in variant["tests"]}
    outcomes_of(["--collect-only", *sorted(everything)])
    sys.dont_write_bytecode = True
    for variant in job["variants"]:
        shutil.rmtree(Path(variant["target"]).parent / "__pycache__", ignore_errors=True)
    found = {}
    for variant in job["variants"]:
        target = Path(variant["target"])
        right = target.read_bytes()
        target.write_bytes(Path(variant["source"]).read_bytes())
        found[variant["name"]] = outcomes_of(variant["tests"])
        target.write_bytes(right)
    print(json.dumps(found))


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_bytes()))
