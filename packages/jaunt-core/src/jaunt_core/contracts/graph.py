"""The graph of specs: what depends on what, and in which order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from jaunt_core.errors import JauntDependencyCycleError
from jaunt_core.model.plan import Inference
from jaunt_core.model.spec import Kind, SpecModule, SpecRef, SpecSource

Node = TypeVar("Node", bound=str)
Edges = Mapping[SpecRef, tuple[SpecRef, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecGraph:
    """Specs and their dependencies under one inference setting.

    `components` are the strongly connected ones, dependencies first; more than one spec stands
    in one only where an inferred cycle lies inside one module.
    """

    modules: tuple[SpecModule, ...]
    specs: Mapping[SpecRef, SpecSource]
    edges: Edges
    components: tuple[tuple[SpecRef, ...], ...]
    inference: Inference

    def mentioned(self, ref: SpecRef) -> tuple[SpecRef, ...]:
        """The specs that a spec names without depending on them."""
        spec = self.specs[ref]
        named = {*spec.mentioned, *spec.inferred} - {*self.edges[ref], ref}
        return tuple(sorted(name for name in named if _may_link(name, spec, self.specs)))

    def module_edges(self) -> dict[str, tuple[str, ...]]:
        """Which modules each module depends on, itself left out."""
        edges: dict[str, set[str]] = {module.name: set() for module in self.modules}
        for ref, targets in self.edges.items():
            name = self.specs[ref].module
            edges[name].update(self.specs[target].module for target in targets)
        return {name: tuple(sorted(targets - {name})) for name, targets in edges.items()}


def build_graph(modules: Iterable[SpecModule], inference: Inference) -> SpecGraph:
    """The graph of all specs of `modules`.

    Raises:
        JauntDependencyCycleError: `deps=` or inheritance form a cycle, or specs of different
            modules do; the message has the whole path.
    """
    # Sorted, so that messages do not depend on the order in which files were read.
    ordered = tuple(sorted(modules, key=lambda module: module.name))
    specs = {spec.ref: spec for module in ordered for spec in module.specs}
    explicit = {ref: _targets(spec, spec.explicit, specs) for ref, spec in specs.items()}
    edges = {
        ref: _targets(spec, (*spec.explicit, *_inferred(spec, inference)), specs)
        for ref, spec in specs.items()
    }
    components = tuple(connected_components(edges))
    for component in components:
        if len(component) > 1:
            _check_cycle(component, specs, edges, explicit)
    return SpecGraph(
        modules=ordered, specs=specs, edges=edges, components=components, inference=inference
    )


def _inferred(spec: SpecSource, inference: Inference) -> tuple[SpecRef, ...]:
    wanted = inference.of(spec.kind) if spec.infer_deps is None else spec.infer_deps
    return spec.inferred if wanted else ()


def _targets(
    spec: SpecSource, named: Iterable[SpecRef], specs: Mapping[SpecRef, SpecSource]
) -> tuple[SpecRef, ...]:
    # Code never waits for tests: a code spec that names a test spec does not depend on it.
    return tuple(
        sorted(ref for ref in set(named) if ref != spec.ref and _may_link(ref, spec, specs))
    )


def _may_link(ref: SpecRef, spec: SpecSource, specs: Mapping[SpecRef, SpecSource]) -> bool:
    """Whether a spec may be linked to another one: code is not linked to its tests."""
    return ref in specs and (spec.kind is Kind.TEST or specs[ref].kind is Kind.BUILD)


def _check_cycle(
    component: tuple[SpecRef, ...],
    specs: Mapping[SpecRef, SpecSource],
    edges: Edges,
    explicit: Edges,
) -> None:
    for inner in connected_components({ref: explicit[ref] for ref in component}):
        if len(inner) > 1:
            _raise_cycle(inner, specs, explicit, "remove one of these from `deps=`")
    if len({specs[ref].module for ref in component}) > 1:
        hint = (
            "put specs that need each other into one module, or break the cycle with "
            "`infer_deps=False` on one of them"
        )
        _raise_cycle(component, specs, edges, hint)


def _raise_cycle(
    component: tuple[SpecRef, ...], specs: Mapping[SpecRef, SpecSource], edges: Edges, hint: str
) -> None:
    path = _cycle_path(component, specs, edges)
    places = [f"{ref} ({specs[ref].path}:{specs[ref].line})" for ref in path]
    raise JauntDependencyCycleError("specs depend on each other: " + " -> ".join(places), hint=hint)


def _cycle_path(
    component: tuple[SpecRef, ...], specs: Mapping[SpecRef, SpecSource], edges: Edges
) -> list[SpecRef]:
    """A shortest cycle; one that leaves its module where the component does."""
    members = frozenset(component)
    steps = [(ref, target) for ref in component for target in edges[ref] if target in members]
    crossing = [step for step in steps if specs[step[0]].module != specs[step[1]].module]
    paths = [
        [ref, *_shortest_path(target, ref, edges, members)] for ref, target in crossing or steps
    ]
    shortest = min(paths, key=lambda path: (len(path), path))[1:]
    first = shortest.index(min(shortest))
    return [*shortest[first:], *shortest[:first], shortest[first]]


def _shortest_path(
    start: SpecRef, end: SpecRef, edges: Edges, members: frozenset[SpecRef]
) -> list[SpecRef]:
    """From `start` to `end`, both of one strongly connected component."""
    paths = [[start]]
    seen = {start}
    for path in paths:
        if path[-1] == end:
            return path
        for target in edges[path[-1]]:
            if target in members and target not in seen:
                seen.add(target)
                paths.append([*path, target])
    raise AssertionError(f"no way from {start} to {end}")


def connected_components(edges: Mapping[Node, tuple[Node, ...]]) -> Iterator[tuple[Node, ...]]:
    """Strongly connected components, dependencies first, members sorted (Tarjan, iterative)."""
    index: dict[Node, int] = {}
    low: dict[Node, int] = {}
    stack: list[Node] = []
    on_stack: set[Node] = set()
    for root in sorted(edges):
        if root in index:
            continue
        # No recursion: a path through the specs of a project may be longer than its limit.
        work = [(root, iter(edges[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, targets = work[-1]
            target = next((candidate for candidate in targets if candidate in edges), None)
            if target is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    yield _pop_component(node, stack, on_stack)
            elif target not in index:
                index[target] = low[target] = len(index)
                stack.append(target)
                on_stack.add(target)
                work.append((target, iter(edges[target])))
            elif target in on_stack:
                low[node] = min(low[node], index[target])


def _pop_component(root: Node, stack: list[Node], on_stack: set[Node]) -> tuple[Node, ...]:
    members = []
    while True:
        node = stack.pop()
        on_stack.discard(node)
        members.append(node)
        if node == root:
            return tuple(sorted(members))
