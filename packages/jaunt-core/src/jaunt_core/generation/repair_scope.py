"""What a repair asks for anew: the definitions that the findings stand in, or all."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from jaunt_core.generation.attempts import Candidate, RepairScope
from jaunt_core.generation.judging import as_judging_error
from jaunt_core.model.generation import Finding, Patch
from jaunt_core.model.plan import ModulePlan
from jaunt_core.snapshot.worker_calls import OwnedLines, Spliced, owned_lines
from jaunt_core.snapshot.worker_client import Worker


class RepairScopes:
    """Tells for the answers of one run what their repairs ask for anew."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker

    @as_judging_error
    async def scope_of(
        self, plan: ModulePlan, candidate: Candidate, edited: Collection[str]
    ) -> RepairScope:
        """How much of an answer its repair asks for, where some specs were edited since."""
        names = [spec.name for spec in plan.module.specs]
        owned = await self._owned(plan, candidate)
        if owned is None:
            return RepairScope()
        asked = names if plan.patch is None else plan.patch.wanted
        return repair_scope(
            candidate.code, owned, candidate.findings, names=names, asked=asked, edited=edited
        )

    @as_judging_error
    async def findings_by_spec(self, plan: ModulePlan, candidate: Candidate) -> tuple[Finding, ...]:
        """The findings of a candidate, with the spec that each of them stands in."""
        return with_symbols(await self._owned(plan, candidate) or (), candidate.findings)

    async def _owned(self, plan: ModulePlan, candidate: Candidate) -> tuple[OwnedLines, ...] | None:
        """The lines of each spec's code; None where not all of the code is there to be read."""
        names = [spec.name for spec in plan.module.specs]
        if not candidate.is_whole:
            return None
        return await asyncio.to_thread(owned_lines, self._worker, candidate.code, names)


def repair_scope(
    code: str,
    owned: Sequence[OwnedLines],
    findings: Iterable[Finding],
    *,
    names: Sequence[str],
    asked: Collection[str],
    edited: Collection[str],
) -> RepairScope:
    """What a repair of a whole module asks for.

    Args:
        code: The module that the answer makes.
        owned: The lines of the code that belong to specs.
        findings: What is wrong with it.
        names: The specs of the module.
        asked: Those that may be asked for; the code of the others stays in any case.
        edited: Those of them that say something else than when the answer was asked for.
    """
    findings = tuple(findings)
    mended = names_to_mend(owned, findings, names)
    wanted = mended | set(edited) if mended or not findings else frozenset[str]()
    if not wanted or wanted >= set(asked) or not wanted <= set(asked):
        return RepairScope(shows_whole=True)
    patch = Patch(
        base=code,
        wanted=tuple(name for name in names if name in wanted),
        fixed=tuple(name for name in names if name not in wanted),
        removed=(),
    )
    return RepairScope(patch=patch, shows_whole=True)


def names_to_mend(
    owned: Sequence[OwnedLines], findings: Iterable[Finding], names: Collection[str]
) -> frozenset[str]:
    """The specs that findings stand in; none where one of them belongs to no single spec."""
    mended: set[str] = set()
    for finding in findings:
        owners = {finding.symbol} & set(names)
        if finding.line:
            at_line = _names_at(owned, finding.line)
            if len(at_line) != 1:
                return frozenset()
            owners.update(at_line)
        if not owners:
            return frozenset()
        mended |= owners
    return frozenset(mended)


def with_symbols(owned: Sequence[OwnedLines], findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings, each with the spec that its line belongs to where it names none itself."""

    def symbol_of(finding: Finding) -> str:
        names = _names_at(owned, finding.line)
        return finding.symbol or (names[0] if len(names) == 1 else "")

    return tuple(replace(finding, symbol=symbol_of(finding)) for finding in findings)


def _names_at(owned: Iterable[OwnedLines], line: int) -> tuple[str, ...]:
    return next((part.names for part in owned if part.first <= line <= part.last), ())


def widened(patch: Patch, spliced: Spliced, *, landed: Collection[str] | None) -> Patch | None:
    """The patch that also takes what an answer has beyond what was asked for; None without that.

    Args:
        patch: What was asked for.
        spliced: What it made of the answer.
        landed: The specs whose code has to stay, None where that of none has to.
    """
    more = {name for name in spliced.extra if name not in (landed or ())}
    if landed is None:  # what the answer makes of a shared helper touches no code that has landed
        more.update(clash.name for clash in spliced.clashes)
        more.update(spliced.helpers if spliced.absent else ())
    if not more:
        return None
    answered = tuple(name for name in patch.wanted if name not in spliced.absent)
    return replace(
        patch,
        wanted=(*answered, *sorted(more)),
        fixed=tuple(name for name in patch.fixed if name not in more),
    )
