"""Whether an answer may land: looked at when it comes, and again where something came between."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from jaunt_core.errors import JauntDiscoveryError, LandingError
from jaunt_core.findings.codes import FindingCode
from jaunt_core.findings.truncation import truncated_findings
from jaunt_core.findings.validate import findings_of
from jaunt_core.generation.run_context import Workshop
from jaunt_core.model.candidate import CandidateFacts
from jaunt_core.model.generation import Finding
from jaunt_core.model.plan import ModulePlan
from jaunt_core.model.spec import SpecModule


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """The facts of an answer, and how much of what they depend on had landed before."""

    code: str
    facts: CandidateFacts
    landed: int


class Checking:
    """Inspects the answers of one run, each once where that is enough.

    Generated files enter the facts of an answer in one way: whether its imports find their names
    bound while modules are half imported. Of the generated files, only those of early modules
    are imported then, and only an answer for an early module may run that soon. So what was seen
    of an answer stays true until an early module lands, and for other modules to the end.
    """

    def __init__(self, shop: Workshop) -> None:
        self._shop = shop
        self._seen: dict[str, _Seen] = {}
        self._landed_early = 0

    async def findings(self, plan: ModulePlan, code: str) -> tuple[Finding, ...]:
        """All that is wrong with an answer."""
        found = await self._findings_here(plan, code) or await self._late_findings(plan, code)
        return truncated_findings(found)

    async def _findings_here(self, plan: ModulePlan, code: str) -> tuple[Finding, ...]:
        """What its facts tell."""
        landed = self._landed_early  # before the worker looks: what lands meanwhile counts
        try:
            facts = await self._shop.inspected(plan, code)
        except JauntDiscoveryError as error:  # the worker imports what an answer imports
            message = f"what it imports takes the interpreter down: {error.args[0]}"
            return (
                Finding(code=FindingCode.IMPORT_CRASH, message=message, expected="other imports"),
            )
        self._seen[plan.name] = _Seen(code=code, facts=facts, landed=landed)
        shop = self._shop
        return findings_of(plan.module, facts, shop.judged.graph.specs, shop.imports())

    async def _late_findings(self, plan: ModulePlan, code: str) -> tuple[Finding, ...]:
        """What the costly checks say, all at once."""
        checks = [check.findings(plan, code) for check in self._shop.late_checks]
        found = [finding for each in await asyncio.gather(*checks) for finding in each]
        return tuple(sorted(found, key=lambda item: item.line))

    async def facts_to_land(self, plan: ModulePlan, code: str) -> CandidateFacts:
        """The facts of an answer that was found to be right and is to land now.

        It may have been formatted since: what was said of it late holds all the same.

        Raises:
            LandingError: It is no longer right, because of what landed meanwhile.
        """
        if self._has_changed(self._seen[plan.name], plan, code):
            findings = await self._findings_here(plan, code)
            if findings:
                raise LandingError(
                    f"the answer for {plan.name} does not fit what landed meanwhile: {findings[0]}",
                    hint="run the build again",
                )
        return self._seen.pop(plan.name).facts

    def landed(self, plan: ModulePlan) -> None:
        """Note that the file of a module was written."""
        self._landed_early += _is_early(plan.module)

    def _has_changed(self, seen: _Seen, plan: ModulePlan, code: str) -> bool:
        is_older = seen.landed != self._landed_early
        return seen.code != code or (is_older and _is_early(plan.module))


def _is_early(module: SpecModule) -> bool:
    """Whether its generated module may be imported before the module itself is done."""
    # The generated package is imported for the class specs beside it.
    return module.first_class_line is not None or module.is_package
