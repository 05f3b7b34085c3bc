"""Exit codes, which are picked here and nowhere else."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # all of these cost `jaunt --version` time that it need not spend
    from jaunt_core.errors import JauntError
    from jaunt_core.model.inspection import Inspection
    from jaunt_core.model.lint import LintReport
    from jaunt_core.model.report import BuildReport, TestReport


class ExitCode(IntEnum):
    """What the caller of `jaunt` learns without reading its output."""

    SUCCESS = 0
    USAGE = 2
    GENERATION = 3
    NOT_PASSED = 4
    INTERRUPTED = 130


def code_of_error(error: JauntError) -> ExitCode:
    """2 for what the user has to correct before anything can be generated, else 3."""
    from jaunt_core.errors import (  # noqa: PLC0415 - whoever has an error has these as well
        ConfirmationError,
        JauntConfigError,
        JauntDependencyCycleError,
        JauntDiscoveryError,
    )

    to_be_corrected = (
        ConfirmationError,
        JauntConfigError,
        JauntDiscoveryError,
        JauntDependencyCycleError,
    )
    return ExitCode.USAGE if isinstance(error, to_be_corrected) else ExitCode.GENERATION


def code_of_build(report: BuildReport) -> ExitCode:
    """0 where no module failed or was skipped, else 3."""
    return ExitCode.SUCCESS if report.ok else ExitCode.GENERATION


def code_of_test(report: TestReport, *, run: bool) -> ExitCode:
    """3 where anything could not be generated, else 4 where pytest did not pass, else 0.

    Args:
        report: The report of the run.
        run: Whether the tests were to be run; then no result at all is no success.
    """
    if not report.tests.ok or (report.build is not None and not report.build.ok):
        return ExitCode.GENERATION
    if not run:
        return ExitCode.SUCCESS
    passed = report.pytest is not None and report.pytest.ok
    return ExitCode.SUCCESS if passed else ExitCode.NOT_PASSED


def code_of_check(inspection: Inspection) -> ExitCode:
    """0 where everything is fresh and nothing is orphaned, else 4."""
    return ExitCode.SUCCESS if inspection.ok else ExitCode.NOT_PASSED


def code_of_lint(report: LintReport) -> ExitCode:
    """0 where there are no findings, else 4."""
    return ExitCode.SUCCESS if report.ok else ExitCode.NOT_PASSED
