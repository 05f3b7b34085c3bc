"""Which modules are stale, and every reason why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from jaunt_core.analysis.digest import CONTRACT, GraphDigests, short_digest_of
from jaunt_core.analysis.graph import SpecGraph
from jaunt_core.errors import JauntDependencyCycleError
from jaunt_core.model.plan import (
    FileState,
    GeneratedFile,
    Inference,
    Reason,
    ReasonKind,
    SpecRecord,
)
from jaunt_core.model.spec import SpecModule, SpecRef


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedGraph:
    """A graph under one inference setting, with its digests."""

    graph: SpecGraph
    digests: GraphDigests


Judge = Callable[[Inference], JudgedGraph]
"""The graph under an inference setting; files are judged by the one in their header."""

Records = Mapping[SpecRef, SpecRecord]
"""What the headers of all generated files remember, by spec."""

_STATE_REASONS = {
    FileState.MISSING: ReasonKind.MISSING,
    FileState.DAMAGED: ReasonKind.DAMAGED,
    FileState.EDITED: ReasonKind.EDITED,
    FileState.FOREIGN: ReasonKind.FOREIGN,
}


def own_reasons(
    module: SpecModule, file: GeneratedFile, judge: Judge, everywhere: Records
) -> tuple[Reason, ...]:
    """Why a module is stale in itself, empty where it is not.

    Args:
        module: The spec module.
        file: Its generated file as it was found.
        judge: Gives the graph under the setting that the file records.
        everywhere: What is recorded of the specs of all modules, to follow a change to its root.
    """
    kind = _STATE_REASONS.get(file.state)
    header = file.header
    if kind is not None or header is None:
        kind = kind or ReasonKind.DAMAGED
        return (Reason(kind=kind, detail=file.detail),)
    if header.source_module != module.name or header.kind is not module.kind:
        detail = f"its header says that it belongs to {header.source_module} ({header.kind})"
        return (Reason(kind=ReasonKind.DAMAGED, detail=detail),)
    if header.contract != CONTRACT:
        detail = f"written with contract format {header.contract}, this is {CONTRACT}"
        return (Reason(kind=ReasonKind.CONTRACT, detail=detail),)
    try:
        judged = judge(header.inference)
    except JauntDependencyCycleError:  # the setting may have been changed because of it
        detail = "under the inference setting that it was made with, specs form a cycle"
        return (Reason(kind=ReasonKind.DEPENDENCY, detail=detail),)
    if header.module_digest == judged.digests.of_module(module):
        return ()
    records = {record.ref: record for record in header.specs}
    found = tuple(_differences(module, records, judged, everywhere))
    if found:
        return found
    detail = "the module digest in the header does not fit its specs"
    return (Reason(kind=ReasonKind.DAMAGED, detail=detail),)


def recorded_specs(files: Mapping[str, GeneratedFile]) -> Records:
    """What is recorded of each spec that was ever generated and still is."""
    return {
        record.ref: record
        for file in files.values()
        if file.header is not None
        for record in file.header.specs
    }


def _differences(
    module: SpecModule,
    records: Mapping[SpecRef, SpecRecord],
    judged: JudgedGraph,
    everywhere: Records,
) -> Iterator[Reason]:
    current = {spec.ref for spec in module.specs}
    for ref in sorted(set(records) - current):
        yield Reason(kind=ReasonKind.REMOVED, spec=ref, old=records[ref].local)
    for ref in sorted(current):
        record = records.get(ref)
        if record is None:
            yield Reason(kind=ReasonKind.ADDED, spec=ref, new=judged.digests.local[ref])
            continue
        yield from _part_differences(record, judged.digests.parts[ref])
        yield from _dependency_differences(record, judged, everywhere)


def _part_differences(record: SpecRecord, parts: Mapping[str, str]) -> Iterator[Reason]:
    for name in sorted({*record.parts, *parts}):
        old, new = record.parts.get(name, ""), parts.get(name, "")
        if old != new:
            yield Reason(
                kind=ReasonKind.CHANGED,
                spec=record.ref,
                part=name,
                old=old,
                new=new,
                path=(record.ref,),
            )


def _dependency_differences(
    record: SpecRecord, judged: JudgedGraph, everywhere: Records
) -> Iterator[Reason]:
    now = _dependencies_of(record.ref, judged)
    for name in sorted({*record.dependencies, *now}):
        old, new = record.dependencies.get(name, ""), now.get(name, "")
        if old == new:
            continue
        target = SpecRef(name)
        is_link = not old or not new
        paths = [(target,)] if is_link else _root_paths(record, target, judged, everywhere)
        for path in paths:
            yield Reason(
                kind=ReasonKind.DEPENDENCY,
                spec=record.ref,
                old=old,
                new=new,
                path=(record.ref, *path),
                detail="" if is_link else _own_change(path[-1], judged, everywhere),
            )


def _dependencies_of(ref: SpecRef, judged: JudgedGraph) -> dict[str, str]:
    return {
        target: short_digest_of(judged.digests.graph[target]) for target in judged.graph.edges[ref]
    }


def _root_paths(
    record: SpecRecord, target: SpecRef, judged: JudgedGraph, everywhere: Records
) -> list[tuple[SpecRef, ...]]:
    """From a changed dependency to each spec that was changed itself, the shortest way."""
    paths = [(target,)]
    seen = {record.ref, target}
    found = []
    for path in paths:
        before = everywhere[path[-1]].dependencies if path[-1] in everywhere else {}
        now = _dependencies_of(path[-1], judged)
        changed = [SpecRef(name) for name in now if before.get(name, now[name]) != now[name]]
        if not changed or _own_change(path[-1], judged, everywhere):
            found.append(path)
        paths.extend((*path, ref) for ref in changed if ref not in seen)
        seen.update(changed)
    # In a cycle all ways may lead back to the spec itself, which has a reason of its own then.
    return found


def _own_change(ref: SpecRef, judged: JudgedGraph, everywhere: Records) -> str:
    """What changed in a spec itself, in words; empty where nothing did or nobody can tell."""
    known = everywhere.get(ref)
    if known is None:
        return f"nothing is recorded of {ref}"
    parts = [reason.part for reason in _part_differences(known, judged.digests.parts[ref])]
    parts += ["dependencies"] if set(known.dependencies) != set(judged.graph.edges[ref]) else []
    return f"{', '.join(parts)} of {ref} changed" if parts else ""


def spread_reasons(
    own: Mapping[str, tuple[Reason, ...]], graph: SpecGraph
) -> dict[str, tuple[Reason, ...]]:
    """The reasons of the whole rebuild set: stale modules and all that depend on them."""
    links = _links(graph)
    found = {name: reasons for name, reasons in own.items() if reasons}
    pending = sorted(found)
    for cause in pending:
        further, why = _root_of(cause, found[cause])
        for name, (ref, target) in links.get(cause, {}).items():
            if name in own and name not in found:
                path = (ref, *((target,) if further[:1] != (target,) else ()), *further)
                reason = Reason(kind=ReasonKind.DEPENDENCY, spec=ref, path=path, detail=why)
                found[name] = (reason,)
                pending.append(name)
    return found


def _root_of(name: str, reasons: tuple[Reason, ...]) -> tuple[tuple[SpecRef, ...], str]:
    """How the chain of a module's dependents goes on, and what stands at its end."""
    for reason in reasons:
        if not reason.is_inherited:
            return (), f"{name} is rebuilt: {reason.kind}"
    return reasons[0].path, reasons[0].detail


def _links(graph: SpecGraph) -> dict[str, dict[str, tuple[SpecRef, SpecRef]]]:
    """For each module its dependents by name, and of each the first edge that leads here."""
    links: dict[str, dict[str, tuple[SpecRef, SpecRef]]] = {}
    for ref in sorted(graph.edges):
        for target in graph.edges[ref]:
            name, home = graph.specs[ref].module, graph.specs[target].module
            if name != home:
                links.setdefault(home, {}).setdefault(name, (ref, target))
    return {home: dict(sorted(found.items())) for home, found in links.items()}


def selected_modules(
    targets: Iterable[str], module_edges: Mapping[str, tuple[str, ...]]
) -> frozenset[str]:
    """The target modules with everything that they depend on."""
    found: set[str] = set()
    pending = list(targets)
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending.extend(module_edges.get(name, ()))
    return frozenset(found)


__all__ = [
    "Judge",
    "JudgedGraph",
    "Records",
    "own_reasons",
    "recorded_specs",
    "selected_modules",
    "spread_reasons",
]
