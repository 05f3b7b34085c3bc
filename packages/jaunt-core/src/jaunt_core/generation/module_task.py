"""One module, from its plan to its report: keep, reuse or generate, check, land."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

from jaunt_core.generation.attempts import (
    AttemptResult,
    Candidate,
    Conversation,
    ResumePoint,
    StoredMatch,
    find_stored,
    find_unjudged,
    generate_with_retry,
    request_at,
)
from jaunt_core.generation.conversation import conversation_about
from jaunt_core.generation.endings import (
    MODULE_ERRORS,
    ModuleEnding,
    begin_module,
    ending_of_error,
    finish_module,
    not_confirmed,
    not_stored,
    refused_file,
    rejected_answers,
    skip_module,
)
from jaunt_core.generation.landing import land_code
from jaunt_core.generation.resumption import find_resume_point
from jaunt_core.generation.run_context import RunContext
from jaunt_core.landing.rollback import drop_rollback
from jaunt_core.llm.client import RunningBill
from jaunt_core.model.events import WarningRaised
from jaunt_core.model.generation import Finding, GenerationRequest, GenerationResult, Patch
from jaunt_core.model.plan import Action, ModulePlan
from jaunt_core.model.report import ModuleReport, Outcome
from jaunt_core.storage.rejected import rejected_path

Verify = Callable[[], Awaitable[tuple[Finding, ...]]]
"""Says what is wrong with code that stands in the tree."""


async def run_module(context: RunContext, plan: ModulePlan) -> ModuleReport:
    """Do one module and tell the sink; failures of the module are values in its report."""
    spending = context.policy.spending
    if spending.stopped is not None and plan.action is Action.GENERATE:
        spending.leave_out(plan.name)
        return skip_module(context, plan, spending.stopped.module)
    bill, started = begin_module(context, plan)
    try:
        ending = (
            _refuse(context, plan)
            or await _keep(context, plan)
            or await _reuse(context, plan)
            or await _generate(context, plan, bill)
        )
    except MODULE_ERRORS as error:
        ending = ending_of_error(context, plan, error)
    seconds = context.tools.clock() - started
    return finish_module(context, plan, ending, bill=bill.total, seconds=seconds)


async def repair_module(
    context: RunContext, plan: ModulePlan, findings: tuple[Finding, ...], verify: Verify
) -> ModuleReport:
    """Ask for better code than that which stands, and keep it where `verify` has no findings.

    For the time that `verify` takes, an answer that passes all checks stands in the tree.
    """
    bill, started = begin_module(context, plan)
    try:
        ending = await _repair(context, plan, findings, verify, bill)
    except MODULE_ERRORS as error:
        ending = ending_of_error(context, plan, error)
    seconds = context.tools.clock() - started
    return finish_module(context, plan, ending, bill=bill.total, seconds=seconds)


async def next_request(context: RunContext, plan: ModulePlan) -> GenerationRequest:
    """What would be sent for a module next: the first request, or that for a repair.

    Raises:
        RequestError: The request would be too long.
    """
    conversation = conversation_about(context, plan)
    resume = await find_resume_point(context, plan, conversation)
    previous = None if resume.match else resume.previous
    request = context.tools.requests.request_for(plan)
    asked = await request_at(conversation, resume.schedule[0], request, previous, resume.edited)
    return asked.request


def _refuse(context: RunContext, plan: ModulePlan) -> ModuleEnding | None:
    """The end of a module whose file is not to be overwritten.

    Raises:
        LandingError: Its place cannot be written to, or its spec has changed since it was read.
    """
    if plan.action is Action.REFUSE:
        return ModuleEnding(outcome=Outcome.FAILED, failure=refused_file(plan))
    context.tools.landing.check(plan.file.path)
    context.tools.specs.check(plan, context.target.judged.graph)
    return None


async def _keep(context: RunContext, plan: ModulePlan) -> ModuleEnding | None:
    """Stamp the code that is there anew; None where that is not planned, or it fits no more."""
    if plan.action is not Action.KEEP:
        return None
    present = await context.tools.validator.candidate_of_present(plan)
    if present.findings:
        return None
    replaced, _ = await land_code(context, plan, present.code, None)
    return ModuleEnding(outcome=Outcome.KEPT, replaced=replaced)


async def _reuse(context: RunContext, plan: ModulePlan) -> ModuleEnding | None:
    """Land the stored answer that fits; None where there is none, or a new one is asked for."""
    if plan.is_forced:
        return None
    plan = _without_base(plan)
    judge = partial(context.tools.validator.candidate_of_stored, plan)
    match = await find_stored(conversation_about(context, plan), judge)
    if match is None:
        return None
    replaced, _ = await land_code(context, plan, match.candidate.code, match.result)
    return ModuleEnding(outcome=Outcome.REUSED, replaced=replaced)


async def _generate(context: RunContext, plan: ModulePlan, bill: RunningBill) -> ModuleEnding:
    """Ask for the module and land the answer."""
    policy, tools = context.policy, context.tools
    plan = _without_base(plan)
    conversation = conversation_about(context, plan)
    resume = ResumePoint(schedule=conversation.schedule)
    if not plan.is_forced:
        resume = await find_resume_point(context, plan, conversation)
    if resume.match is not None:
        return await _land_last(context, plan, conversation, resume.match)
    if policy.offline:
        return ModuleEnding(outcome=Outcome.FAILED, failure=not_stored(plan))
    if plan.action is not Action.GENERATE and not policy.confirmation.covers(1):
        return ModuleEnding(outcome=Outcome.FAILED, failure=not_confirmed(plan))
    result = await generate_with_retry(
        conversation,
        tools.requests.request_for(plan),
        resume=resume,
        judge=partial(tools.validator.candidate_of, plan),
        client=tools.client,
        bill=bill,
    )
    if result.candidate.findings:
        findings = await tools.repair_scopes.findings_by_spec(plan, result.candidate)
        failure = rejected_answers(plan, result, findings)
        return ModuleEnding(outcome=Outcome.FAILED, failure=failure)
    replaced, _ = await land_code(context, plan, result.candidate.code, result.result)
    return ModuleEnding(outcome=Outcome.GENERATED, replaced=replaced)


async def _land_last(
    context: RunContext, plan: ModulePlan, conversation: Conversation, match: StoredMatch
) -> ModuleEnding:
    """Land the answer that was rejected last, and has nothing wrong with it any more.

    It is stored as an answer to what is asked now.
    """
    code, key, store = match.candidate.code, conversation.targets[0].key, conversation.store
    store.judge(key, store.add(key, replace(match.result, text=code), 1), ())
    replaced, _ = await land_code(context, plan, code, match.result)
    return ModuleEnding(outcome=Outcome.REUSED, replaced=replaced)


async def _repair(
    context: RunContext,
    plan: ModulePlan,
    findings: tuple[Finding, ...],
    verify: Verify,
    bill: RunningBill,
) -> ModuleEnding:
    """Ask for the module once more, and leave the answer in the tree where it verifies."""
    replaced = False

    async def judge(result: GenerationResult, patch: Patch | None) -> Candidate:
        nonlocal replaced
        candidate = await context.tools.validator.candidate_of(plan, result, patch)
        if candidate.findings:
            return candidate
        verified, replaced = await _verified(context, plan, candidate, result, verify)
        return verified

    conversation = conversation_about(context, plan)
    # What its tests rejected may pass all other checks: no build is to take that up.
    watch = replace(conversation.watch, remembered=lambda *_: None)
    conversation = replace(conversation, watch=watch)
    if await find_unjudged(conversation, judge) is not None:
        return ModuleEnding(outcome=Outcome.GENERATED, replaced=replaced)
    code = plan.file.body
    previous = Candidate(code=code, text=code, findings=findings)
    result = await generate_with_retry(
        conversation,
        context.tools.requests.request_for(plan),
        resume=ResumePoint(schedule=conversation.schedule[1:], previous=previous),
        judge=judge,
        client=context.tools.client,
        bill=bill,
    )
    if result.candidate.findings:
        _warn_of_no_repair(context, plan, result)
        return ModuleEnding(outcome=Outcome.KEPT)
    return ModuleEnding(outcome=Outcome.GENERATED, replaced=replaced)


async def _verified(
    context: RunContext,
    plan: ModulePlan,
    candidate: Candidate,
    result: GenerationResult,
    verify: Verify,
) -> tuple[Candidate, bool]:
    """The candidate with what `verify` has against it, and whether it replaced other code.

    It stands in the tree meanwhile; what stood there before is put back where it does not pass.
    """
    tools, root = context.tools, context.target.project.root
    replaced, text = await land_code(context, plan, candidate.code, result, on_trial=True)
    findings: tuple[Finding, ...] | None = None
    try:
        findings = await verify()
    finally:
        if findings != ():  # the old code was no worse, or nobody can tell any more
            before = plan.file.text or ""
            tools.landing.write_module(plan.file.path, before, expected=text)
            tools.requests.note_written(plan, before)
            replaced = False
        drop_rollback(root)
    return replace(candidate, findings=findings), replaced


def _without_base(plan: ModulePlan) -> ModulePlan:
    """The plan to ask by: code that could not be kept is no good to build on."""
    return replace(plan, patch=None) if plan.action is Action.KEEP else plan


def _warn_of_no_repair(context: RunContext, plan: ModulePlan, result: AttemptResult) -> None:
    kind = context.target.kind
    path = rejected_path(kind, plan.name, max(result.rejected))
    message = (
        f"{plan.name} was not repaired, and its code is as it was; of the answer, which is "
        f"kept in {path}: {'; '.join(map(str, result.candidate.findings))}"
    )
    context.tools.sink(WarningRaised(kind=kind, message=message))
