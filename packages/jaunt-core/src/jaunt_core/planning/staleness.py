"""Decide which modules are stale, and collect every reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from jaunt_core.contracts.digest import CONTRACT, GraphDigests, short_digest_of
from jaunt_core.contracts.graph import SpecGraph
from jaunt_core.errors import JauntDependencyCycleError
from jaunt_core.model.plan import FileState, GeneratedFile, Header, Inference, SpecRecord
from jaunt_core.model.reason import Place, Reason, ReasonKind, definition_of
from jaunt_core.model.spec import SpecModule, SpecRef
from jaunt_core.planning.cause_paths import MOST_CAUSES, CausePath, nearest_cause_paths


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


class RootCauses:
    """The specs where changes began, worked out once for each inference setting.

    Args:
        files: The generated files of all modules, by the module's name.
    """

    def __init__(self, files: Mapping[str, GeneratedFile]) -> None:
        self.files = files
        headers = [file.header for file in files.values() if file.header is not None]
        self._records = {record.ref: record for header in headers for record in header.specs}
        self._paths: dict[Inference, dict[SpecRef, tuple[CausePath, ...]]] = {}
        self._own: dict[tuple[Inference, SpecRef], tuple[Reason, ...]] = {}

    def paths(self, ref: SpecRef, judged: JudgedGraph) -> tuple[CausePath, ...]:
        """Paths from a changed dependency to the nearest specs that changed themselves."""
        inference = judged.graph.inference
        if inference not in self._paths:
            self._paths[inference] = self._paths_under(judged)
        return self._paths[inference].get(ref, ())

    def own_changes(self, ref: SpecRef, judged: JudgedGraph) -> tuple[Reason, ...]:
        """What changed in a spec itself; where no header records it, what happened to the file."""
        key = (judged.graph.inference, ref)
        if key not in self._own:
            self._own[key] = self._own_changes(ref, judged)
        return self._own[key]

    def _own_changes(self, ref: SpecRef, judged: JudgedGraph) -> tuple[Reason, ...]:
        known = self._records.get(ref)
        if known is not None:
            return (*_part_differences(known, judged), *_link_differences(known, judged))
        file = self.files.get(ref.module)
        return (_file_reasons(file) if file else ()) or (_added_reason(ref, judged),)

    def _paths_under(self, judged: JudgedGraph) -> dict[SpecRef, tuple[CausePath, ...]]:
        changed = {ref: self._changed_below(ref, judged) for ref in judged.graph.specs}
        targets = {target for listed in changed.values() for target in listed}
        roots = [ref for ref in targets if not changed[ref] or self.own_changes(ref, judged)]
        return nearest_cause_paths(changed, roots)

    def _changed_below(self, ref: SpecRef, judged: JudgedGraph) -> tuple[SpecRef, ...]:
        known = self._records.get(ref)
        return tuple(SpecRef(name) for name in _changed_targets(known, judged)) if known else ()


def own_reasons(module: SpecModule, judge: Judge, causes: RootCauses) -> tuple[Reason, ...]:
    """Why a module is stale in itself, empty where it is not.

    Reasons about its file come first; reasons about its specs follow where the header can be read.

    Args:
        module: The spec module.
        judge: Gives the graph under the inference setting that the header records.
        causes: Finds where a change began.
    """
    file = causes.files[module.name]
    about_file = _file_reasons(file)
    if file.header is None:
        return about_file
    return (*about_file, *_contract_reasons(module, file.path, file.header, judge, causes))


def _file_reasons(file: GeneratedFile) -> tuple[Reason, ...]:
    kind = _STATE_REASONS.get(file.state)
    if kind is None and file.header is None:
        kind = ReasonKind.DAMAGED
    if kind is None:
        return ()
    return (Reason(kind=kind, place=Place(path=file.path), detail=file.detail),)


def _contract_reasons(
    module: SpecModule, path: PurePosixPath, header: Header, judge: Judge, causes: RootCauses
) -> tuple[Reason, ...]:
    """Where the header of a module does not match its specs."""

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
    reasons = tuple(_differences(module, records, judged, causes))
    return reasons or damaged("the module digest in the header does not fit its specs")


def _differences(
    module: SpecModule,
    records: Mapping[SpecRef, SpecRecord],
    judged: JudgedGraph,
    causes: RootCauses,
) -> Iterator[Reason]:
    current = {spec.ref for spec in module.specs}
    for ref in sorted(set(records) - current):
        yield Reason(kind=ReasonKind.REMOVED, spec=ref, old=records[ref].local)
    for ref in sorted(current):
        record = records.get(ref)
        if record is None:
            yield _added_reason(ref, judged)
            continue
        yield from _part_differences(record, judged)
        yield from _dependency_differences(record, judged, causes)


def _added_reason(ref: SpecRef, judged: JudgedGraph) -> Reason:
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
    """The place of the spec, or of the definition outside of it that the part is about.

    A definition that the spec no longer names has no place: it may not have been read.
    """
    outside = definition_of(part)
    if outside is None:
        return _place_of(ref, graph)
    for definition in graph.specs[ref].context:
        if definition.ref == outside:
            return Place(path=definition.path, line=definition.line)
    return _place_of(outside, graph) if outside in graph.mentioned(ref) else None


def _place_of(ref: SpecRef, graph: SpecGraph) -> Place | None:
    spec = graph.specs.get(ref)
    return Place(path=spec.path, line=spec.line) if spec else None


def _dependency_differences(
    record: SpecRecord, judged: JudgedGraph, causes: RootCauses
) -> Iterator[Reason]:
    yield from _link_differences(record, judged)
    changed = _changed_targets(record, judged)
    room = max(MOST_CAUSES - len(changed), 0)
    for name, (old, new) in changed.items():
        paths = [
            path for path in causes.paths(SpecRef(name), judged) if record.ref not in path.refs
        ]
        # At least one path for each dependency; none in a cycle, where the spec itself changed.
        shown = paths[: room + 1]
        room -= max(len(shown) - 1, 0)
        for path in shown:
            full = path.after(record.ref)
            yield Reason(
                kind=ReasonKind.DEPENDENCY,
                spec=record.ref,
                old=old,
                new=new,
                place=_place_of(path.root, judged.graph),
                path=full.refs,
                omitted=full.omitted,
                causes=causes.own_changes(path.root, judged),
            )


def _changed_targets(record: SpecRecord, judged: JudgedGraph) -> dict[str, tuple[str, str]]:
    """Digests before and now of the dependencies that a spec has kept and that changed."""
    before, now = record.dependencies, _dependencies_of(record.ref, judged)
    return {
        name: (before[name], now[name])
        for name in sorted(now)
        if before.get(name, now[name]) not in ("", now[name])
    }


def _link_differences(record: SpecRecord, judged: JudgedGraph) -> Iterator[Reason]:
    """The dependencies that a spec gained or lost."""
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


def selected_modules(
    targets: Iterable[str], module_edges: Mapping[str, Iterable[str]]
) -> frozenset[str]:
    """The target modules with everything that they depend on."""
    selected: set[str] = set()
    pending = list(targets)
    while pending:
        name = pending.pop()
        if name not in selected:
            selected.add(name)
            pending.extend(module_edges.get(name, ()))
    return frozenset(selected)
