"""Put code that was found to be right into the tree, with all that is kept about it."""

from __future__ import annotations

from jaunt_core.generation.run_context import RunContext
from jaunt_core.landing.rollback import save_rollback
from jaunt_core.landing.stamping import recipe_text, stamped_text
from jaunt_core.landing.writer import copy_aside
from jaunt_core.model.generation import GenerationResult
from jaunt_core.model.plan import FileState, GeneratedFile, ModulePlan
from jaunt_core.storage.previous import save_previous


async def land_code(
    context: RunContext,
    plan: ModulePlan,
    code: str,
    answer: GenerationResult | None,
    *,
    on_trial: bool = False,
) -> tuple[bool, str]:
    """Write code that was found to be right; whether it replaced other code, and the whole text.

    Without an `answer` it is the code that stood there before.

    Raises:
        LandingError: It cannot be written, or does not fit what landed or changed meanwhile.
    """
    target, tools = context.target, context.tools
    root, path, before = target.project.root, plan.file.path, plan.file.text
    async with tools.landing_turn:  # nothing else lands between the last look and the writing
        facts = await tools.validator.facts_to_land(plan, code)
        tools.specs.check(plan, target.judged.graph)
        if _may_hold_an_edit(plan.file):
            copy_aside(root, path)
        text = stamped_text(
            plan,
            target.judged,
            context.policy.inference,
            code=code,
            body_digest=facts.body_digest,
            recipe=_recipe(context, plan, answer),
        )
        replaced = save_previous(root, target.kind, path, text=before, code=code)
        if on_trial:
            save_rollback(root, path, before=before or "", text=text)
        tools.landing.write_module(path, text, expected=before)
        tools.validator.note_landed(plan)
        tools.requests.note_written(plan, text)
        tools.contracts.save(plan.module, target.judged)
    if answer is not None:
        tools.rejected.remove(plan.name)
    if not on_trial:
        tools.last_answers.remove(plan.name)
    return replaced, text


def _recipe(context: RunContext, plan: ModulePlan, answer: GenerationResult | None) -> str:
    """How code came about: as its header says, or by an answer of this project's settings."""
    if answer is None:
        return plan.file.header.recipe if plan.file.header else ""
    return recipe_text(
        provider=context.target.project.config.llm.provider,
        model=answer.model,
        templates=context.tools.requests.templates_digest,
    )


def _may_hold_an_edit(file: GeneratedFile) -> bool:
    """Whether overwriting a file may lose what a person wrote: also where that does not parse."""
    is_edited = file.state in (FileState.EDITED, FileState.DAMAGED)
    return is_edited and bool((file.text or "").strip())
