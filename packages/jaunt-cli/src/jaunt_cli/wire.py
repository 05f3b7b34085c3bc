"""The JSON that we promise: reports as plain objects, whose keys are all there, always.

Keys keep their meaning within one `schema`; new ones may be added. What does not apply is null.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jaunt_cli.words.reasons import reason_text
from jaunt_core.errors import (
    BackendError,
    BusyError,
    ConfirmationError,
    JauntConfigError,
    JauntDependencyCycleError,
    JauntDiscoveryError,
    JauntError,
    JauntGenerationError,
    LandingError,
)
from jaunt_core.model.generation import Finding, TokenUsage
from jaunt_core.model.reason import Reason
from jaunt_core.model.report import (
    Bill,
    BuildReport,
    FailedModule,
    ModuleReport,
    MutationReport,
    Outcome,
    PytestResult,
)

SCHEMA = 1

Json = Mapping[str, "Json"] | Sequence["Json"] | str | int | float | bool | None

# The first that fits counts: special kinds stand above what they derive from.
_KINDS: tuple[tuple[type[JauntError], str], ...] = (
    (JauntConfigError, "config"),
    (JauntDiscoveryError, "discovery"),
    (JauntDependencyCycleError, "cycle"),
    (BackendError, "backend"),
    (JauntGenerationError, "generation"),
    (BusyError, "busy"),
    (LandingError, "landing"),
    (ConfirmationError, "confirmation"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What stopped a whole run."""

    kind: str
    message: str
    hint: str | None = None


INTERRUPTED = Problem(
    kind="interrupted",
    message="interrupted",
    hint="what was finished is kept; the next run goes on from there",
)


def problem_of(error: JauntError, *, kind: str = "") -> Problem:
    """An error as it is told, of the given kind or else of its class's."""
    own = next((name for base, name in _KINDS if isinstance(error, base)), "error")
    message = str(error.args[0]) if error.args else type(error).__name__
    return Problem(kind=kind or own, message=message, hint=error.hint)


def document_of_build(*, ok: bool, problem: Problem | None, report: BuildReport) -> Json:
    """What `jaunt build --json` prints."""
    return {**_head("build", ok=ok, problem=problem), **_report(report)}


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
        **_head("test", ok=ok, problem=problem),
        "build": None if build is None else _report(build),
        "tests": None if tests is None else _report(tests),
        "pytest": None if pytest is None else _pytest(pytest),
        "strength": None if strength is None else _strength(strength),
    }


def document_of_look(
    command: str,
    *,
    ok: bool,
    problem: Problem | None,
    body: Mapping[str, Json],
    warnings: Sequence[str],
) -> Json:
    """What a command that only looks prints: what it found, between what all documents have."""
    return {**_head(command, ok=ok, problem=problem), **body, "warnings": list(warnings)}


def document_of_misuse(command: str | None, problem: Problem) -> Json:
    """What any command prints with `--json` where its arguments are wrong, or none is named."""
    return _head(command, ok=False, problem=problem)


def render_document(document: Json) -> str:
    """The document on one line; in ASCII, so that any stream can carry it."""
    return json.dumps(document) + "\n"


def _head(command: str | None, *, ok: bool, problem: Problem | None) -> dict[str, Json]:
    error: Json = None
    if problem is not None:
        error = {"kind": problem.kind, "message": problem.message, "hint": problem.hint}
    return {"schema": SCHEMA, "command": command, "ok": ok, "error": error}


def _report(report: BuildReport) -> dict[str, Json]:
    return {
        "modules": [_module(module) for module in report.modules],
        "counts": {outcome.value: report.count(outcome) for outcome in Outcome},
        **_bill(report.bill),
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


def json_of_reason(reason: Reason) -> dict[str, Json]:
    """A reason with all that it knows; `text` is the whole of it in words."""
    return {
        "kind": reason.kind.value,
        "spec": reason.spec,
        "part": reason.part or None,
        "definition": reason.definition,
        "old": reason.old or None,
        "new": reason.new or None,
        "place": None if reason.place is None else str(reason.place),
        "path": list(reason.path),
        "omitted": reason.omitted,
        "causes": [json_of_reason(cause) for cause in reason.causes],
        "detail": reason.detail or None,
        "text": reason_text(reason),
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
                "spec": item.spec,
                "path": item.path.as_posix(),
                "killed": item.killed,
                "total": item.tried,
                "left_out": item.mutants - item.tried,
                "unclear": item.unclear or None,
                "survivors": [{"line": it.line, "diff": it.diff} for it in item.survivors],
            }
            for item in report.specs
        ],
    }


__all__ = [
    "INTERRUPTED",
    "SCHEMA",
    "Json",
    "Problem",
    "document_of_build",
    "document_of_look",
    "document_of_misuse",
    "document_of_test",
    "json_of_reason",
    "problem_of",
    "render_document",
]
