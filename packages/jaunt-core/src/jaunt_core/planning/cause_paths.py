"""Paths from specs that depend on a change to the specs where it began."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jaunt_core.model.reason import LONG_PATH_HEAD
from jaunt_core.model.spec import SpecRef

MOST_CAUSES = 10
"""How many root causes are reported for a spec at most: the nearest ones."""

_TAIL = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class CausePath:
    """Specs that each depend on the next, the root cause last.

    A long path keeps only its two ends, and counts the specs `omitted` between them: whole paths
    of all specs would grow with the square of the project's size.
    """

    refs: tuple[SpecRef, ...]
    omitted: int = 0

    @property
    def root(self) -> SpecRef:
        """The root cause."""
        return self.refs[-1]

    def after(self, *refs: SpecRef) -> CausePath:
        """The same path, with further specs before it."""
        whole = (*refs, *self.refs)
        surplus = len(whole) - LONG_PATH_HEAD - _TAIL
        if surplus <= 0:
            return CausePath(refs=whole, omitted=self.omitted)
        ends = (*whole[:LONG_PATH_HEAD], *whole[-_TAIL:])
        return CausePath(refs=ends, omitted=self.omitted + surplus)


def nearest_cause_paths(
    changed: Mapping[SpecRef, tuple[SpecRef, ...]], roots: Iterable[SpecRef]
) -> dict[SpecRef, tuple[CausePath, ...]]:
    """For each spec the shortest paths from it to root causes, the nearest ones first.

    Args:
        changed: For each spec, its dependencies that are not what they were.
        roots: The specs that changed themselves.
    """
    dependents: dict[SpecRef, list[SpecRef]] = {}
    for ref in sorted(changed):
        for target in changed[ref]:
            dependents.setdefault(target, []).append(ref)
    paths: dict[SpecRef, dict[SpecRef, CausePath]] = {}
    pending = deque((root, CausePath(refs=(root,))) for root in sorted(roots))
    while pending:  # from all roots at once, one step after the other
        ref, path = pending.popleft()
        known = paths.setdefault(ref, {})
        if path.root in known or len(known) >= MOST_CAUSES:
            continue
        known[path.root] = path
        pending.extend((name, path.after(name)) for name in dependents.get(ref, ()))
    return {ref: tuple(by_root.values()) for ref, by_root in paths.items()}
