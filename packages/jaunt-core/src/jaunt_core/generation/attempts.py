"""Attempt, validate, repair, start afresh, ask another model: until an answer may land."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from jaunt_core.backend.protocol import GeneratorBackend
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

    `said` is the text that the findings' lines are about: the answer as it came, or the code
    where that was made from it.
    """

    code: str
    said: str
    findings: tuple[Finding, ...]


Judge = Callable[[GenerationResult, Patch | None], Awaitable[Candidate]]
Render = Callable[[ModuleSpecContext], tuple[Message, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTarget:
    """A backend with one model, and the key of what it is asked in the store."""

    backend: GeneratorBackend
    model: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptWatch:
    """Who is told what happens between the first asking and the last answer."""

    started: Callable[[int], None]
    rejected: Callable[[int, tuple[Finding, ...], str], None]
    delayed: Callable[[str, float], None]
    noted: Callable[[str], None] = lambda _: None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptResult:
    """How the attempts ended: the last answer may land where nothing is wrong with it.

    `rejected` has the findings of all answers of this run that may not, by attempt.
    """

    candidate: Candidate
    result: GenerationResult
    rejected: dict[int, tuple[Finding, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumePoint:
    """How far a schedule got before: the next attempt's place, and what is to be repaired."""

    position: int = 0
    previous: Candidate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMatch:
    """A stored answer that is good here and now."""

    candidate: Candidate
    result: GenerationResult


async def find_stored(
    store: AnswerStore, key: str, judge: Judge, watch: AttemptWatch
) -> StoredMatch | None:
    """The latest stored answer that is good here and now.

    An answer that nobody has judged yet, because a run was killed, is judged first.
    """
    for entry in reversed(store.answers(key)):
        if entry.verdict is Verdict.REJECTED:
            continue
        candidate = await judge(entry.result, entry.patch)
        if entry.verdict is Verdict.UNJUDGED:
            store.judge(key, entry, candidate.findings)
            if candidate.findings:
                watch.rejected(entry.attempt, candidate.findings, candidate.said)
        if not candidate.findings:
            return StoredMatch(candidate=candidate, result=entry.result)
    return None


async def generate_with_retry(
    targets: Sequence[ModelTarget],
    request: GenerationRequest,
    *,
    schedule: AttemptSchedule,
    patch: Patch | None,
    store: AnswerStore,
    begun: ResumePoint,
    render: Render,
    judge: Judge,
    calls: ModelClient,
    watch: AttemptWatch,
    spent: RunningBill,
) -> AttemptResult:
    """Ask until an answer passes or the schedule ends.

    Every answer is stored before it is judged.

    Args:
        targets: Whom to ask, by the model numbers of the schedule.
        request: What is asked first, and again with each fresh start.
        schedule: The attempts, in their order; not empty.
        patch: What makes an answer whole, where the request is for a part of the module.
        store: Where every answer goes.
        begun: What an earlier run left to be gone on with.
        render: Makes the messages of a repair.
        judge: Says what an answer comes to.
        calls: Sends the requests.
        watch: Is told what happens.
        spent: Adds up what it costs.

    Raises:
        BackendError: No answer came.
        RunStoppedError: Nothing more is asked in this run.
    """
    rejected: dict[int, tuple[Finding, ...]] = {}
    position, previous = begun.position, begun.previous
    while True:
        attempt = schedule[position]
        target = targets[attempt.model]
        current = request_at(attempt, request, previous, render)
        watch.started(attempt.number)
        result = await calls.send(
            Call(
                backend=target.backend,
                model=target.model,
                request=current,
                spent=spent,
                delayed=watch.delayed,
            )
        )
        if result.note:
            watch.noted(result.note)
        # On a thread: the other answers, and those who wait for them, do not wait for the disk.
        stored = await asyncio.to_thread(store.add, target.key, result, attempt.number, patch)
        previous = await judge(result, patch)
        store.judge(target.key, stored, previous.findings)
        if previous.findings:
            rejected[attempt.number] = previous.findings
            watch.rejected(attempt.number, previous.findings, previous.said)
        position += 1
        if not previous.findings or position == len(schedule):
            return AttemptResult(candidate=previous, result=result, rejected=rejected)


async def find_resume_point(
    targets: Sequence[ModelTarget],
    *,
    schedule: AttemptSchedule,
    patch: Patch | None,
    store: AnswerStore,
    judge: Judge,
) -> ResumePoint:
    """Where the thread goes on that an earlier run left unfinished, the beginning if none was.

    For the arguments see `generate_with_retry`.
    """
    last = _unfinished(targets, schedule, store, patch)
    if last is None:
        return ResumePoint()
    return ResumePoint(position=last.attempt, previous=await judge(last.result, last.patch))


def request_at(
    attempt: Attempt, request: GenerationRequest, previous: Candidate | None, render: Render
) -> GenerationRequest:
    """What an attempt sends: the request, with the last answer and its findings in a repair."""
    request = replace(request, attempt=attempt.number)
    if previous is None or attempt.fresh:
        return request
    context = replace(request.context, previous_answer=previous.said, findings=previous.findings)
    return replace(request, context=context, messages=render(context))


def _unfinished(
    targets: Sequence[ModelTarget],
    schedule: AttemptSchedule,
    store: AnswerStore,
    patch: Patch | None,
) -> StoredAnswer | None:
    """The last answer of a schedule that was left on the way, None where it is to be begun."""
    found: StoredAnswer | None = None
    for number, target in enumerate(targets):
        own = [attempt.number for attempt in schedule if attempt.model == number]
        last = (store.answers(target.key) or [None])[-1]
        if last is None or last.verdict is not Verdict.REJECTED or last.patch != patch:
            break
        if last.attempt not in own:
            break
        found = last
        if last.attempt < own[-1]:
            break
    return found if found is not None and found.attempt < len(schedule) else None
