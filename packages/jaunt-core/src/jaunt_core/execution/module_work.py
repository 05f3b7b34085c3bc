"""One module, from its plan to its report: keep, reuse or generate, check, land."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

from jaunt_core.analysis.digest import short_digest_of
from jaunt_core.errors import BackendError, LandingError, RequestError
from jaunt_core.execution.asking import Asking
from jaunt_core.execution.attempts import (
    Answered,
    Begun,
    Spent,
    Voice,
    find_begun,
    find_stored,
    generate_with_retry,
    request_at,
)
from jaunt_core.execution.candidates import Candidates
from jaunt_core.execution.checking import Checking
from jaunt_core.execution.contract_texts import ContractTexts
from jaunt_core.execution.landing import copy_aside
from jaunt_core.execution.rejected import rejected_path, rejection_summary
from jaunt_core.execution.stamping import recipe_text, stamped_text
from jaunt_core.execution.store import store_key
from jaunt_core.execution.workshop import Workshop
from jaunt_core.model.events import ModuleFinished, ModuleStarted
from jaunt_core.model.generation import GenerationRequest
from jaunt_core.model.plan import Action, FileState, GeneratedFile, ModulePlan
from jaunt_core.model.reason import ReasonKind
from jaunt_core.model.report import FailedModule, ModuleReport, Outcome


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
        self._contracts = ContractTexts(shop.project.root, shop.kind)
        self._landing = asyncio.Lock()
        self._stopped_by = ""
        self._stopped_why = ""
        self._not_begun: set[str] = set()

    async def run(self, plan: ModulePlan) -> ModuleReport:
        """Do one module and tell the sink; failures of the module are values in its report."""
        shop = self._shop
        if self._stopped_by:
            self._not_begun.add(plan.name)
            return self.skip(plan, self._stopped_by)
        started, spent = shop.clock(), Spent()
        shop.sink(ModuleStarted(kind=shop.kind, module=plan.name, action=plan.action))
        try:
            ending = await self._ending(plan, spent)
        except BackendError as error:
            ending = self._no_answer(plan, error)
        except (RequestError, LandingError) as error:
            failure = FailedModule(message=str(error.args[0]), hint=error.hint or "")
            ending = _Ending(outcome=Outcome.FAILED, failure=failure)
        report = ModuleReport(
            module=plan.name,
            path=plan.file.path,
            outcome=ending.outcome,
            reasons=plan.reasons,
            failure=ending.failure,
            usage=spent.usage,
            calls=spent.calls,
            seconds=shop.clock() - started,
        )
        shop.sink(ModuleFinished(kind=shop.kind, report=report))
        return report

    def skip(self, plan: ModulePlan, cause: str) -> ModuleReport:
        """Report a module that is not done because another one failed."""
        message = f"{cause} failed, and this depends on it"
        if self._stopped_by and cause in (self._stopped_by, *self._not_begun):
            cause, message = self._stopped_by, self._stopped_why
        report = ModuleReport(
            module=plan.name,
            path=plan.file.path,
            outcome=Outcome.SKIPPED,
            reasons=plan.reasons,
            failure=FailedModule(message=message, blocked_by=cause),
        )
        self._shop.sink(ModuleFinished(kind=self._shop.kind, report=report))
        return report

    def _no_answer(self, plan: ModulePlan, error: BackendError) -> _Ending:
        message = f"{error.kind}: {error.args[0]}"
        if error.kind.stops_the_run and not self._stopped_by:
            self._stopped_by = plan.name
            self._stopped_why = f"every module would meet the same fault ({error.kind})"
        failure = FailedModule(message=message, hint=error.hint or "")
        return _Ending(outcome=Outcome.FAILED, failure=failure)

    async def _ending(self, plan: ModulePlan, spent: Spent) -> _Ending:
        if plan.action is Action.REFUSE:
            return _Ending(outcome=Outcome.FAILED, failure=_refusal(plan))
        self._shop.landing.check(plan.file.path)
        if plan.action is Action.KEEP:
            kept = await self._candidates.pruned(plan)
            if not kept.findings:
                header = plan.file.header
                await self._land(plan, kept.code, header.recipe if header else "")
                return _Ending(outcome=Outcome.KEPT)
            plan = replace(plan, patch=None)  # what was there is no good to build on
        return await self._from_an_answer(plan, spent)

    async def _from_an_answer(self, plan: ModulePlan, spent: Spent) -> _Ending:
        shop = self._shop
        voices = self._voices(plan)
        forced = any(reason.kind is ReasonKind.FORCED for reason in plan.reasons)
        watch = self._asking.watch(plan)
        for voice in () if forced else voices:
            judge = partial(self._candidates.of_stored, plan)
            found = await find_stored(shop.store, voice.key, judge, watch)
            if found is not None:
                await self._land_answer(plan, found.candidate.code, found.result.model)
                return _Ending(outcome=Outcome.REUSED)
        if shop.offline:
            return _Ending(outcome=Outcome.FAILED, failure=_not_stored(plan))
        answered = await generate_with_retry(
            voices,
            self._asking.request(plan),
            ladder=shop.ladder,
            patch=plan.patch,
            store=shop.store,
            begun=Begun() if forced else await self._begun(plan, voices),
            render=self._asking.render,
            judge=partial(self._candidates.of_answer, plan),
            road=shop.road,
            watch=watch,
            spent=spent,
        )
        if answered.candidate.findings:
            return self._rejected(plan, answered)
        await self._land_answer(plan, answered.candidate.code, answered.result.model)
        return _Ending(outcome=Outcome.GENERATED)

    def _voices(self, plan: ModulePlan) -> list[Voice]:
        return [
            Voice(backend=backend, key=store_key(plan.request, backend.fingerprint))
            for backend in self._shop.backends()
        ]

    async def _begun(self, plan: ModulePlan, voices: Sequence[Voice]) -> Begun:
        judge = partial(self._candidates.of_answer, plan)
        shop = self._shop
        return await find_begun(
            voices, ladder=shop.ladder, patch=plan.patch, store=shop.store, judge=judge
        )

    async def next_request(self, plan: ModulePlan) -> GenerationRequest:
        """What would be sent for a module next: the first request, or that for a repair."""
        begun = await self._begun(plan, self._voices(plan))
        rung = self._shop.ladder[begun.position]
        request = self._asking.request(plan)
        return request_at(rung, request, begun.previous, self._asking.render)

    def _rejected(self, plan: ModulePlan, answered: Answered) -> _Ending:
        attempts = len(self._shop.ladder)
        path = rejected_path(self._shop.kind, plan.name, attempts)
        failure = FailedModule(
            message=rejection_summary(answered.rejected, attempts=attempts, kept_in=path),
            hint="say in the spec what the findings miss, then build again",
            findings=answered.candidate.findings,
            rejected=path,
        )
        return _Ending(outcome=Outcome.FAILED, failure=failure)

    async def _land_answer(self, plan: ModulePlan, code: str, model: str) -> None:
        recipe = recipe_text(
            provider=self._shop.project.config.llm.provider,
            model=model,
            templates=self._templates_digest,
        )
        await self._land(plan, code, recipe)
        self._asking.rejected.drop(plan.name)

    @cached_property
    def _templates_digest(self) -> str:
        templates = self._shop.templates()
        return short_digest_of([templates.system.text, templates.module.text])

    async def _land(self, plan: ModulePlan, code: str, recipe: str) -> None:
        async with self._landing:  # nothing else lands between the last look and the writing
            await self._land_alone(plan, code, recipe)

    async def _land_alone(self, plan: ModulePlan, code: str, recipe: str) -> None:
        shop = self._shop
        facts = await self._checking.facts_to_land(plan, code)
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
        shop.landing.write_module(plan.file.path, text, expected=plan.file.text)
        self._checking.landed(plan)
        self._asking.landed(plan, text)
        self._contracts.remember(plan.module, shop.judged)


def _may_hold_an_edit(file: GeneratedFile) -> bool:
    """Whether overwriting a file may lose what a person wrote: also where that does not parse."""
    is_edited = file.state in (FileState.EDITED, FileState.DAMAGED)
    return is_edited and bool((file.text or "").strip())


def _not_stored(plan: ModulePlan) -> FailedModule:
    return FailedModule(
        message=f"no stored answer fits {plan.name}, and this run is offline",
        hint="run the build without --offline to ask the model",
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


__all__ = ["ModuleWork"]
