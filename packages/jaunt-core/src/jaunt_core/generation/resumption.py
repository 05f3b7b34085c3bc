"""Where a module is taken up: at the beginning, or with the answer that was rejected last."""

from __future__ import annotations

from jaunt_core.contracts.digest import ShownSpec, shown_spec
from jaunt_core.errors import JudgingError
from jaunt_core.generation.attempts import Conversation, ResumePoint
from jaunt_core.generation.run_context import RunContext
from jaunt_core.model.plan import ModulePlan
from jaunt_core.model.spec import Kind
from jaunt_core.planning.attempt_schedule import remaining_attempts
from jaunt_core.storage.last_answer import LastAnswer


async def find_resume_point(
    context: RunContext, plan: ModulePlan, conversation: Conversation
) -> ResumePoint:
    """Where the next attempt at a module begins.

    The attempts of a run that was interrupted go on. Where all were made, or the spec was edited
    since, the next thing is the repair of the last answer, and then a fresh start.
    """
    schedule, tools = conversation.schedule, context.tools
    last = tools.last_answers.of(plan.name)
    entry = None if last is None else tools.answers.answer_at(last.key, last.number)
    if last is None or entry is None:
        return ResumePoint(schedule=schedule)
    is_same = last.key in (target.key for target in conversation.targets)
    place = entry.attempt if is_same else len(schedule)
    removed = tuple(name for name in last.specs if name not in _names_of(plan))
    try:
        previous = await tools.validator.candidate_of_last(plan, entry, removed)
    except JudgingError:
        return ResumePoint(schedule=schedule)
    return ResumePoint(
        schedule=remaining_attempts(schedule, place),
        previous=previous,
        edited=_edited(context, plan, last),
        result=entry.result,
    )


def specs_shown(context: RunContext, plan: ModulePlan) -> dict[str, ShownSpec]:
    """What a request for a module says of each of its specs."""
    graph = context.target.judged.graph
    return {spec.name: shown_spec(graph, spec.ref) for spec in plan.module.specs}


def _edited(context: RunContext, plan: ModulePlan, last: LastAnswer) -> tuple[str, ...]:
    """The specs that are asked for and say something else than when an answer was asked for.

    Another example alone is no such thing where the answer has been put to all examples.
    """
    validator, target = context.tools.validator, context.target
    tried = target.kind is Kind.BUILD and target.project.config.build.run_examples
    tried = tried and not validator.judgement_of(plan).unjudged
    asked = _names_of(plan) if plan.patch is None else plan.patch.wanted

    def is_edited(name: str, shown: ShownSpec) -> bool:
        before = last.specs.get(name)
        if before is None:
            return True
        return before.beside_examples != shown.beside_examples if tried else before != shown

    shown = specs_shown(context, plan)
    return tuple(name for name in asked if is_edited(name, shown[name]))


def _names_of(plan: ModulePlan) -> tuple[str, ...]:
    return tuple(spec.name for spec in plan.module.specs)
