"""Which modules are stale, and every reason why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from jaunt_core.analysis.digest import CONTRACT, GraphDigests, short_digest_of
from jaunt_core.analysis.graph import SpecGraph
from jaunt_core.errors import JauntDependencyCycleError
from jaunt_core.model.plan import FileState, GeneratedFile, Header, Inference, SpecRecord
from jaunt_core.model.reason import Place, Reason, ReasonKind, definition_of
from jaunt_core.model.spec import SpecModule, SpecRef


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedGraph:
    """A graph under one inference setting, with its digests."""

    graph: SpecGraph
    digests: GraphDigests


Judge = Callable[[Inference], JudgedGraph]
"""The graph under an inference setting; files are judged by the one in their header."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """The generated files of all modules by name, and what their headers remember of each spec."""

    files: Mapping[str, GeneratedFile]
    specs: Mapping[SpecRef, SpecRecord]


_STATE_REASONS = {
    FileState.MISSING: ReasonKind.MISSING,
    FileState.DAMAGED: ReasonKind.DAMAGED,
    FileState.EDITED: ReasonKind.EDITED,
    FileState.FOREIGN: ReasonKind.FOREIGN,
}


def recorded_in(files: Mapping[str, GeneratedFile]) -> Recorded:
    """What is recorded of each spec that was ever generated and still is."""
    return Recorded(
        files=files,
        specs={
            record.ref: record
            for file in files.values()
            if file.header is not None
            for record in file.header.specs
        },
    )


def own_reasons(module: SpecModule, judge: Judge, recorded: Recorded) -> tuple[Reason, ...]:
    """Why a module is stale in itself, empty where it is not.

    What happened to its file comes first; what happened to its specs is told beside it wherever
    the header can be read.

    Args:
        module: The spec module.
        judge: Gives the graph under the setting that its file records.
        recorded: The files of all modules, to follow a change to its root.
    """
    file = recorded.files[module.name]
    about_file = _file_reasons(file)
    if file.header is None:
        return about_file
    return (*about_file, *_contract_reasons(module, file.path, file.header, judge, recorded))


def _file_reasons(file: GeneratedFile) -> tuple[Reason, ...]:
    kind = _STATE_REASONS.get(file.state)
    if kind is None and file.header is None:
        kind = ReasonKind.DAMAGED
    if kind is None:
        return ()
    return (Reason(kind=kind, place=Place(path=file.path), detail=file.detail),)


def _contract_reasons(
    module: SpecModule, path: PurePosixPath, header: Header, judge: Judge, recorded: Recorded
) -> tuple[Reason, ...]:
    """Where a header does not say what the specs say."""

    def damaged(detail: str) -> tuple[Reason, ...]:
        return (Reason(kind=ReasonKind.DAMAGED, place=Place(path=path), detail=detail),)

    if header.source_module != module.name or header.kind is not module.kind:
        return damaged(f"its header says that it belongs to {header.source_module} ({header.kind})")
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
    found = tuple(_differences(module, records, judged, recorded))
    return found or damaged("the module digest in the header does not fit its specs")


def _differences(
    module: SpecModule,
    records: Mapping[SpecRef, SpecRecord],
    judged: JudgedGraph,
    recorded: Recorded,
) -> Iterator[Reason]:
    current = {spec.ref for spec in module.specs}
    for ref in sorted(set(records) - current):
        yield Reason(kind=ReasonKind.REMOVED, spec=ref, old=records[ref].local)
    for ref in sorted(current):
        record = records.get(ref)
        if record is None:
            yield _added(ref, judged)
            continue
        yield from _part_differences(record, judged)
        yield from _dependency_differences(record, judged, recorded)


def _added(ref: SpecRef, judged: JudgedGraph) -> Reason:
    return Reason(
        kind=ReasonKind.ADDED,
        spec=ref,
        new=judged.digests.local[ref],
        place=_place_of(ref, judged.graph),
    )


def _part_differences(record: SpecRecord, judged: JudgedGraph) -> Iterator[Reason]:
    parts = judged.digests.parts[record.ref]
    for name in sorted({*record.parts, *parts}):
        old, new = record.parts.get(name, ""), parts.get(name, "")
        if old != new:
            yield Reason(
                kind=ReasonKind.CHANGED,
                spec=record.ref,
                part=name,
                old=old,
                new=new,
                place=_place_of_part(record.ref, name, judged.graph),
                path=(record.ref,),
            )


def _place_of_part(ref: SpecRef, part: str, graph: SpecGraph) -> Place | None:
    """The spec itself, or the definition outside of it that the part is about.

    What a spec names no longer has no place: nobody need have read it.
    """
    outside = definition_of(part)
    if outside is None:
        return _place_of(ref, graph)
    for item in graph.specs[ref].context:
        if item.ref == outside:
            return Place(path=item.path, line=item.line)
    return _place_of(outside, graph) if outside in graph.mentioned(ref) else None


def _place_of(ref: SpecRef, graph: SpecGraph) -> Place | None:
    spec = graph.specs.get(ref)
    return Place(path=spec.path, line=spec.line) if spec else None


def _dependency_differences(
    record: SpecRecord, judged: JudgedGraph, recorded: Recorded
) -> Iterator[Reason]:
    yield from _link_differences(record, judged)
    now = _dependencies_of(record.ref, judged)
    for name in sorted(now):
        old, new = record.dependencies.get(name, ""), now[name]
        if not old or old == new:
            continue
        for path in _root_paths(record, SpecRef(name), judged, recorded):
            yield Reason(
                kind=ReasonKind.DEPENDENCY,
                spec=record.ref,
                old=old,
                new=new,
                place=_place_of(path[-1], judged.graph),
                path=(record.ref, *path),
                causes=_own_changes(path[-1], judged, recorded),
            )


def _link_differences(record: SpecRecord, judged: JudgedGraph) -> Iterator[Reason]:
    """The dependencies that a spec has now and had not, and the other way round."""
    now = _dependencies_of(record.ref, judged)
    for name in sorted(set(record.dependencies) ^ set(now)):
        target = SpecRef(name)
        yield Reason(
            kind=ReasonKind.DEPENDENCY,
            spec=record.ref,
            old=record.dependencies.get(name, ""),
            new=now.get(name, ""),
            place=_place_of(target, judged.graph) if name in now else None,
            path=(record.ref, target),
        )


def _dependencies_of(ref: SpecRef, judged: JudgedGraph) -> dict[str, str]:
    return {
        target: short_digest_of(judged.digests.graph[target]) for target in judged.graph.edges[ref]
    }


def _root_paths(
    record: SpecRecord, target: SpecRef, judged: JudgedGraph, recorded: Recorded
) -> list[tuple[SpecRef, ...]]:
    """From a changed dependency to each spec that was changed itself, the shortest way."""
    paths = [(target,)]
    seen = {record.ref, target}
    found = []
    for path in paths:
        known = recorded.specs.get(path[-1])
        before = known.dependencies if known else {}
        now = _dependencies_of(path[-1], judged)
        changed = [SpecRef(name) for name in now if before.get(name, now[name]) != now[name]]
        if not changed or _own_changes(path[-1], judged, recorded):
            found.append(path)
        paths.extend((*path, ref) for ref in changed if ref not in seen)
        seen.update(changed)
    # In a cycle all ways may lead back to the spec itself, which has a reason of its own then.
    return found


def _own_changes(ref: SpecRef, judged: JudgedGraph, recorded: Recorded) -> tuple[Reason, ...]:
    """What changed in a spec itself; where nothing is recorded of it, why not."""
    known = recorded.specs.get(ref)
    if known is not None:
        return (*_part_differences(known, judged), *_link_differences(known, judged))
    file = recorded.files.get(ref.module)
    return (_file_reasons(file) if file else ()) or (_added(ref, judged),)


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
    "Recorded",
    "own_reasons",
    "recorded_in",
    "selected_modules",
]
