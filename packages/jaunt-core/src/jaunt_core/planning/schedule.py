"""The order in which modules are worked on."""

from __future__ import annotations

from collections.abc import Mapping

from jaunt_core.contracts.graph import connected_components

Waits = Mapping[str, tuple[str, ...]]
"""For each module, the modules that go first."""


def acyclic_waits(edges: Waits) -> dict[str, tuple[str, ...]]:
    """The edges between modules, without cycles.

    Specs of two modules may need each other without a cycle among the specs. Nobody has to wait
    then, since a spec is its own interface; of such a group the later name waits for the earlier.
    """
    group = {
        name: index
        for index, component in enumerate(connected_components(edges))
        for name in component
    }
    return {
        name: tuple(
            target
            for target in targets
            if target in edges and (group[target] != group[name] or target < name)
        )
        for name, targets in edges.items()
    }


def remaining_lengths(waits: Waits) -> dict[str, int]:
    """How many modules the longest path from each module to the end has, itself included."""
    dependents: dict[str, list[str]] = {name: [] for name in waits}
    for name, targets in waits.items():
        for target in targets:
            dependents[target].append(name)
    lengths: dict[str, int] = {}
    # There are no cycles any more, so each component is one module.
    for (name,) in reversed(list(connected_components(waits))):
        lengths[name] = 1 + max((lengths[dependent] for dependent in dependents[name]), default=0)
    return lengths
