"""The rebuild set: what is stale, and all that depends on it."""

from __future__ import annotations

from collections.abc import Mapping

from jaunt_core.contracts.graph import SpecGraph
from jaunt_core.model.reason import Place, Reason, ReasonKind
from jaunt_core.model.spec import SpecRef
from jaunt_core.planning.cause_paths import CausePath


def propagate_reasons(
    own: Mapping[str, tuple[Reason, ...]], graph: SpecGraph
) -> dict[str, tuple[Reason, ...]]:
    """The reasons of the whole rebuild set: stale modules and all that depend on them."""
    links = _links(graph)
    propagated = {name: reasons for name, reasons in own.items() if reasons}
    pending = sorted(propagated)
    # The list grows while it is walked, so a dependent is explained by the nearest stale module.
    for cause in pending:
        onward, causes = _cause_of(propagated[cause])
        for name, (ref, target) in links.get(cause, {}).items():
            if name in own and name not in propagated:
                between = (target,) if onward is None or onward.refs[0] != target else ()
                path = (onward or CausePath(refs=())).after(ref, *between)
                propagated[name] = (_dependency_reason(path, causes, graph),)
                pending.append(name)
    return propagated


def _dependency_reason(path: CausePath, causes: tuple[Reason, ...], graph: SpecGraph) -> Reason:
    root = graph.specs[path.root]
    return Reason(
        kind=ReasonKind.DEPENDENCY,
        spec=path.refs[0],
        place=Place(path=root.path, line=root.line),
        path=path.refs,
        omitted=path.omitted,
        causes=causes,
    )


def _cause_of(reasons: tuple[Reason, ...]) -> tuple[CausePath | None, tuple[Reason, ...]]:
    """How the path of a module's dependents goes on after it, and what happened at its end."""
    of_itself = tuple(reason for reason in reasons if not reason.is_inherited)
    if of_itself:
        return None, of_itself
    first = reasons[0]
    return CausePath(refs=first.path, omitted=first.omitted), first.causes


def _links(graph: SpecGraph) -> dict[str, dict[str, tuple[SpecRef, SpecRef]]]:
    """For each module its dependents by name, each with the first edge that leads to the module."""
    links: dict[str, dict[str, tuple[SpecRef, SpecRef]]] = {}
    for ref in sorted(graph.edges):
        for target in graph.edges[ref]:
            name, home = graph.specs[ref].module, graph.specs[target].module
            if name != home:
                links.setdefault(home, {}).setdefault(name, (ref, target))
    return {home: dict(sorted(dependents.items())) for home, dependents in links.items()}
