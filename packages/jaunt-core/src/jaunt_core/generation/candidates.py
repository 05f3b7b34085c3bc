"""From an answer to the code that would land, and what is wrong with it.

It is formatted before it is judged, so that findings are about the lines that would land, and that
what was judged is what lands.
"""

from __future__ import annotations

from jaunt_core.findings.answer_text import code_of, findings_before_parsing
from jaunt_core.findings.codes import FindingCode
from jaunt_core.generation.attempts import Candidate
from jaunt_core.generation.run_context import Workshop
from jaunt_core.generation.validation import Checking
from jaunt_core.model.generation import Finding, GenerationResult, Patch
from jaunt_core.model.plan import ModulePlan


class Candidates:
    """Makes answers whole and has them checked."""

    def __init__(self, shop: Workshop, checking: Checking) -> None:
        self._shop = shop
        self._checking = checking

    async def of_answer(
        self, plan: ModulePlan, result: GenerationResult, patch: Patch | None
    ) -> Candidate:
        """What an answer comes to; one for a part of the module is made whole by its patch."""
        code = code_of(result.text)
        before = tuple(findings_before_parsing(result))
        if before:
            return Candidate(code=code, said=result.text, findings=before)
        if patch is not None:
            return await self._patched(plan, code, patch)
        formatted = await self._formatted(plan, code, base=None)
        findings = await self._checking.findings(plan, formatted)
        said = result.text if formatted == code else formatted
        return Candidate(code=formatted, said=said, findings=findings)

    async def of_stored(
        self, plan: ModulePlan, result: GenerationResult, patch: Patch | None
    ) -> Candidate:
        """What a stored answer comes to here; what is fixed in the tree stays as it is there."""
        whole = await self.of_answer(plan, result, patch)
        if whole.findings or plan.patch is None or plan.patch == patch:
            return whole
        return await self._patched(plan, whole.code, plan.patch)

    async def pruned(self, plan: ModulePlan) -> Candidate:
        """The code that a module has, without that of specs that are no more."""
        if plan.patch is not None and plan.patch.removed:
            return await self._patched(plan, "", plan.patch)
        code = plan.file.body
        return Candidate(code=code, said=code, findings=await self._checking.findings(plan, code))

    async def _patched(self, plan: ModulePlan, code: str, patch: Patch) -> Candidate:
        spliced = await self._shop.spliced(patch, code)
        if spliced.clashes:
            findings = tuple(
                Finding(
                    code=FindingCode.SHARED_NAME,
                    line=clash.line,
                    message=f"{clash.name} belongs to the code of {', '.join(patch.fixed)}, which "
                    "stays as it is, and the answer makes it something else",
                    expected=f"{clash.name} as it was, and what is new under a new name",
                )
                for clash in spliced.clashes
            )
            return Candidate(code=code, said=code, findings=findings)
        # What is no Python cannot be put in; it is judged as it is, which says so.
        whole = code if spliced.source is None else spliced.source
        whole = await self._formatted(plan, whole, base=patch.base)
        findings = await self._checking.findings(plan, whole)
        return Candidate(code=whole, said=whole, findings=findings)

    async def _formatted(self, plan: ModulePlan, code: str, *, base: str | None) -> str:
        """The code as it would land; what stays of a `base` must not move for looks alone."""
        formatter, path = self._shop.formatter, plan.file.path
        if formatter is None:
            return code
        if base is not None:
            base = base.strip("\n") + "\n"
            if await formatter.formatted(path, base) != base:
                return code
        return await formatter.formatted(path, code)
