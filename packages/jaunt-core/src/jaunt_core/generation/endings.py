"""How work on a module begins and ends, as the sink is told."""

from __future__ import annotations

from dataclasses import dataclass

from jaunt_core.errors import BackendError, JauntError, LandingError, RequestError, StoreError
from jaunt_core.generation.run_context import RunContext
from jaunt_core.llm.client import RunningBill, RunStoppedError
from jaunt_core.model.events import ModuleFinished, ModuleStarted
from jaunt_core.model.plan import Action, ModulePlan
from jaunt_core.model.report import NOTHING, Bill, FailedModule, ModuleReport, Outcome

MODULE_ERRORS = (BackendError, RunStoppedError, RequestError, LandingError)
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
    failure = FailedModule(message=message, hint=error.hint or "")
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
    )
    context.tools.sink(ModuleFinished(kind=context.target.kind, report=report))
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
