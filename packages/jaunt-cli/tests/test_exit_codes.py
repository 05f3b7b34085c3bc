from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath

import pytest

from jaunt_cli.exit_codes import (
    ExitCode,
    code_of_build,
    code_of_check,
    code_of_error,
    code_of_test,
)
from jaunt_core import errors
from jaunt_core.model.inspection import Inspection, Orphan
from jaunt_core.model.plan import Action, BuildPlan, FileState
from jaunt_core.model.report import BuildReport, ModuleReport, Outcome, PytestResult, TestReport
from jaunt_core.model.spec import Kind


def report_of(*outcomes: Outcome, kind: Kind = Kind.BUILD) -> BuildReport:
    modules = (
        ModuleReport(module=f"m{number}", path=PurePosixPath("m.py"), outcome=outcome)
        for number, outcome in enumerate(outcomes)
    )
    return BuildReport(kind=kind, modules=tuple(modules))


GOOD, BAD = report_of(Outcome.FRESH), report_of(Outcome.FAILED)
PASSED = PytestResult(exit_code=0, passed=1, failed=0)
FAILED = PytestResult(exit_code=1, passed=1, failed=1)
EMPTY = PytestResult(exit_code=5, passed=0, failed=0)


def test_the_numbers_are_promised() -> None:
    assert [code.value for code in ExitCode] == [0, 2, 3, 4, 130]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.JauntConfigError("x"), 2),
        (errors.JauntDiscoveryError("x"), 2),
        (errors.JauntDependencyCycleError("x"), 2),
        (errors.JauntGenerationError("x"), 3),
        (errors.BackendError("x", kind=errors.FaultKind.QUOTA), 3),
        (errors.LandingError("x"), 3),
        (errors.JauntError("x"), 3),
    ],
)
def test_errors(error: errors.JauntError, code: int) -> None:
    assert code_of_error(error) == code


def test_builds() -> None:
    assert code_of_build(report_of(*Outcome)) == 3
    assert code_of_build(report_of(Outcome.SKIPPED)) == 3
    done = (Outcome.GENERATED, Outcome.REUSED, Outcome.KEPT, Outcome.FRESH)
    assert code_of_build(report_of(*done)) == code_of_build(report_of()) == 0


@pytest.mark.parametrize(
    ("build", "tests", "result", "run", "code"),
    [
        (GOOD, GOOD, PASSED, True, 0),
        (None, GOOD, PASSED, True, 0),
        (None, GOOD, None, False, 0),
        (None, GOOD, None, True, 4),
        (GOOD, GOOD, FAILED, True, 4),
        (GOOD, GOOD, EMPTY, True, 4),
        (BAD, GOOD, PASSED, True, 3),
        (GOOD, BAD, PASSED, True, 3),
        (GOOD, BAD, FAILED, True, 3),
        (BAD, GOOD, None, False, 3),
    ],
)
def test_tests(
    build: BuildReport | None, tests: BuildReport, result: PytestResult | None, run: bool, code: int
) -> None:
    report = TestReport(build=build, tests=tests, pytest=result)
    assert code_of_test(report, run=run) == code


def test_checks(plan_of: Callable[..., BuildPlan]) -> None:
    def look(build: BuildPlan, tests: BuildPlan, *orphans: Orphan) -> int:
        inspection = Inspection(
            build=build, tests=tests, orphans=orphans, input_tokens={}, warnings=()
        )
        return code_of_check(inspection)

    orphan = Orphan(path=PurePosixPath("x.py"), source_module="x", state=FileState.WHOLE)
    fresh, none = plan_of(a=Action.FRESH), plan_of(Kind.TEST)
    assert look(fresh, none) == 0
    assert look(fresh, none, orphan) == 4
    for action in set(Action) - {Action.FRESH}:
        assert look(plan_of(a=Action.FRESH, b=action), none) == 4
        assert look(fresh, plan_of(Kind.TEST, t=action)) == 4
