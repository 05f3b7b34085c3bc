"""How work on a module begins and ends, as the sink is told, and why it failed."""

from __future__ import annotations

from dataclasses import dataclass
from traceback import format_exception

from jaunt_core.errors import (
    BackendError,
    JauntError,
    JudgingError,
    LandingError,
    RequestError,
    StoreError,
)
from jaunt_core.findings.hints import hint_for
from jaunt_core.generation.attempts import AttemptResult
from jaunt_core.generation.run_context import RunContext
from jaunt_core.llm.client import RunningBill, RunStoppedError
from jaunt_core.model.events import ModuleFinished, ModuleStarted, WarningRaised
from jaunt_core.model.generation import Finding
from jaunt_core.model.judgement import Judgement
from jaunt_core.model.plan import Action, FileState, ModulePlan
from jaunt_core.model.report import NOTHING, Bill, FailedModule, ModuleReport, Outcome
from jaunt_core.storage.rejected import rejected_path, rejection_summary

MODULE_ERRORS = (BackendError, RunStoppedError, RequestError, LandingError, JudgingError)
"""What fails one module, and lets the others go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleEnding:
    """How work on a module ended; `replaced` where other code stands now than before."""

    outcome: Outcome
    failure: FailedModule | None = None
    replaced: bool = False


def begin_module(context: RunContext, plan: ModulePlan) -> tuple[RunningBill, float]:
    """Tell that a module is begun; what it is going to cost, and when that was."""
    kind, name, action = context.target.kind, plan.name, plan.action
    started = context.tools.clock()
    context.tools.sink(ModuleStarted(kind=kind, module=name, action=action))
    return RunningBill(), started


def ending_of_error(context: RunContext, plan: ModulePlan, error: JauntError) -> ModuleEnding:
    """How a module ends that an error kept from being done."""
    spending = context.policy.spending
    if isinstance(error, RunStoppedError):
        spending.leave_out(plan.name)
        failure = _why_skipped(context, plan.name)
        return ModuleEnding(outcome=Outcome.SKIPPED, failure=failure)
    if isinstance(error, StoreError):  # the next answer would be paid for and lost as well
        spending.stop(plan.name, "no answer can be stored, so none is asked for")
    message = str(error.args[0])
    if isinstance(error, BackendError):
        message = f"{error.kind}: {message}"
    trace = "".join(format_exception(error)) if isinstance(error, JudgingError) else ""
    failure = FailedModule(message=message, hint=error.hint or "", traceback=trace)
    return ModuleEnding(outcome=Outcome.FAILED, failure=failure)


def _why_skipped(context: RunContext, cause: str) -> FailedModule:
    """Why a module is skipped because of another one, or with it."""
    stopped = context.policy.spending.stopped_before(cause)
    if stopped is not None:
        return FailedModule(message=stopped.why, blocked_by=stopped.module)
    return FailedModule(message=f"{cause} failed, and this depends on it", blocked_by=cause)


def finish_module(
    context: RunContext,
    plan: ModulePlan,
    ending: ModuleEnding,
    *,
    bill: Bill = NOTHING,
    seconds: float = 0.0,
) -> ModuleReport:
    """The report of a module, which the sink is told."""
    kind = context.target.kind
    judgement = Judgement()
    if ending.outcome.is_success:
        judgement = context.tools.validator.judgement_of(plan)
    for warning in judgement.warnings:
        context.tools.sink(WarningRaised(kind=kind, message=warning))
    report = ModuleReport(
        module=plan.name,
        path=plan.file.path,
        outcome=ending.outcome,
        reasons=plan.reasons,
        failure=ending.failure,
        bill=bill,
        seconds=seconds,
        replaced=ending.replaced,
        written=_written(plan, ending.outcome),
        unjudged=judgement.unjudged,
    )
    context.tools.sink(ModuleFinished(kind=kind, report=report))
    return report


def _written(plan: ModulePlan, outcome: Outcome) -> tuple[str, ...]:
    """The names that were written anew where the rest of a module stayed as it was."""
    landed = outcome in (Outcome.GENERATED, Outcome.REUSED)
    if plan.patch is None or plan.action is Action.KEEP or not landed:
        return ()
    return plan.patch.wanted


def skip_module(context: RunContext, plan: ModulePlan, cause: str) -> ModuleReport:
    """Report a module that is not done because another one failed."""
    ending = ModuleEnding(outcome=Outcome.SKIPPED, failure=_why_skipped(context, cause))
    return finish_module(context, plan, ending)


def rejected_answers(
    plan: ModulePlan, result: AttemptResult, findings: tuple[Finding, ...]
) -> FailedModule:
    """No answer could be used; the last one has these findings."""
    attempts = max(result.rejected)
    path = rejected_path(plan.module.kind, plan.name, attempts)
    return FailedModule(
        message=rejection_summary(result.rejected, attempts=attempts, last_path=path),
        hint=hint_for(findings, plan.module),
        findings=findings,
        rejected=path,
    )


def not_stored(plan: ModulePlan) -> FailedModule:
    """An offline run has no answer to reuse."""
    return FailedModule(
        message=f"no stored answer fits {plan.name}, and this run is offline",
        hint="run the build without --offline to ask the model",
    )


def not_confirmed(plan: ModulePlan) -> FailedModule:
    """A call that nobody foresaw is one too many."""
    return FailedModule(
        message=f"what is there for {plan.name} does not fit any more, and nobody agreed to "
        "another call ([budget] confirm_above)",
        hint="run the same command with --yes",
    )


def refused_file(plan: ModulePlan) -> FailedModule:
    """A file stands in the place of the module that is not to be overwritten."""
    path = plan.file.path
    if plan.file.state is FileState.FOREIGN:
        return FailedModule(
            message=f"{path} was not written by jaunt ({plan.file.detail}) and is left as it is",
            hint=f"move it out of {path.parent}; that folder is for generated files",
        )
    return FailedModule(
        message=f"{path} was edited by hand and is left as it is",
        hint=f"put what you changed into the spec and run `jaunt {plan.module.kind} --force "
        f"--target {plan.name}`, which overwrites the file and keeps a copy below "
        ".jaunt/overwritten; or undo the edit",
    )
