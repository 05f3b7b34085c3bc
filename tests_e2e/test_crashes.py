"""Death and failure at every step on the file system, one at a time, and the run after it."""

from __future__ import annotations

import errno
from collections.abc import Generator
from pathlib import Path

import pytest

from .crash_scenarios import SCENARIOS
from .crash_trials import Trials
from .crashing import CrashRunner, sample

FAILURES = (errno.ENOSPC, errno.EACCES, errno.EIO)

QUICK = [name for name, scenario in SCENARIOS.items() if scenario.quick]


@pytest.fixture(scope="session")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Generator[CrashRunner]:
    made = CrashRunner(tmp_path_factory.mktemp("runner"))
    yield made
    made.close()


def _steps_of(trials: Trials, *, whole: bool) -> list[int]:
    return list(sample(len(trials.whole.steps), whole=whole, most=trials.scenario.quick))


def die_everywhere(trials: Trials, *, whole: bool) -> None:
    for step in _steps_of(trials, whole=whole):
        trials.try_at(step, "die")
        if trials.whole.steps[step - 1][0] == "write":
            trials.try_at(step, "half")


def fail_everywhere(trials: Trials, *, whole: bool) -> None:
    for step in _steps_of(trials, whole=whole):
        # What is done about a failure does not depend on its number: neighbours try the others.
        trials.try_at(step, "fail", FAILURES[step % len(FAILURES)])
        if whole:
            trials.try_at(step, "fail", errno.ENOSPC, persistent=True)


@pytest.mark.parametrize("name", QUICK)
def test_dies_and_fails_at_some_steps(name: str, runner: CrashRunner, tmp_path: Path) -> None:
    trials = Trials(runner, SCENARIOS[name], tmp_path)
    die_everywhere(trials, whole=False)
    fail_everywhere(trials, whole=False)


@pytest.mark.slow
@pytest.mark.parametrize("name", SCENARIOS)
def test_dies_at_every_step(name: str, runner: CrashRunner, tmp_path: Path) -> None:
    trials = Trials(runner, SCENARIOS[name], tmp_path)
    die_everywhere(trials, whole=True)
    print(f"\n{name}: {len(trials.whole.steps)} steps; {dict(trials.counts)}; lost: 0")


@pytest.mark.slow
@pytest.mark.parametrize("name", SCENARIOS)
def test_fails_at_every_step(name: str, runner: CrashRunner, tmp_path: Path) -> None:
    trials = Trials(runner, SCENARIOS[name], tmp_path)
    fail_everywhere(trials, whole=True)
    print(f"\n{name}: {len(trials.whole.steps)} steps; {dict(trials.counts)}; lost: 0")
