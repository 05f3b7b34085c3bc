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
    found = {name: reasons for name, reasons in own.items() if reasons}
    pending = sorted(found)
    for cause in pending:
        further, causes = _root_of(found[cause])
        for name, (ref, target) in links.get(cause, {}).items():
            if name in own and name not in found:
                between = (target,) if further is None or further.refs[0] != target else ()
                chain = (further or CausePath(refs=())).after(ref, *between)
                found[name] = (_rebuilt_with(chain, causes, graph),)
                pending.append(name)
    return found


def _rebuilt_with(chain: CausePath, causes: tuple[Reason, ...], graph: SpecGraph) -> Reason:
    root = graph.specs[chain.root]
    return Reason(
        kind=ReasonKind.DEPENDENCY,
        spec=chain.refs[0],
        place=Place(path=root.path, line=root.line),
        path=chain.refs,
        omitted=chain.omitted,
        causes=causes,
    )


def _root_of(reasons: tuple[Reason, ...]) -> tuple[CausePath | None, tuple[Reason, ...]]:
    """How the chain of a module's dependents goes on, and what happened at its end."""
    itself = tuple(reason for reason in reasons if not reason.is_inherited)
    if itself:
        return None, itself
    first = reasons[0]
    return CausePath(refs=first.path, omitted=first.omitted), first.causes


def _links(graph: SpecGraph) -> dict[str, dict[str, tuple[SpecRef, SpecRef]]]:
    """For each module its dependents by name, and of each the first edge that leads here."""
    links: dict[str, dict[str, tuple[SpecRef, SpecRef]]] = {}
    for ref in sorted(graph.edges):
        for target in graph.edges[ref]:
            name, home = graph.specs[ref].module, graph.specs[target].module
            if name != home:
                links.setdefault(home, {}).setdefault(name, (ref, target))
    return {home: dict(sorted(found.items())) for home, found in links.items()}


__all__ = ["propagate_reasons"]
