"""Why a module failed, and what to do about it, in words."""

from __future__ import annotations

from jaunt_core.generation.attempts import AttemptResult
from jaunt_core.model.plan import FileState, ModulePlan
from jaunt_core.model.report import FailedModule
from jaunt_core.storage.rejected import rejected_path, rejection_summary


def rejected_answers(plan: ModulePlan, result: AttemptResult, *, attempts: int) -> FailedModule:
    """No answer could be used."""
    path = rejected_path(plan.module.kind, plan.name, attempts)
    return FailedModule(
        message=rejection_summary(result.rejected, attempts=attempts, last_path=path),
        hint="say in the spec what the findings miss, or allow more answers ([build] attempts, "
        "escalate), then build again",
        findings=result.candidate.findings,
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
