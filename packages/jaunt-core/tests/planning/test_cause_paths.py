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
    edges = {
        ref(number): tuple(map(ref, draw(st.sets(numbers, max_size=3)))) for number in range(size)
    }
    return edges, frozenset(map(ref, draw(st.sets(numbers))))


def distances(edges: Edges, start: SpecRef) -> dict[SpecRef, int]:
    steps, pending = {start: 0}, deque([start])
    while pending:
        here = pending.popleft()
        for target in edges.get(here, ()):
            if target not in steps:
                steps[target] = steps[here] + 1
                pending.append(target)
    return steps


@given(graphs())
def test_each_spec_has_the_shortest_paths_to_its_nearest_roots(
    graph: tuple[Edges, frozenset[SpecRef]],
) -> None:
    edges, roots = graph

    paths = nearest_cause_paths(edges, roots)

    for start in edges:
        away = {end: steps for end, steps in distances(edges, start).items() if end in roots}
        own = paths.get(start, ())
        lengths = [len(path.refs) + path.omitted - 1 for path in own]
        assert lengths == sorted(away.values())[:MOST_CAUSES]
        assert all(away[path.root] == steps for path, steps in zip(own, lengths, strict=True))


@given(graphs())
def test_each_step_of_a_path_is_an_edge(graph: tuple[Edges, frozenset[SpecRef]]) -> None:
    edges, roots = graph

    for start, paths in nearest_cause_paths(edges, roots).items():
        for path in paths:
            steps = list(zip(path.refs, path.refs[1:], strict=False))
            gap = [8 - 1] if path.omitted else []
            assert path.refs[0] == start
            assert all(b in edges[a] for at, (a, b) in enumerate(steps) if at not in gap)


def test_a_long_path_keeps_both_ends() -> None:
    edges = {ref(number): (ref(number - 1),) for number in range(1, 3000)}

    (path,) = nearest_cause_paths(edges, [ref(0)])[ref(2999)]

    assert path == CausePath(
        refs=tuple(map(ref, [*range(2999, 2991, -1), 3, 2, 1, 0])), omitted=3000 - LONGEST
    )


def test_of_many_roots_the_nearest_are_kept() -> None:
    edges = {ref(number): (ref(number - 1),) for number in range(1, 3000)}

    paths = nearest_cause_paths(edges, list(map(ref, range(3000))))

    assert [path.root for path in paths[ref(2999)]] == list(map(ref, range(2999, 2989, -1)))
    assert max(len(path.refs) for own in paths.values() for path in own) <= LONGEST
