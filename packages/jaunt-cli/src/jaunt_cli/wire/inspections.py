"""The JSON of commands that neither build nor test."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from jaunt_cli.wire.document import Body, Json
from jaunt_cli.wire.reasons import json_of_reason
from jaunt_cli.words.module_state import State, recipe_of, state_of
from jaunt_cli.words.remedies import remedies_of
from jaunt_core.model.generation import GenerationRequest
from jaunt_core.model.inspection import (
    AnswerTotals,
    CacheReport,
    Explanation,
    Inspection,
    Orphan,
    SpecExplanation,
)
from jaunt_core.model.lint import LintReport
from jaunt_core.model.plan import Action, BuildPlan, ModulePlan
from jaunt_core.model.trust import Trusted, TrustReport


def body_of_status(inspection: Inspection | None) -> Body:
    """The body of `jaunt status --json`: every module with its state and its reasons."""
    if inspection is None:
        return dict.fromkeys(("modules", "orphans", "counts", "remedies"))
    states = [state_of(plan) for plan in inspection.modules]
    counts = {state.value: states.count(state) for state in State}
    return {
        "modules": [_module(plan) for plan in inspection.modules],
        "orphans": [_orphan(orphan) for orphan in inspection.orphans],
        "counts": {**counts, "orphaned": len(inspection.orphans)},
        "remedies": [
            {"command": remedy.command or None, "text": str(remedy)}
            for remedy in remedies_of(inspection)
        ],
    }


def body_of_prompt(request: GenerationRequest | None) -> Body:
    """The body of `jaunt build --show-prompt --json`: the messages as they would be sent."""
    if request is None:
        return dict.fromkeys(("module", "attempt", "messages"))
    return {
        "module": request.context.spec_module,
        "attempt": request.attempt,
        "messages": [{"role": message.role, "text": message.text} for message in request.messages],
    }


def body_of_plan(inspection: Inspection | None) -> Body:
    """The body of `jaunt plan --json`: what would be done with each module, and what it costs."""
    if inspection is None:
        return dict.fromkeys(("build", "tests", "calls", "input_tokens"))
    return {
        "build": _plan(inspection.build, inspection),
        "tests": _plan(inspection.tests, inspection),
        "calls": len(inspection.input_tokens),
        "input_tokens": sum(inspection.input_tokens.values()),
    }


def body_of_why(explanation: Explanation | None) -> Body:
    """The body of `jaunt why --json`: the module, its specs, and the root causes."""
    if explanation is None:
        return dict.fromkeys(("module", "specs", "causes"))
    return {
        "module": {
            **_module(explanation.plan),
            "action": explanation.plan.action.value,
            "blocked_by": explanation.blocked_by or None,
        },
        "specs": [_spec(spec) for spec in explanation.specs],
        "causes": [_spec(spec) for spec in explanation.causes],
    }


def body_of_clean(paths: Sequence[PurePosixPath] | None, *, orphans: bool, dry_run: bool) -> Body:
    """The body of `jaunt clean --json`: the files that were removed, or would be."""
    return {
        "files": None if paths is None else [path.as_posix() for path in paths],
        "orphans": orphans,
        "dry_run": dry_run,
    }


def body_of_cache(report: CacheReport | None, *, action: str) -> Body:
    """The body of `jaunt cache --json`: what is stored, and what was removed."""
    stored = None if report is None else _cache(report.stored)
    removed = None if report is None or report.removed is None else _cache(report.removed)
    return {"action": action, "stored": stored, "removed": removed}


def body_of_trust(report: TrustReport | None, *, action: str) -> Body:
    """The body of `jaunt trust --json`: what was confirmed or revoked, and the result."""
    if report is None:
        return {"action": action, **dict.fromkeys(("confirmed", "revoked", "trusted"))}
    return {
        "action": action,
        "confirmed": [_trusted(confirmed.trusted) for confirmed in report.confirmed],
        "revoked": [_trusted(trusted) for trusted in report.revoked],
        "trusted": [_trusted(trusted) for trusted in report.trusted],
    }


def body_of_lint(report: LintReport | None) -> Body:
    """The body of `jaunt lint --json`: every finding, and how much was checked."""
    if report is None:
        return dict.fromkeys(("findings", "modules", "specs"))
    return {
        "findings": [
            {
                "code": finding.code.value,
                "spec": finding.spec,
                "path": finding.path.as_posix(),
                "line": finding.line,
                "message": finding.message,
                "remedy": finding.remedy,
            }
            for finding in report.findings
        ],
        "modules": report.modules,
        "specs": report.specs,
    }


def _module(plan: ModulePlan) -> dict[str, Json]:
    header = plan.file.header
    return {
        "module": plan.name,
        "kind": plan.module.kind.value,
        "state": state_of(plan).value,
        "source": plan.module.path.as_posix(),
        "path": plan.file.path.as_posix(),
        "reasons": [json_of_reason(reason) for reason in plan.reasons],
        "digest": {"old": header.module_digest if header else None, "new": plan.module_digest},
        "tool_version": (header.tool_version or None) if header else None,
        "recipe": dict(recipe_of(header)) or None,
    }


def _orphan(orphan: Orphan) -> Json:
    return {
        "path": orphan.path.as_posix(),
        "source_module": orphan.source_module or None,
        "state": orphan.state.value,
    }


def _plan(plan: BuildPlan, inspection: Inspection) -> Json:
    return {
        "modules": [
            {
                **_module(module),
                "action": module.action.value,
                "input_tokens": inspection.input_tokens.get(module.name),
                "blocked_by": inspection.blocked.get(module.name),
            }
            for module in plan.modules
        ],
        "counts": {action.value: plan.count(action) for action in Action},
    }


def _spec(spec: SpecExplanation) -> Json:
    return {
        "spec": spec.ref,
        "path": spec.place.path.as_posix(),
        "line": spec.place.line,
        "digest": {"old": spec.old or None, "new": spec.local},
        "dependencies": list(spec.dependencies),
        "dependents": list(spec.dependents),
        "context": [
            {"name": definition.ref, "path": definition.path.as_posix(), "line": definition.line}
            for definition in spec.context
        ],
        "diff": spec.diff,
    }


def _trusted(trusted: Trusted) -> Json:
    return {"project": trusted.project, "address": trusted.address, "variable": trusted.variable}


def _cache(info: AnswerTotals) -> Json:
    return {"answers": info.answers, "bytes": info.bytes}
