"""The conversation about one module of a run: with which models, and who hears of it."""

from __future__ import annotations

from functools import partial

from jaunt_core.generation.attempts import AttemptWatch, Candidate, Conversation, ModelTarget
from jaunt_core.generation.resumption import specs_shown
from jaunt_core.generation.run_context import RunContext
from jaunt_core.model.events import (
    AttemptRejected,
    AttemptStarted,
    BackendNoted,
    RequestDelayed,
)
from jaunt_core.model.plan import ModulePlan
from jaunt_core.storage.answers import answer_key
from jaunt_core.storage.last_answer import LastAnswer
from jaunt_core.storage.rejected import rejected_path


def conversation_about(context: RunContext, plan: ModulePlan) -> Conversation:
    """The conversation about a module, by the models and the schedule of a run."""
    models = context.target.project.config.models
    return Conversation(
        targets=[
            ModelTarget(
                backend=backend, model=model, key=answer_key(plan.request, backend.fingerprint)
            )
            for model, backend in zip(models, context.tools.backends(), strict=True)
        ],
        schedule=context.policy.schedule,
        patch=plan.patch,
        store=context.tools.answers,
        render=context.tools.requests.render,
        narrow=partial(context.tools.repair_scopes.scope_of, plan),
        watch=_watch(context, plan),
    )


def _watch(context: RunContext, plan: ModulePlan) -> AttemptWatch:
    """Turn what happens to the requests for a module into events, and keep rejected answers."""
    tools, kind, attempts = context.tools, context.target.kind, len(context.policy.schedule)
    module = plan.name

    def on_start(attempt: int) -> None:
        tools.sink(AttemptStarted(kind=kind, module=module, attempt=attempt, attempts=attempts))

    def on_rejection(attempt: int, candidate: Candidate) -> None:
        path = rejected_path(kind, module, attempt)
        tools.rejected.save(path, candidate.text, candidate.code, candidate.findings)
        tools.sink(
            AttemptRejected(
                kind=kind,
                module=module,
                attempt=attempt,
                findings=candidate.findings,
                rejected=path,
            )
        )

    def on_delay(fault: str, seconds: float) -> None:
        tools.sink(RequestDelayed(kind=kind, module=module, fault=fault, seconds=seconds))

    def on_note(message: str) -> None:
        if message not in tools.notes:
            tools.notes.add(message)
            tools.sink(BackendNoted(kind=kind, message=message))

    def remember(key: str, number: int) -> None:
        specs = specs_shown(context, plan)
        tools.last_answers.save(module, LastAnswer(key=key, number=number, specs=specs))

    return AttemptWatch(
        started=on_start,
        rejected=on_rejection,
        delayed=on_delay,
        noted=on_note,
        remembered=remember,
    )
