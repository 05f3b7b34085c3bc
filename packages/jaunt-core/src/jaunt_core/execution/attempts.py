"""Attempt, validate, and once more with the exact findings."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial

from jaunt_core.analysis.answer import code_of, findings_before_parsing
from jaunt_core.backend.protocol import GeneratorBackend
from jaunt_core.execution.road import Road
from jaunt_core.execution.store import AnswerStore, StoredAnswer, Verdict
from jaunt_core.model.generation import (
    Finding,
    GenerationRequest,
    GenerationResult,
    Message,
    ModuleSpecContext,
    TokenUsage,
)

Validate = Callable[[str], Awaitable[tuple[Finding, ...]]]
Render = Callable[[ModuleSpecContext], tuple[Message, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptWatch:
    """Who is told what happens between the first asking and the last answer."""

    started: Callable[[int], None]
    rejected: Callable[[int, tuple[Finding, ...], str], None]
    delayed: Callable[[str, float], None]
    noted: Callable[[str], None] = lambda _: None


class Spent:
    """What the answers for one module have cost so far, however it ends."""

    def __init__(self) -> None:
        self.usage = TokenUsage()
        self.calls = 0

    async def ask(self, backend: GeneratorBackend, request: GenerationRequest) -> GenerationResult:
        """The answer to a request; that it was asked for counts in any case."""
        self.calls += 1
        result = await backend.generate_module(request)
        self.usage += result.usage
        return result


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """How the attempts ended; the last answer may land where `findings` is empty."""

    code: str
    result: GenerationResult
    findings: tuple[Finding, ...]


async def judge_answer(result: GenerationResult, validate: Validate) -> tuple[Finding, ...]:
    """All that is wrong with an answer."""
    before = findings_before_parsing(result)
    return tuple(before) if before else await validate(code_of(result.text))


async def find_stored(
    store: AnswerStore, key: str, validate: Validate, watch: AttemptWatch
) -> StoredAnswer | None:
    """The latest stored answer that is good here and now.

    An answer that nobody has judged yet, because a run was killed, is judged first.
    """
    for entry in reversed(store.answers(key)):
        if entry.verdict is Verdict.REJECTED:
            continue
        findings = await judge_answer(entry.result, validate)
        if entry.verdict is Verdict.UNJUDGED:
            store.judge(key, entry, findings)
            if findings:
                watch.rejected(entry.attempt, findings, entry.result.text)
        if not findings:
            return entry
    return None


async def generate_with_retry(
    backend: GeneratorBackend,
    request: GenerationRequest,
    *,
    key: str,
    store: AnswerStore,
    attempts: int,
    anew: bool,
    render: Render,
    validate: Validate,
    road: Road,
    watch: AttemptWatch,
    spent: Spent,
) -> Answered:
    """Ask until an answer passes or the attempts are used up.

    Every answer is stored before it is validated. A thread that an earlier run left unfinished
    is taken up with the repair of its last answer, unless it is to be asked `anew`.

    Raises:
        BackendError: No answer came.
    """
    previous = None if anew else _unfinished(store.answers(key), attempts)
    while True:
        attempt = previous.attempt + 1 if previous else 1
        current = _repair(request, previous, render) if previous else request
        watch.started(attempt)
        result = await road.send(partial(spent.ask, backend, current), watch.delayed)
        if result.note:
            watch.noted(result.note)
        # On a thread: the other answers, and those who wait for them, do not wait for the disk.
        stored = await asyncio.to_thread(store.add, key, result, attempt)
        findings = await judge_answer(result, validate)
        previous = store.judge(key, stored, findings)
        if findings:
            watch.rejected(attempt, findings, result.text)
        if not findings or attempt >= attempts:
            return Answered(code=code_of(result.text), result=result, findings=findings)


def _unfinished(answers: list[StoredAnswer], attempts: int) -> StoredAnswer | None:
    last = answers[-1] if answers else None
    if last is None or last.verdict is not Verdict.REJECTED or last.attempt >= attempts:
        return None
    return last


def _repair(
    request: GenerationRequest, previous: StoredAnswer, render: Render
) -> GenerationRequest:
    context = replace(
        request.context, previous_answer=previous.result.text, findings=previous.findings
    )
    return replace(request, context=context, messages=render(context), attempt=previous.attempt + 1)


__all__ = [
    "Answered",
    "AttemptWatch",
    "Render",
    "Spent",
    "Validate",
    "find_stored",
    "generate_with_retry",
    "judge_answer",
]
