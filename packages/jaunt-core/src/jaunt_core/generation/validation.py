"""From an answer to the code that would land, and whether it may.

Code is formatted before it is judged, so that findings are about the lines that would land, and
that what was judged is what lands.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from jaunt_core.config.loading import Project
from jaunt_core.errors import JauntDiscoveryError, LandingError
from jaunt_core.findings.answer_text import code_of, findings_before_parsing, unix_lines
from jaunt_core.findings.codes import FindingCode
from jaunt_core.findings.truncation import truncated_findings
from jaunt_core.findings.validate import findings_of
from jaunt_core.generation.attempts import Candidate
from jaunt_core.generation.judging import as_judging_error
from jaunt_core.generation.repair_scope import widened
from jaunt_core.model.candidate import CandidateFacts
from jaunt_core.model.generation import Finding, GenerationResult, ImportPolicy, Patch
from jaunt_core.model.judgement import Judgement
from jaunt_core.model.plan import ModulePlan
from jaunt_core.model.spec import SpecModule
from jaunt_core.planning.staleness import JudgedGraph
from jaunt_core.snapshot.worker_calls import (
    Spliced,
    inspect_candidate,
    splice_answer,
)
from jaunt_core.snapshot.worker_client import Worker
from jaunt_core.storage.answers import StoredAnswer

if TYPE_CHECKING:
    from jaunt_core.typecheck.formatting import Formatter


class LateCheck(Protocol):
    """A costly check of an answer, made once the cheap ones have found nothing."""

    async def judge(self, plan: ModulePlan, code: str) -> Judgement:
        """What is wrong with the answer, or why that cannot be told."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """What the project has that answers are put to; without a formatter code lands as it is."""

    late: tuple[LateCheck, ...] = ()
    formatter: Formatter | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Inspected:
    """The facts of an answer, and how much of what they depend on had landed before."""

    code: str
    facts: CandidateFacts
    landed_early: int


class Validator:
    """Makes candidates of the answers of one run, and inspects each once where that is enough.

    Generated files enter the facts of an answer in one way: whether its imports find their names
    bound while modules are half imported. Of the generated files, only those of early modules
    are imported then, and only an answer for an early module may run that soon. So what was seen
    of an answer stays true until an early module lands, and for other modules to the end.
    """

    def __init__(
        self,
        project: Project,
        worker: Worker,
        judged: JudgedGraph,
        *,
        imports: Callable[[], ImportPolicy],
        checks: Checks,
    ) -> None:
        self._project = project
        self._worker = worker
        self._judged = judged
        self._imports = imports
        self._checks = checks
        self._inspected: dict[str, _Inspected] = {}
        self._landed_early = 0
        self._judgements: dict[str, Judgement] = {}

    @as_judging_error
    async def candidate_of(
        self, plan: ModulePlan, result: GenerationResult, patch: Patch | None
    ) -> Candidate:
        """What an answer comes to; one for a part of the module is made whole by its patch."""
        code = code_of(result.text, _names_of(plan, patch))
        findings = tuple(findings_before_parsing(result, code))
        if findings:
            return Candidate(code=code, text=result.text, findings=findings, is_whole=False)
        if patch is not None:
            return await self._patched(plan, code, patch)
        return await self._whole(plan, code, shown=result.text)

    @as_judging_error
    async def candidate_of_stored(
        self, plan: ModulePlan, result: GenerationResult, patch: Patch | None
    ) -> Candidate:
        """What a stored answer comes to here; what is fixed in the tree stays as it is there."""
        candidate = await self.candidate_of(plan, result, patch)
        if candidate.findings or plan.patch is None or plan.patch == patch:
            return candidate
        return await self._patched(plan, candidate.code, plan.patch)

    @as_judging_error
    async def candidate_of_last(
        self, plan: ModulePlan, answer: StoredAnswer, removed: tuple[str, ...]
    ) -> Candidate:
        """What an answer from an earlier build comes to by now, without specs that are no more."""
        candidate = await self.candidate_of(plan, answer.result, answer.patch)
        patch = plan.patch
        if removed and patch is None:
            names = tuple(spec.name for spec in plan.module.specs)
            patch = Patch(base=candidate.code, wanted=(), fixed=names, removed=removed)
        if not candidate.is_whole or patch is None or patch == answer.patch:
            return candidate
        return await self._patched(plan, candidate.code if patch.wanted else "", patch)

    @as_judging_error
    async def candidate_of_present(self, plan: ModulePlan) -> Candidate:
        """The code that a module has, without that of specs that are no more."""
        if plan.patch is not None and plan.patch.removed:
            return await self._patched(plan, "", plan.patch)
        code = plan.file.body
        return Candidate(code=code, text=code, findings=await self.findings(plan, code))

    async def findings(self, plan: ModulePlan, code: str) -> tuple[Finding, ...]:
        """All that is wrong with an answer; costly checks are made once the cheap ones pass."""
        findings = await self._static_findings(plan, code)
        if not findings:
            checks = (check.judge(plan, code) for check in self._checks.late)
            judgements = await asyncio.gather(*checks)
            late = [finding for judgement in judgements for finding in judgement.findings]
            findings = tuple(sorted(late, key=lambda finding: finding.line))
            self._judgements[plan.name] = _joined(judgements)
        return truncated_findings(findings)

    def judgement_of(self, plan: ModulePlan) -> Judgement:
        """What the costly checks said of the last answer for a module that they were put to."""
        return self._judgements.get(plan.name, Judgement())

    async def facts_to_land(self, plan: ModulePlan, code: str) -> CandidateFacts:
        """The facts of an answer that was found to be right and is to land now.

        It may have been formatted since: what the late checks said holds all the same.

        Raises:
            LandingError: It is no longer right, because of what landed meanwhile.
        """
        inspected = self._inspected[plan.name]
        is_older = inspected.landed_early != self._landed_early and _is_early(plan.module)
        if inspected.code != code or is_older:
            findings = await self._static_findings(plan, code)
            if findings:
                raise LandingError(
                    f"the answer for {plan.name} does not fit what landed meanwhile: {findings[0]}",
                    hint="run the build again",
                )
        return self._inspected.pop(plan.name).facts

    def note_landed(self, plan: ModulePlan) -> None:
        """Note that the file of a module was written."""
        self._landed_early += _is_early(plan.module)

    async def _static_findings(self, plan: ModulePlan, code: str) -> tuple[Finding, ...]:
        """What the facts of an answer tell; nothing of it is run."""
        landed = self._landed_early  # before the worker looks: what lands meanwhile counts
        worker, module, name = self._worker, plan.module, plan.generated_module
        try:
            facts = await asyncio.to_thread(
                inspect_candidate, worker, self._project, module, name, code
            )
        except JauntDiscoveryError as error:  # the worker imports what an answer imports
            message = f"what it imports takes the interpreter down: {error.args[0]}"
            return (FindingCode.IMPORT_CRASH.finding(message, "other imports"),)
        self._inspected[plan.name] = _Inspected(code=code, facts=facts, landed_early=landed)
        return findings_of(module, facts, self._judged.graph.specs, self._imports())

    async def _whole(self, plan: ModulePlan, code: str, *, shown: str) -> Candidate:
        """The candidate of code that is all of a module; it is `shown` as it came."""
        formatted = await self._formatted(plan, code, base=None)
        findings = await self.findings(plan, formatted)
        is_part = formatted.rstrip("\n") in unix_lines(shown)
        text = shown if is_part else formatted
        return Candidate(code=formatted, text=text, findings=findings)

    async def _patched(self, plan: ModulePlan, code: str, patch: Patch) -> Candidate:
        """The candidate that a patch makes of an answer.

        Where that has findings and the answer to a repair has more than was asked for, all of
        that counts: the cause of a finding may stand elsewhere.
        """
        spliced = await asyncio.to_thread(splice_answer, self._worker, patch, code)
        candidate = await self._spliced(plan, code, patch, spliced)
        wider = widened(patch, spliced, landed=plan.patch.fixed if plan.patch else None)
        if not candidate.findings or wider is None:
            return candidate
        if wider.fixed:
            more = await asyncio.to_thread(splice_answer, self._worker, wider, code)
            other = await self._spliced(plan, code, wider, more)
        else:
            other = await self._whole(plan, code, shown=code)
        return candidate if other.findings and not spliced.clashes else other

    async def _spliced(
        self, plan: ModulePlan, code: str, patch: Patch, spliced: Spliced
    ) -> Candidate:
        if spliced.clashes:
            findings = tuple(
                FindingCode.SHARED_NAME.finding(
                    f"{clash.name} belongs to the code of {', '.join(patch.fixed)}, which "
                    "stays as it is, and the answer makes it something else",
                    f"{clash.name} as it was, and what is new under a new name",
                    line=clash.line,
                )
                for clash in spliced.clashes
            )
            return Candidate(code=code, text=code, findings=findings, is_whole=False)
        # What is no Python cannot be put in; it is judged as it is, which says so.
        whole = code if spliced.source is None else spliced.source
        whole = await self._formatted(plan, whole, base=patch.base)
        return Candidate(code=whole, text=whole, findings=await self.findings(plan, whole))

    async def _formatted(self, plan: ModulePlan, code: str, *, base: str | None) -> str:
        """The code as it would land; what stays of a `base` must not move for looks alone."""
        formatter, path = self._checks.formatter, plan.file.path
        if formatter is None:
            return code
        if base is not None:
            base = base.strip("\n") + "\n"
            if await formatter.formatted(path, base) != base:
                return code
        return await formatter.formatted(path, code)


def _joined(judgements: Sequence[Judgement]) -> Judgement:
    """One judgement of several checks, without their findings."""
    unjudged = (reason for judgement in judgements for reason in judgement.unjudged)
    warnings = (warning for judgement in judgements for warning in judgement.warnings)
    return Judgement(
        unjudged=tuple(dict.fromkeys(unjudged)), warnings=tuple(dict.fromkeys(warnings))
    )


def _names_of(plan: ModulePlan, patch: Patch | None) -> tuple[str, ...]:
    """The names that an answer is to define: those of all specs, or those that were asked for."""
    return patch.wanted if patch else tuple(spec.name for spec in plan.module.specs)


def _is_early(module: SpecModule) -> bool:
    """Whether its generated module may be imported before the module itself is done."""
    # The generated package is imported for the class specs beside it.
    return module.first_class_line is not None or module.is_package
