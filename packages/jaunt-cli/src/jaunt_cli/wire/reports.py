"""Build and test runs as JSON."""

from __future__ import annotations

from jaunt_cli.wire.document import Json, Problem, document_head
from jaunt_cli.wire.reasons import json_of_reason
from jaunt_core.model.generation import Finding, TokenUsage
from jaunt_core.model.report import (
    Bill,
    BuildReport,
    FailedModule,
    ModuleReport,
    MutationReport,
    Outcome,
    PytestResult,
)


def document_of_build(*, ok: bool, problem: Problem | None, report: BuildReport) -> Json:
    """What `jaunt build --json` prints."""
    return {**document_head("build", ok=ok, problem=problem), **_report(report)}


def document_of_test(
    *,
    ok: bool,
    problem: Problem | None,
    build: BuildReport | None,
    tests: BuildReport | None,
    pytest: PytestResult | None,
    strength: MutationReport | None = None,
) -> Json:
    """What `jaunt test --json` prints; parts that were not reached are null."""
    return {
        **document_head("test", ok=ok, problem=problem),
        "build": None if build is None else _report(build),
        "tests": None if tests is None else _report(tests),
        "pytest": None if pytest is None else _pytest(pytest),
        "strength": None if strength is None else _strength(strength),
    }


def _report(report: BuildReport) -> dict[str, Json]:
    return {
        "modules": [_module(module) for module in report.modules],
        # All outcomes, those that did not occur too.
        "counts": {outcome.value: report.count(outcome) for outcome in Outcome},
        **_bill(report.bill),
        "unjudged": [
            {"module": reason.module, "check": reason.check.value, "why": reason.why}
            for reason in report.unjudged
        ],
        "warnings": list(report.warnings),
        "seconds": round(report.seconds, 3),
    }


def _module(module: ModuleReport) -> Json:
    return {
        "module": module.module,
        "path": module.path.as_posix(),
        "outcome": module.outcome.value,
        "reasons": [json_of_reason(reason) for reason in module.reasons],
        "failure": None if module.failure is None else _failure(module.failure),
        **_bill(module.bill),
        "seconds": round(module.seconds, 3),
        "replaced": module.replaced,
        "written": list(module.written) or None,
    }


def _bill(bill: Bill) -> dict[str, Json]:
    return {
        "usage": _usage(bill.usage),
        "calls": bill.calls,
        "retries": bill.retries,
        "cost": None if bill.cost is None else round(bill.cost, 6),
    }


def _failure(failure: FailedModule) -> Json:
    return {
        "message": failure.message,
        "hint": failure.hint or None,
        "findings": [_finding(finding) for finding in failure.findings],
        "rejected": None if failure.rejected is None else failure.rejected.as_posix(),
        "blocked_by": failure.blocked_by or None,
    }


def _finding(finding: Finding) -> Json:
    return {
        "code": finding.code,
        "line": finding.line or None,
        "message": finding.message,
        "expected": finding.expected or None,
    }


def _usage(usage: TokenUsage) -> Json:
    return {"input": usage.input, "cached": usage.cached, "output": usage.output}


def _pytest(result: PytestResult) -> Json:
    return {
        "exit_code": result.exit_code,
        "passed": result.passed,
        "failed": result.failed,
        "failures": [
            {
                "node_id": failure.node_id,
                "message": failure.message,
                "location": failure.location,
            }
            for failure in result.failures
        ],
    }


def _strength(report: MutationReport) -> Json:
    return {
        "killed": report.killed,
        "total": report.tried,
        "specs": [
            {
                "spec": score.spec,
                "path": score.path.as_posix(),
                "killed": score.killed,
                "total": score.tried,
                "left_out": score.mutants - score.tried,
                "unclear": score.unclear or None,
                "survivors": [
                    {"line": survivor.line, "diff": survivor.diff} for survivor in score.survivors
                ],
            }
            for score in report.specs
        ],
    }
