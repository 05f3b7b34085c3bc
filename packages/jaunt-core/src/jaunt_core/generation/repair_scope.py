"""What a repair asks for anew: the definitions that the findings stand in, or all."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from jaunt_core.model.generation import Finding, Patch
from jaunt_core.snapshot.worker_calls import OwnedLines, Spliced


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairScope:
    """How much of an answer its repair asks for.

    With a `patch` the rest of the answer stands: the patch puts the new definitions into that.
    `shows_whole` is true where the answer, as the model is shown it, has the code of all specs.
    """

    patch: Patch | None = None
    shows_whole: bool = False


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
            lines = (part for part in owned if part.first <= finding.line <= part.last)
            at_line = next((part.names for part in lines), ())
            if len(at_line) != 1:
                return frozenset()
            owners.update(at_line)
        if not owners:
            return frozenset()
        mended |= owners
    return frozenset(mended)


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
    if not more:
        return None
    return replace(
        patch,
        wanted=(*patch.wanted, *sorted(more)),
        fixed=tuple(name for name in patch.fixed if name not in more),
    )
