from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from jaunt_core.model.spec import SpecRef
from jaunt_core.planning.cause_paths import MOST_CAUSES, CausePath, nearest_cause_paths

LONGEST = 12
Edges = Mapping[SpecRef, tuple[SpecRef, ...]]


def ref(number: int) -> SpecRef:
    return SpecRef(f"m:f{number:04d}")


@st.composite
def graphs(draw: st.DrawFn) -> tuple[Edges, frozenset[SpecRef]]:
    size = draw(st.integers(min_value=1, max_value=25))
    numbers = st.integers(min_value=0, max_value=size - 1)
    edges = {ref(it): tuple(map(ref, draw(st.sets(numbers, max_size=3)))) for it in range(size)}
    return edges, frozenset(map(ref, draw(st.sets(numbers))))


def distances(edges: Edges, start: SpecRef) -> dict[SpecRef, int]:
    found, pending = {start: 0}, deque([start])
    while pending:
        here = pending.popleft()
        for target in edges.get(here, ()):
            if target not in found:
                found[target] = found[here] + 1
                pending.append(target)
    return found


@given(graphs())
def test_each_spec_has_the_shortest_ways_to_its_nearest_roots(
    graph: tuple[Edges, frozenset[SpecRef]],
) -> None:
    edges, roots = graph

    found = nearest_cause_paths(edges, roots)

    for start in edges:
        away = {it: steps for it, steps in distances(edges, start).items() if it in roots}
        chains = found.get(start, ())
        lengths = [len(chain.refs) + chain.omitted - 1 for chain in chains]
        assert lengths == sorted(away.values())[:MOST_CAUSES]
        assert all(away[chain.root] == steps for chain, steps in zip(chains, lengths, strict=True))


@given(graphs())
def test_each_step_of_a_chain_is_an_edge(graph: tuple[Edges, frozenset[SpecRef]]) -> None:
    edges, roots = graph

    for start, chains in nearest_cause_paths(edges, roots).items():
        for chain in chains:
            steps = list(zip(chain.refs, chain.refs[1:], strict=False))
            gap = [8 - 1] if chain.omitted else []
            assert chain.refs[0] == start
            assert all(b in edges[a] for at, (a, b) in enumerate(steps) if at not in gap)


def test_of_a_long_chain_both_ends_are_told() -> None:
    edges = {ref(it): (ref(it - 1),) for it in range(1, 3000)}

    (chain,) = nearest_cause_paths(edges, [ref(0)])[ref(2999)]

    assert chain == CausePath(
        refs=tuple(map(ref, [*range(2999, 2991, -1), 3, 2, 1, 0])), omitted=3000 - LONGEST
    )


def test_of_many_roots_the_nearest_are_told() -> None:
    edges = {ref(it): (ref(it - 1),) for it in range(1, 3000)}

    found = nearest_cause_paths(edges, list(map(ref, range(3000))))

    assert [chain.root for chain in found[ref(2999)]] == list(map(ref, range(2999, 2989, -1)))
    assert max(len(chain.refs) for chains in found.values() for chain in chains) <= LONGEST
