"""Attempt, validate, repair, start afresh, ask another model: until an answer may land."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace

from jaunt_core.backend.protocol import GeneratorBackend
from jaunt_core.errors import JudgingError
from jaunt_core.llm.client import Call, ModelClient, RunningBill
from jaunt_core.model.generation import (
    Finding,
    GenerationRequest,
    GenerationResult,
    Message,
    ModuleSpecContext,
    Patch,
)
from jaunt_core.planning.attempt_schedule import Attempt, AttemptSchedule
from jaunt_core.storage.answers import AnswerStore, StoredAnswer, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What an answer comes to: the code that would land, and all that is wrong with it.

    `text` is what the lines of the findings count in: the answer as it came, or the code where
    that was made from it. `is_whole` is true where the code has all of the module.
    """

    code: str
    text: str
    findings: tuple[Finding, ...]
    is_whole: bool = True

    @property
    def shown(self) -> str:
        """What a repair shows of it: without thoughts and prose, in which no line is counted."""
        is_code = self.code.strip() in ("", self.text.strip())
        return self.text if is_code else self.code


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairScope:
    """How much of an answer its repair asks for.

    With a `patch` the rest of the answer stands: the patch puts the new definitions into that.
    `shows_whole` is true where the answer, as the model is shown it, has the code of all specs.
    """

    patch: Patch | None = None
    shows_whole: bool = False


Judge = Callable[[GenerationResult, Patch | None], Awaitable[Candidate]]
"""Makes a candidate of an answer; a patch makes an answer for a part of the module whole."""

Narrow = Callable[[Candidate, Collection[str]], Awaitable[RepairScope]]
"""Says how much of an answer its repair asks for, where some specs were edited since."""


async def repair_of_all(candidate: Candidate, edited: Collection[str]) -> RepairScope:
    """The scope of a repair that asks for all that was asked for before."""
    del candidate, edited
    return RepairScope()


Render = Callable[[ModuleSpecContext], tuple[Message, ...]]
"""Makes the messages that a model is sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTarget:
    """A backend with one model, and the key of what it is asked in the store."""

    backend: GeneratorBackend
    model: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptWatch:
    """Who is told what happens between the first request and the last answer.

    `remembered` is told where in the store the answer stands that was rejected last.
    """

    started: Callable[[int], None]
    rejected: Callable[[int, Candidate], None]
    delayed: Callable[[str, float], None]
    noted: Callable[[str], None] = lambda _: None
    remembered: Callable[[str, int], None] = lambda *_: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """Which models one module is asked of, how often, and where their answers go.

    `targets` stand in the order of the schedule's model numbers. With a `patch` the answers are
    for a part of the module; `narrow` says whether a repair is for less.
    """

    targets: Sequence[ModelTarget]
    schedule: AttemptSchedule
    patch: Patch | None
    store: AnswerStore
    render: Render
    watch: AttemptWatch
    narrow: Narrow = repair_of_all


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedRequest:
    """A request, and the patch that makes the answer to it whole."""

    request: GenerationRequest
    patch: Patch | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptResult:
    """How the attempts ended: the last answer may land where nothing is wrong with it.

    `rejected` has the findings of all answers of this run that may not, by attempt.
    """

    candidate: Candidate
    result: GenerationResult
    rejected: dict[int, tuple[Finding, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMatch:
    """A stored answer that is good here and now."""

    candidate: Candidate
    result: GenerationResult


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumePoint:
    """The attempts that are still to be made, and what the first of them repairs.

    `edited` are the specs that say something else than when `previous` was asked for, `result` is
    that answer as it came.
    """

    schedule: AttemptSchedule
    previous: Candidate | None = None
    edited: tuple[str, ...] = ()
    result: GenerationResult | None = None

    @property
    def match(self) -> StoredMatch | None:
        """The last answer where it may land after all, so that nothing has to be asked."""
        if self.previous is None or self.result is None or self.previous.findings or self.edited:
            return None
        return StoredMatch(candidate=self.previous, result=self.result)


async def find_stored(conversation: Conversation, judge: Judge) -> StoredMatch | None:
    """The latest stored answer that is good here and now, of the first model that has one.

    An answer that nobody has judged yet, because a run was killed, is judged first.
    """
    store = conversation.store
    for target in conversation.targets:
        for entry in reversed(store.answers(target.key)):
            if entry.verdict is Verdict.REJECTED:
                continue
            try:
                candidate = await judge(entry.result, entry.patch)
            except JudgingError:  # another answer may do
                continue
            if entry.verdict is Verdict.UNJUDGED:
                number = max(entry.attempt, 1)
                _keep_verdict(conversation, target.key, entry, candidate, number=number)
            if not candidate.findings:
                return StoredMatch(candidate=candidate, result=entry.result)
    return None


async def find_unjudged(conversation: Conversation, judge: Judge) -> StoredMatch | None:
    """The good one among the answers that a killed run had no time to judge."""
    store = conversation.store
    for target in conversation.targets:
        for entry in reversed(store.answers(target.key)):
            if entry.verdict is Verdict.UNJUDGED:
                try:
                    candidate = await judge(entry.result, entry.patch)
                except JudgingError:
                    continue
                store.judge(target.key, entry, candidate.findings)
                if not candidate.findings:
                    return StoredMatch(candidate=candidate, result=entry.result)
    return None


async def generate_with_retry(
    conversation: Conversation,
    request: GenerationRequest,
    *,
    resume: ResumePoint,
    judge: Judge,
    client: ModelClient,
    bill: RunningBill,
) -> AttemptResult:
    """Ask until an answer passes or the schedule ends.

    Every answer is stored before it is judged.

    Args:
        conversation: Which models are asked, and where the answers go.
        request: What is asked first, and again with each fresh start.
        resume: Where an earlier run left off.
        judge: Says what an answer comes to.
        client: Sends the requests.
        bill: Adds up what it costs.

    Raises:
        BackendError: No answer came.
        RequestError: The request for a repair would be too long.
        RunStoppedError: Nothing more is asked in this run.
    """
    watch = conversation.watch
    rejected: dict[int, tuple[Finding, ...]] = {}
    position, previous, edited = 0, resume.previous, resume.edited
    while True:
        attempt = resume.schedule[position]
        target = conversation.targets[attempt.model]
        asked = await request_at(conversation, attempt, request, previous, edited)
        watch.started(attempt.number)
        result = await client.send(_call_of(target, asked.request, watch, bill))
        if result.note:
            watch.noted(result.note)
        # On a thread: the other answers, and those who wait for them, do not wait for the disk.
        stored = await asyncio.to_thread(
            conversation.store.add, target.key, result, attempt.place, asked.patch
        )
        previous = await judge(result, asked.patch)
        _keep_verdict(conversation, target.key, stored, previous, number=attempt.number)
        if previous.findings:
            rejected[attempt.number] = previous.findings
        position, edited = position + 1, ()
        if not previous.findings or position == len(resume.schedule):
            return AttemptResult(candidate=previous, result=result, rejected=rejected)


def _call_of(
    target: ModelTarget, request: GenerationRequest, watch: AttemptWatch, bill: RunningBill
) -> Call:
    return Call(
        backend=target.backend,
        model=target.model,
        request=request,
        bill=bill,
        delayed=watch.delayed,
    )


def _keep_verdict(
    conversation: Conversation,
    key: str,
    stored: StoredAnswer,
    candidate: Candidate,
    *,
    number: int,
) -> None:
    """Store what is thought of an answer, and tell of one that was rejected."""
    watch = conversation.watch
    if candidate.findings:  # first of all: whatever happens now, the next run goes on from here
        watch.remembered(key, stored.number)
    conversation.store.judge(key, stored, candidate.findings)
    if candidate.findings:
        watch.rejected(number, candidate)


async def request_at(
    conversation: Conversation,
    attempt: Attempt,
    request: GenerationRequest,
    previous: Candidate | None,
    edited: tuple[str, ...] = (),
) -> PreparedRequest:
    """What an attempt sends: the request, with the last answer and its findings in a repair."""
    request = replace(request, attempt=attempt.number)
    if previous is None or attempt.fresh:
        return PreparedRequest(request=request, patch=conversation.patch)
    scope = await conversation.narrow(previous, edited)
    context = replace(
        request.context,
        previous_answer=previous.shown,
        findings=previous.findings,
        edited=edited,
    )
    if scope.shows_whole:  # the version before is no longer needed, or the same
        context = replace(context, previous_source=None)
    if scope.patch is not None:
        wanted = scope.patch.wanted
        standing = tuple(name for name in context.wanted if name not in wanted)
        context = replace(context, wanted=wanted, standing=standing)
    request = replace(request, context=context, messages=conversation.render(context))
    return PreparedRequest(request=request, patch=scope.patch or conversation.patch)
