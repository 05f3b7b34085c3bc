"""Which modules are stale, and every reason why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from jaunt_core.analysis.digest import CONTRACT, GraphDigests, short_digest_of
from jaunt_core.analysis.graph import SpecGraph
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

_STATE_REASONS = {
    FileState.MISSING: ReasonKind.MISSING,
    FileState.DAMAGED: ReasonKind.DAMAGED,
    FileState.EDITED: ReasonKind.EDITED,
    FileState.FOREIGN: ReasonKind.FOREIGN,
}


def own_reasons(
    module: SpecModule, file: GeneratedFile, judge: Judge, files: Mapping[str, GeneratedFile]
) -> tuple[Reason, ...]:
    """Why a module is stale in itself, empty where it is not.

    Args:
        module: The spec module.
        file: Its generated file as it was found.
        judge: Gives the graph under the setting that the file records.
        files: The generated files of all modules, to follow a change to its root.
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
    judged = judge(header.inference)
    if header.module_digest == judged.digests.of_module(module):
        return ()
    records = {record.ref: record for record in header.specs}
    found = tuple(_differences(module, records, judged, _all_records(files)))
    if found:
        return found
    detail = "the module digest in the header does not fit its specs"
    return (Reason(kind=ReasonKind.DAMAGED, detail=detail),)


def _all_records(files: Mapping[str, GeneratedFile]) -> dict[SpecRef, SpecRecord]:
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
    everywhere: Mapping[SpecRef, SpecRecord],
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
    record: SpecRecord, judged: JudgedGraph, everywhere: Mapping[SpecRef, SpecRecord]
) -> Iterator[Reason]:
    now = _dependencies_of(record.ref, judged)
    for ref in sorted({*record.dependencies, *now}):
        old, new = record.dependencies.get(ref, ""), now.get(ref, "")
        if old != new:
            target = SpecRef(ref)
            chain = _chain(target, judged, everywhere, (record.ref,)) if new else (target,)
            yield Reason(
                kind=ReasonKind.DEPENDENCY,
                spec=record.ref,
                old=old,
                new=new,
                path=(record.ref, *chain),
            )


def _dependencies_of(ref: SpecRef, judged: JudgedGraph) -> dict[str, str]:
    return {
        target: short_digest_of(judged.digests.graph[target]) for target in judged.graph.edges[ref]
    }


def _chain(
    ref: SpecRef,
    judged: JudgedGraph,
    everywhere: Mapping[SpecRef, SpecRecord],
    seen: tuple[SpecRef, ...],
) -> tuple[SpecRef, ...]:
    """From a changed dependency down to the spec that was changed itself."""
    record = everywhere.get(ref)
    if record is None or ref in seen or record.local != judged.digests.local[ref]:
        return (ref,)
    for target, digest in _dependencies_of(ref, judged).items():
        if record.dependencies.get(target) != digest:
            return (ref, *_chain(SpecRef(target), judged, everywhere, (*seen, ref)))
    return (ref,)


def spread_reasons(
    own: Mapping[str, tuple[Reason, ...]], module_edges: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[Reason, ...]]:
    """The reasons of the whole rebuild set: stale modules and all that depend on them."""
    dependents: dict[str, list[str]] = {}
    for name, targets in module_edges.items():
        for target in targets:
            dependents.setdefault(target, []).append(name)
    found = {name: reasons for name, reasons in own.items() if reasons}
    pending = sorted(found)
    while pending:
        cause = pending.pop(0)
        for name in sorted(dependents.get(cause, ())):
            if name in own and name not in found:
                detail = f"{cause} is rebuilt ({found[cause][0].kind})"
                found[name] = (Reason(kind=ReasonKind.DEPENDENCY, detail=detail),)
                pending.append(name)
    return found


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


__all__ = ["Judge", "JudgedGraph", "own_reasons", "selected_modules", "spread_reasons"]
