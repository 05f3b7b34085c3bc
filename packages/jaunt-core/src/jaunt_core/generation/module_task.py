"""One module, from its plan to its report: keep, reuse or generate, check, land."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial

from jaunt_core.contracts.digest import short_digest_of
from jaunt_core.errors import BackendError, LandingError, RequestError, StoreError
from jaunt_core.generation.answers import Answers
from jaunt_core.generation.attempts import (
    Candidate,
    ResumePoint,
)
from jaunt_core.generation.candidates import Candidates
from jaunt_core.generation.requests import Asking
from jaunt_core.generation.run_context import Workshop
from jaunt_core.generation.validation import Checking
from jaunt_core.landing.rollback import drop_unverified, note_unverified
from jaunt_core.landing.stamping import recipe_text, stamped_text
from jaunt_core.landing.writer import copy_aside
from jaunt_core.llm.client import RunningBill, RunStoppedError
from jaunt_core.model.events import ModuleFinished, ModuleStarted, WarningRaised
from jaunt_core.model.generation import Finding, GenerationRequest, GenerationResult, Patch
from jaunt_core.model.plan import Action, FileState, GeneratedFile, ModulePlan
from jaunt_core.model.reason import ReasonKind
from jaunt_core.model.report import FailedModule, ModuleReport, Outcome
from jaunt_core.storage.contracts import ContractTexts
from jaunt_core.storage.previous import save_previous
from jaunt_core.storage.rejected import rejected_path

Verify = Callable[[], Awaitable[tuple[Finding, ...]]]
"""Says what is wrong with code that stands in the tree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ending:
    """How work on a module ended, before it is put into a report."""

    outcome: Outcome
    failure: FailedModule | None = None


class ModuleWork:
    """Does the modules of one plan, one at a time or many at once."""

    def __init__(self, shop: Workshop) -> None:
        self._shop = shop
        self._asking = Asking(shop)
        self._checking = Checking(shop)
        self._candidates = Candidates(shop, self._checking)
        self._answers = Answers(shop, self._asking, self._candidates)
        self._contracts = ContractTexts(shop.project.root, shop.kind)
        self._landing = asyncio.Lock()
        self._unasked: set[str] = set()
        self._replaced: set[str] = set()

    async def run(self, plan: ModulePlan) -> ModuleReport:
        """Do one module and tell the sink; failures of the module are values in its report."""
        stopped = self._shop.spending.stopped
        if stopped is not None and plan.action is Action.GENERATE:
            self._unasked.add(plan.name)
            return self.skip(plan, stopped.module)
        return await self._reported(plan, partial(self._ending, plan))

    async def repair(
        self, plan: ModulePlan, findings: tuple[Finding, ...], verify: Verify
    ) -> ModuleReport:
        """Ask for better code than that which stands, and keep it where `verify` has no findings.

        For the time that `verify` takes, an answer that passes all checks stands in the tree.
        """
        return await self._reported(plan, partial(self._repaired, plan, findings, verify))

    async def next_request(self, plan: ModulePlan) -> GenerationRequest:
        """What would be sent for a module next: the first request, or that for a repair."""
        return await self._answers.next_request(plan)

    async def _reported(
        self, plan: ModulePlan, work: Callable[[RunningBill], Awaitable[_Ending]]
    ) -> ModuleReport:
        shop = self._shop
        started, spent = shop.clock(), RunningBill()
        shop.sink(ModuleStarted(kind=shop.kind, module=plan.name, action=plan.action))
        try:
            ending = await work(spent)
        except BackendError as error:
            message = f"{error.kind}: {error.args[0]}"
            failure = FailedModule(message=message, hint=error.hint or "")
            ending = _Ending(outcome=Outcome.FAILED, failure=failure)
        except RunStoppedError:
            self._unasked.add(plan.name)
            ending = _Ending(outcome=Outcome.SKIPPED, failure=self._why_skipped(plan.name))
        except (RequestError, LandingError) as error:
            if isinstance(error, StoreError):  # the next answer would be paid for and lost as well
                shop.spending.stop(plan.name, "no answer can be stored, so none is asked for")
            failure = FailedModule(message=str(error.args[0]), hint=error.hint or "")
            ending = _Ending(outcome=Outcome.FAILED, failure=failure)
        report = ModuleReport(
            module=plan.name,
            path=plan.file.path,
            outcome=ending.outcome,
            reasons=plan.reasons,
            failure=ending.failure,
            bill=spent.bill,
            seconds=shop.clock() - started,
            replaced=plan.name in self._replaced,
            written=_written(plan, ending.outcome),
        )
        shop.sink(ModuleFinished(kind=shop.kind, report=report))
        return report

    def skip(self, plan: ModulePlan, cause: str) -> ModuleReport:
        """Report a module that is not done because another one failed."""
        report = ModuleReport(
            module=plan.name,
            path=plan.file.path,
            outcome=Outcome.SKIPPED,
            reasons=plan.reasons,
            failure=self._why_skipped(cause),
        )
        self._shop.sink(ModuleFinished(kind=self._shop.kind, report=report))
        return report

    def _why_skipped(self, cause: str) -> FailedModule:
        """Why a module is skipped because of another one, or with it."""
        stopped = self._shop.spending.stopped
        if stopped is not None and cause in (stopped.module, *self._unasked):
            return FailedModule(message=stopped.why, blocked_by=stopped.module)
        return FailedModule(message=f"{cause} failed, and this depends on it", blocked_by=cause)

    async def _ending(self, plan: ModulePlan, spent: RunningBill) -> _Ending:
        if plan.action is Action.REFUSE:
            return _Ending(outcome=Outcome.FAILED, failure=_refusal(plan))
        self._shop.landing.check(plan.file.path)
        self._shop.specs.check(plan, self._shop.judged.graph)
        if plan.action is Action.KEEP:
            kept = await self._candidates.pruned(plan)
            if not kept.findings:
                header = plan.file.header
                await self._land(plan, kept.code, header.recipe if header else "")
                return _Ending(outcome=Outcome.KEPT)
            plan = replace(plan, patch=None)  # what was there is no good to build on
        return await self._from_an_answer(plan, spent)

    async def _from_an_answer(self, plan: ModulePlan, spent: RunningBill) -> _Ending:
        shop = self._shop
        forced = any(reason.kind is ReasonKind.FORCED for reason in plan.reasons)
        found = None if forced else await self._answers.stored(plan)
        if found is not None:
            await self._land_answer(plan, found.candidate.code, found.result.model)
            return _Ending(outcome=Outcome.REUSED)
        if shop.offline:
            return _Ending(outcome=Outcome.FAILED, failure=_not_stored(plan))
        if plan.action is not Action.GENERATE and not shop.confirmation.covers(1):
            return _Ending(outcome=Outcome.FAILED, failure=_not_agreed(plan))
        begun = ResumePoint() if forced else await self._answers.begun(plan)
        judge = partial(self._candidates.of_answer, plan)
        answered = await self._answers.ask(plan, begun, judge, spent)
        if answered.candidate.findings:
            failure = self._answers.failure(plan, answered)
            return _Ending(outcome=Outcome.FAILED, failure=failure)
        await self._land_answer(plan, answered.candidate.code, answered.result.model)
        return _Ending(outcome=Outcome.GENERATED)

    async def _repaired(
        self, plan: ModulePlan, findings: tuple[Finding, ...], verify: Verify, spent: RunningBill
    ) -> _Ending:
        async def judge(result: GenerationResult, patch: Patch | None) -> Candidate:
            candidate = await self._candidates.of_answer(plan, result, patch)
            if candidate.findings:
                return candidate
            text = await self._land_answer(plan, candidate.code, result.model, on_trial=True)
            found: tuple[Finding, ...] | None = None
            try:
                found = await verify()
            finally:
                if found != ():  # the old code was no worse, or nobody can tell any more
                    old = plan.file.text or ""
                    self._shop.landing.write_module(plan.file.path, old, expected=text)
                    self._replaced.discard(plan.name)
                drop_unverified(self._shop.project.root)
            return replace(candidate, findings=found)

        if await self._answers.unjudged(plan, judge) is not None:
            return _Ending(outcome=Outcome.GENERATED)
        code = plan.file.body
        begun = ResumePoint(position=1, previous=Candidate(code=code, said=code, findings=findings))
        answered = await self._answers.ask(plan, begun, judge, spent)
        if answered.candidate.findings:
            kept = rejected_path(self._shop.kind, plan.name, len(self._shop.schedule))
            message = (
                f"{plan.name} was not repaired, and its code is as it was; of the answer, which is "
                f"kept in {kept}: {'; '.join(map(str, answered.candidate.findings))}"
            )
            self._shop.sink(WarningRaised(kind=self._shop.kind, message=message))
            return _Ending(outcome=Outcome.KEPT)
        return _Ending(outcome=Outcome.GENERATED)

    async def _land_answer(
        self, plan: ModulePlan, code: str, model: str, *, on_trial: bool = False
    ) -> str:
        recipe = recipe_text(
            provider=self._shop.project.config.llm.provider,
            model=model,
            templates=self._templates_digest,
        )
        text = await self._land(plan, code, recipe, on_trial=on_trial)
        self._asking.rejected.remove(plan.name)
        return text

    @cached_property
    def _templates_digest(self) -> str:
        templates = self._shop.templates()
        return short_digest_of([templates.system.text, templates.module.text])

    async def _land(
        self, plan: ModulePlan, code: str, recipe: str, *, on_trial: bool = False
    ) -> str:
        async with self._landing:  # nothing else lands between the last look and the writing
            return await self._land_alone(plan, code, recipe, on_trial=on_trial)

    async def _land_alone(self, plan: ModulePlan, code: str, recipe: str, *, on_trial: bool) -> str:
        shop = self._shop
        facts = await self._checking.facts_to_land(plan, code)
        shop.specs.check(plan, shop.judged.graph)
        if _may_hold_an_edit(plan.file):
            copy_aside(shop.project.root, plan.file.path)
        text = stamped_text(
            plan,
            shop.judged,
            shop.inference,
            code=code,
            body_digest=facts.body_digest,
            recipe=recipe,
        )
        before = plan.file.text
        if save_previous(shop.project.root, shop.kind, plan.file.path, text=before, code=code):
            self._replaced.add(plan.name)
        if on_trial:
            note_unverified(shop.project.root, plan.file.path, before=before or "", text=text)
        shop.landing.write_module(plan.file.path, text, expected=before)
        self._checking.landed(plan)
        self._asking.landed(plan, text)
        self._contracts.save(plan.module, shop.judged)
        return text


def _written(plan: ModulePlan, outcome: Outcome) -> tuple[str, ...]:
    """The names that were written anew where the rest of a module stayed as it was."""
    landed = outcome in (Outcome.GENERATED, Outcome.REUSED)
    is_part = plan.patch is not None and plan.action is not Action.KEEP
    return plan.patch.wanted if plan.patch is not None and is_part and landed else ()


def _may_hold_an_edit(file: GeneratedFile) -> bool:
    """Whether overwriting a file may lose what a person wrote: also where that does not parse."""
    is_edited = file.state in (FileState.EDITED, FileState.DAMAGED)
    return is_edited and bool((file.text or "").strip())


def _not_stored(plan: ModulePlan) -> FailedModule:
    return FailedModule(
        message=f"no stored answer fits {plan.name}, and this run is offline",
        hint="run the build without --offline to ask the model",
    )


def _not_agreed(plan: ModulePlan) -> FailedModule:
    return FailedModule(
        message=f"what is there for {plan.name} does not fit any more, and nobody agreed to "
        "another call ([budget] confirm_above)",
        hint="run the same command with --yes",
    )


def _refusal(plan: ModulePlan) -> FailedModule:
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
