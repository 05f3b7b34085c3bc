"""Run every check of this repository, one after the other, and say which of them failed.

All of them run, also after one has failed. With `--python 3.13` the checks run on another
interpreter, in an environment of its own (`.venv-3.13.0`), so that `.venv` stays as it is.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.interpreters import Interpreter, find_interpreter, find_interpreters

ROOT = Path(__file__).resolve().parents[1]
# What an outer `uv run` or an activated environment leaves behind would overrule the choice here.
_OUTER = ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT", "UV_PYTHON", "PYTHONHOME", "PYTHONPATH")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One check: a name for the summary, and the command behind `uv run`."""

    name: str
    command: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a step, and in how many seconds."""

    name: str
    exit_code: int
    seconds: float


STATIC_STEPS = (
    Step(name="format", command=("ruff", "format", "--check", ".")),
    Step(name="lint", command=("ruff", "check", ".")),
    Step(name="types", command=("ty", "check")),
    Step(name="imports", command=("lint-imports",)),
    Step(name="versions", command=("python", "scripts/versions.py", "check")),
    Step(name="pins", command=("python", "scripts/pin_dependencies.py", "--check")),
    Step(name="tracked files", command=("python", "scripts/tracked_files.py")),
    Step(name="names", command=("python", "scripts/names.py")),
    Step(name="CLI reference", command=("python", "scripts/cli_reference.py", "--check")),
)
TESTS = Step(name="tests", command=("pytest",))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the steps that the arguments ask for; 1 where one failed, 2 for a wrong argument."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.all_pythons:
        return _report([*_run_steps(STATIC_STEPS, None), *_run_tests_everywhere()])
    wanted = options.python or os.environ.get("UV_PYTHON", "")
    interpreter = find_interpreter(wanted) if wanted else None
    if wanted and interpreter is None:
        known = ", ".join(item.version for item in find_interpreters()) or "none"
        parser.error(f"no CPython {wanted} on this machine (found: {known})")
    steps = STATIC_STEPS if options.no_tests else (*STATIC_STEPS, TESTS)
    return _report(_run_steps(steps, interpreter))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/check", description=__doc__)
    parser.add_argument("--no-tests", action="store_true", help="leave out pytest")
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--python",
        metavar="VERSION",
        help="run on another interpreter, a version or a path (default: $UV_PYTHON, else uv's)",
    )
    group.add_argument(
        "--all-pythons",
        action="store_true",
        help="run the tests on every CPython from 3.11 on that uv or pyenv knows here",
    )
    return parser


def _run_tests_everywhere() -> list[Outcome]:
    outcomes = []
    for interpreter in find_interpreters():
        step = Step(name=f"tests on {interpreter.version}", command=TESTS.command)
        outcomes.extend(_run_steps((step,), interpreter))
    return outcomes


def _run_steps(steps: Sequence[Step], interpreter: Interpreter | None) -> list[Outcome]:
    """Run steps in the usual environment, or in the one of an interpreter."""
    environ = {name: value for name, value in os.environ.items() if name not in _OUTER}
    if interpreter is not None:
        environ["UV_PYTHON"] = str(interpreter.path)
        environ["UV_PROJECT_ENVIRONMENT"] = f".venv-{interpreter.version}"
    return [_run_step(step, environ) for step in steps]


def _run_step(step: Step, environ: Mapping[str, str]) -> Outcome:
    print(f"\n=== {step.name}: uv run {' '.join(step.command)}", flush=True)
    start = time.monotonic()
    done = subprocess.run(
        ["uv", "run", *step.command],
        cwd=ROOT,
        env=environ,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return Outcome(name=step.name, exit_code=done.returncode, seconds=time.monotonic() - start)


def _report(outcomes: Sequence[Outcome]) -> int:
    print("\n=== summary")
    for outcome in outcomes:
        verdict = "ok" if outcome.exit_code == 0 else f"FAILED (exit code {outcome.exit_code})"
        print(f"{outcome.name:<20} {outcome.seconds:6.1f} s  {verdict}")
    failed = [outcome.name for outcome in outcomes if outcome.exit_code != 0]
    print(f"failed: {', '.join(failed)}" if failed else f"all {len(outcomes)} checks passed")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
