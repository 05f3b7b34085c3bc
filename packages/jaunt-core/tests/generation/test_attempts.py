"""Attempts, one at a time, with everything around them written down."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from jaunt_core.generation.attempts import (
    AttemptResult,
    AttemptWatch,
    Candidate,
    Conversation,
    Judge,
    ModelTarget,
    ResumePoint,
    StoredMatch,
    find_stored,
    generate_with_retry,
)
from jaunt_core.llm.client import ModelClient, RunningBill
from jaunt_core.llm.retry_policy import RetryPolicy
from jaunt_core.llm.spending import Spending
from jaunt_core.model.generation import (
    Finding,
    GenerationResult,
    Message,
    ModuleSpecContext,
    Patch,
    TokenUsage,
)
from jaunt_core.model.report import Bill
from jaunt_core.planning.attempt_schedule import attempt_schedule, remaining_attempts
from jaunt_core.storage.answers import AnswerStore, Verdict
from jaunt_core.testing import Scripted, ScriptedBackend, sample_request

KEY = "ab" * 32
BAD = Finding(code="bad", message="it is bad")


@dataclass
class Desk:
    """A store, a backend and a judge, and the order in which things happened."""

    root: Path
    answers: list[Scripted]
    order: list[str] = field(default_factory=list)
    bill: RunningBill = field(default_factory=RunningBill)

    def __post_init__(self) -> None:
        self.backend = ScriptedBackend({"sample": self.answers})
        self.store = AnswerStore(self.root, self.order.append)

    async def judge(self, result: GenerationResult, patch: Patch | None) -> Candidate:
        texts = [item.result.text for item in self.store.answers(KEY)]
        self.order.append(f"judged {result.text}, stored {len(texts)}")
        findings = () if result.text.startswith("good") else (BAD,)
        return Candidate(code=f"{result.text}\n", text=result.text, findings=findings)

    def render(self, context: ModuleSpecContext) -> tuple[Message, ...]:
        said = f"{context.previous_answer} has {[item.code for item in context.findings]}"
        return (Message(role="user", text=said),)

    @property
    def watch(self) -> AttemptWatch:
        return AttemptWatch(
            started=lambda attempt: self.order.append(f"started {attempt}"),
            rejected=lambda attempt, candidate: self.order.append(
                f"rejected {attempt}: {candidate.text}: {[bad.code for bad in candidate.findings]}"
            ),
            delayed=lambda fault, seconds: self.order.append(f"delayed {seconds}: {fault}"),
        )

    def conversation(self, attempts: int = 2, keys: tuple[str, ...] = (KEY,)) -> Conversation:
        return Conversation(
            targets=[ModelTarget(backend=self.backend, model="m", key=key) for key in keys],
            schedule=attempt_schedule(attempts=attempts, further_models=len(keys) - 1),
            patch=None,
            store=self.store,
            render=self.render,
            watch=self.watch,
        )

    async def find_stored(self) -> StoredMatch | None:
        return await find_stored(self.conversation(), self.judge)

    async def resume_point(self, attempts: int, keys: tuple[str, ...]) -> ResumePoint:
        conversation = self.conversation(attempts, keys)
        entries = [entry for key in keys for entry in self.store.answers(key)]
        last = entries[-1] if entries else None
        if last is None or last.verdict is not Verdict.REJECTED:
            return ResumePoint(schedule=conversation.schedule)
        return ResumePoint(
            schedule=remaining_attempts(conversation.schedule, last.attempt),
            previous=await self.judge(last.result, last.patch),
        )

    async def generate(
        self,
        *,
        attempts: int = 2,
        anew: bool = False,
        keys: tuple[str, ...] = (KEY,),
        judge: Judge | None = None,
    ) -> AttemptResult:
        return await generate_with_retry(
            self.conversation(attempts, keys),
            sample_request(),
            resume=ResumePoint(schedule=self.conversation(attempts, keys).schedule)
            if anew
            else await self.resume_point(attempts, keys),
            judge=judge or self.judge,
            client=ModelClient(RetryPolicy(tries=1), Spending()),
            bill=self.bill,
        )


async def test_an_answer_is_stored_before_it_is_judged(tmp_path: Path) -> None:
    desk = Desk(tmp_path, ["bad", "good"])

    answered = await desk.generate()

    assert answered.candidate.code == "good\n"
    assert answered.rejected == {1: (BAD,)}
    assert desk.order == [
        "started 1",
        "judged bad, stored 1",
        "rejected 1: bad: ['bad']",
        "started 2",
        "judged good, stored 2",
    ]
    assert [message.text for message in desk.backend.requests[1].messages] == ["bad has ['bad']"]
    assert desk.bill.total == Bill(calls=2, usage=TokenUsage(input=200, output=20), cost=None)
    assert [item.verdict for item in desk.store.answers(KEY)] == [
        Verdict.REJECTED,
        Verdict.ACCEPTED,
    ]


async def test_an_answer_whose_judge_breaks_is_stored(tmp_path: Path) -> None:
    desk = Desk(tmp_path, ["good"])

    async def broken(result: GenerationResult, patch: Patch | None) -> Candidate:
        raise RuntimeError(result.text)

    with pytest.raises(RuntimeError):
        await desk.generate(anew=True, judge=broken)

    (entry,) = desk.store.answers(KEY)
    assert (entry.verdict, entry.result.text) == (Verdict.UNJUDGED, "good")
    # The next run judges it, and asks nobody.
    found = await desk.find_stored()
    assert found is not None
    assert found.result.text == "good"
    assert [item.verdict for item in desk.store.answers(KEY)] == [Verdict.ACCEPTED]


async def test_an_unjudged_answer_that_is_wrong_begins_the_repair(tmp_path: Path) -> None:
    desk = Desk(tmp_path, ["good"])
    desk.store.add(KEY, GenerationResult(text="bad"), 1)

    assert await desk.find_stored() is None
    answered = await desk.generate()

    assert answered.candidate.findings == ()
    assert desk.order == [
        "judged bad, stored 1",
        "rejected 1: bad: ['bad']",
        "judged bad, stored 1",
        "started 2",
        "judged good, stored 2",
    ]
    assert [item.attempt for item in desk.backend.requests] == [2]


async def test_the_latest_good_answer_is_found(tmp_path: Path) -> None:
    desk = Desk(tmp_path, [])
    for text in ("good 1", "good 2", "bad"):
        desk.store.judge(KEY, desk.store.add(KEY, GenerationResult(text=text), 1), ())

    found = await desk.find_stored()

    # The last one was accepted once and is no longer good; it may be again, so it stays accepted.
    assert found is not None
    assert found.result.text == "good 2"
    assert [item.verdict for item in desk.store.answers(KEY)] == [Verdict.ACCEPTED] * 3


@pytest.mark.parametrize(
    ("stored", "attempts", "anew", "expected", "repaired"),
    [
        ([], 2, False, [1, 2], ""),
        ([(1, BAD)], 2, False, [2], "answer 1"),
        ([(1, BAD)], 3, False, [2, 3], "answer 1"),
        ([(1, BAD)], 1, False, [1], "answer 1"),
        ([(1, BAD), (0, BAD)], 1, False, [1], ""),
        ([(1, BAD)], 2, True, [1, 2], ""),
        ([(1, BAD), (2, BAD)], 2, False, [1, 2], "answer 2"),
        ([(1, BAD), (2, BAD), (0, BAD)], 2, False, [1, 2], ""),
        ([(1, BAD), (2, BAD)], 3, False, [3], ""),
        ([(1, BAD), (2, BAD), (3, BAD)], 4, False, [4], "answer 3"),
        ([(1, BAD), (2, BAD), (1, BAD)], 2, False, [2], "answer 1"),
        ([(1, BAD), (2, None)], 2, False, [1, 2], ""),
    ],
)
async def test_where_a_thread_is_taken_up(
    tmp_path: Path,
    stored: list[tuple[int, Finding | None]],
    attempts: int,
    anew: bool,
    expected: list[int],
    repaired: str,
) -> None:
    desk = Desk(tmp_path, ["worse"])
    for attempt, finding in stored:
        entry = desk.store.add(KEY, GenerationResult(text=f"answer {attempt}"), attempt)
        desk.store.judge(KEY, entry, (finding,) if finding else ())

    answered = await desk.generate(attempts=attempts, anew=anew)

    assert answered.candidate.findings == (BAD,)
    assert [item.attempt for item in desk.backend.requests] == expected
    assert (desk.backend.requests[0].context.previous_answer or "") == repaired


async def test_after_a_repair_comes_a_fresh_start_and_then_the_next_model(tmp_path: Path) -> None:
    desk = Desk(tmp_path, ["worse"])

    answered = await desk.generate(attempts=4, keys=(KEY, "cd" * 32))

    assert sorted(answered.rejected) == [1, 2, 3, 4, 5, 6]
    is_repair = [item.context.previous_answer is not None for item in desk.backend.requests]
    assert is_repair == [False, True, False, True, False, True]
    assert [item.attempt for item in desk.store.answers(KEY)] == [1, 2, 3, 4]
    assert [item.attempt for item in desk.store.answers("cd" * 32)] == [5, 6]


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (([1, 2], []), [3, 4]),
        (([1, 2], [3]), [4]),
        (([1, 2], [3, 4]), [1, 2, 3, 4]),
        (([0, 1], [3]), [4]),
    ],
)
async def test_a_schedule_of_two_models_is_taken_up_where_it_was_left(
    tmp_path: Path, stored: tuple[list[int], list[int]], expected: list[int]
) -> None:
    desk, keys = Desk(tmp_path, ["worse"]), (KEY, "cd" * 32)
    for key, attempts in zip(keys, stored, strict=True):
        for attempt in attempts:
            entry = desk.store.add(key, GenerationResult(text=f"answer {attempt}"), attempt)
            desk.store.judge(key, entry, (BAD,))

    await desk.generate(keys=keys)

    assert [item.attempt for item in desk.backend.requests] == expected
