"""The answers for a module: those that are stored, and those that are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from jaunt_core.generation.attempts import (
    AttemptResult,
    Judge,
    ModelTarget,
    ResumePoint,
    StoredMatch,
    find_resume_point,
    find_stored,
    generate_with_retry,
    request_at,
)
from jaunt_core.generation.candidates import Candidates
from jaunt_core.generation.requests import Asking
from jaunt_core.generation.run_context import Workshop
from jaunt_core.llm.client import ModelClient, RunningBill
from jaunt_core.model.generation import GenerationRequest
from jaunt_core.model.plan import ModulePlan
from jaunt_core.model.report import FailedModule
from jaunt_core.storage.answers import Verdict, answer_key
from jaunt_core.storage.rejected import rejected_path, rejection_summary


class Answers:
    """Finds answers for the modules of one run, or asks for them."""

    def __init__(self, shop: Workshop, asking: Asking, candidates: Candidates) -> None:
        self._shop = shop
        self._calls = ModelClient(shop.retry_policy, shop.spending)
        self._asking = asking
        self._candidates = candidates

    async def stored(self, plan: ModulePlan) -> StoredMatch | None:
        """The stored answer that is good here and now, of the first model that has one."""
        judge = partial(self._candidates.of_stored, plan)
        watch = self._asking.watch(plan)
        for target in self._targets(plan):
            found = await find_stored(self._shop.store, target.key, judge, watch)
            if found is not None:
                return found
        return None

    async def unjudged(self, plan: ModulePlan, judge: Judge) -> StoredMatch | None:
        """The good one among the answers that a killed run had no time to judge."""
        store = self._shop.store
        for target in self._targets(plan):
            for entry in reversed(store.answers(target.key)):
                if entry.verdict is Verdict.UNJUDGED:
                    candidate = await judge(entry.result, entry.patch)
                    store.judge(target.key, entry, candidate.findings)
                    if not candidate.findings:
                        return StoredMatch(candidate=candidate, result=entry.result)
        return None

    async def begun(self, plan: ModulePlan) -> ResumePoint:
        """Where a thread goes on that an earlier run left unfinished."""
        shop = self._shop
        return await find_resume_point(
            self._targets(plan),
            schedule=shop.schedule,
            patch=plan.patch,
            store=shop.store,
            judge=partial(self._candidates.of_answer, plan),
        )

    async def ask(
        self, plan: ModulePlan, begun: ResumePoint, judge: Judge, spent: RunningBill
    ) -> AttemptResult:
        """Ask until an answer passes or the schedule ends.

        Raises:
            BackendError: No answer came.
            RequestError: The request would be too long.
            RunStoppedError: Nothing more is asked in this run.
        """
        shop = self._shop
        return await generate_with_retry(
            self._targets(plan),
            self._asking.request(plan),
            schedule=shop.schedule,
            patch=plan.patch,
            store=shop.store,
            begun=begun,
            render=self._asking.render,
            judge=judge,
            calls=self._calls,
            watch=self._asking.watch(plan),
            spent=spent,
        )

    async def next_request(self, plan: ModulePlan) -> GenerationRequest:
        """What would be sent for a module next: the first request, or that for a repair.

        Raises:
            RequestError: The request would be too long.
        """
        begun = await self.begun(plan)
        attempt = self._shop.schedule[begun.position]
        request = self._asking.request(plan)
        return request_at(attempt, request, begun.previous, self._asking.render)

    def failure(self, plan: ModulePlan, answered: AttemptResult) -> FailedModule:
        """Why no answer could be used."""
        attempts = len(self._shop.schedule)
        path = rejected_path(self._shop.kind, plan.name, attempts)
        return FailedModule(
            message=rejection_summary(answered.rejected, attempts=attempts, last_path=path),
            hint="say in the spec what the findings miss, or allow more answers ([build] attempts, "
            "escalate), then build again",
            findings=answered.candidate.findings,
            rejected=path,
        )

    def _targets(self, plan: ModulePlan) -> Sequence[ModelTarget]:
        models = self._shop.project.config.models
        return [
            ModelTarget(
                backend=backend, model=model, key=answer_key(plan.request, backend.fingerprint)
            )
            for model, backend in zip(models, self._shop.backends(), strict=True)
        ]
