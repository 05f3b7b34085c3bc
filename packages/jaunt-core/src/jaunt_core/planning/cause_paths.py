"""The ways from what depends on a change to the specs that it began with."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jaunt_core.model.reason import LONG_PATH_HEAD
from jaunt_core.model.spec import SpecRef

MOST_CAUSES = 10
"""How many root causes are told of a spec, at most: the nearest ones."""

_TAIL = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class CausePath:
    """Specs that each depend on the next, the root cause last.

    Of a long one only both ends are kept, and how many specs are `omitted` between them: all
    chains of a project grow with the square of its size.
    """

    refs: tuple[SpecRef, ...]
    omitted: int = 0

    @property
    def root(self) -> SpecRef:
        """The spec that it ends with."""
        return self.refs[-1]

    def after(self, *refs: SpecRef) -> CausePath:
        """The same chain, with further specs before it."""
        whole = (*refs, *self.refs)
        surplus = len(whole) - LONG_PATH_HEAD - _TAIL
        if surplus <= 0:
            return CausePath(refs=whole, omitted=self.omitted)
        kept = (*whole[:LONG_PATH_HEAD], *whole[-_TAIL:])
        return CausePath(refs=kept, omitted=self.omitted + surplus)


def nearest_cause_paths(
    changed: Mapping[SpecRef, tuple[SpecRef, ...]], roots: Iterable[SpecRef]
) -> dict[SpecRef, tuple[CausePath, ...]]:
    """For each spec the shortest chains from it to root causes, the nearest ones first.

    Args:
        changed: For each spec, the dependencies of it that are not what they were.
        roots: The specs that something happened to themselves.
    """
    dependents: dict[SpecRef, list[SpecRef]] = {}
    for ref in sorted(changed):
        for target in changed[ref]:
            dependents.setdefault(target, []).append(ref)
    found: dict[SpecRef, dict[SpecRef, CausePath]] = {}
    pending = deque((root, CausePath(refs=(root,))) for root in sorted(roots))
    while pending:  # from all roots at once, one step after the other
        ref, chain = pending.popleft()
        known = found.setdefault(ref, {})
        if chain.root in known or len(known) >= MOST_CAUSES:
            continue
        known[chain.root] = chain
        pending.extend((name, chain.after(name)) for name in dependents.get(ref, ()))
    return {ref: tuple(chains.values()) for ref, chains in found.items()}


__all__ = ["MOST_CAUSES", "CausePath", "nearest_cause_paths"]
