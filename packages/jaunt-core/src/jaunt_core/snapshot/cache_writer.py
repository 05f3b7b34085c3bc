"""Write down what a run read and found fresh, so that the next one need not read it again.

Two files are written. The record tells what the files of the project were, and for each kind of
specs that is wholly fresh what a run without work says: it is enough where nothing has changed.
The cache has the details that are needed where something has.
"""

from __future__ import annotations

import os
import time
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from jaunt_core.contracts.header import parse_header
from jaunt_core.errors import LandingError
from jaunt_core.model.plan import FileState, Header, Inference
from jaunt_core.model.spec import Kind, SpecModule
from jaunt_core.project.fingerprints import (
    DIGITS,
    RECORD_NAME,
    SCHEMA,
    digest_of_content,
    entry_of,
    environment_of,
    is_recent,
    repository_around,
    save_cache_file,
)
from jaunt_core.project.sources import Tree, walk_tree
from jaunt_core.project.workspace import Workspace
from jaunt_core.snapshot.affected import affected_names
from jaunt_core.snapshot.cache import Cache, KnownModule, save_cache
from jaunt_core.snapshot.changes import listings_above
from jaunt_core.snapshot.snapshot import Snapshot, linked_modules, warnings_of
from jaunt_core.snapshot.worker_calls import Reference
from jaunt_core.storage.folder import remove_leftovers, state_folder
from jaunt_core.version import __version__

if TYPE_CHECKING:
    from jaunt_core.project.fingerprints import Entry, Record

_RESULT_FIELDS = (
    "name",
    "source",
    "path",
    "generated_module",
    "digest",
    "request",
    "tool_version",
    "recipe",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedRun:
    """A run at its end.

    Attributes:
        workspace: The project.
        snapshot: What the run read.
        inference: The setting under which files count as fresh.
        landed: The content of the generated files that the run wrote.
        orphans: Whether there are orphaned files, None where nobody looked.
    """

    workspace: Workspace
    snapshot: Snapshot
    inference: Inference
    landed: Mapping[PurePosixPath, bytes]
    orphans: bool | None


def write_cache(run: FinishedRun) -> None:
    """Write down what is known of a project, whatever the outcome of the run.

    Nothing is written where `.jaunt/` is not to be written to: it only saves time.
    """
    root = run.workspace.root
    try:
        remove_leftovers(state_folder(root))
        record, cache = _Contents(run).record_and_cache()
    except (OSError, LandingError):
        return
    # The record goes last: it names the run that its cache is of, so that the next run sees
    # where this one was killed in between.
    save_cache(root, cache, record["run"])
    save_cache_file(str(root), RECORD_NAME, record)


class _Contents:
    """Puts together what the two files of a run are to hold."""

    def __init__(self, run: FinishedRun) -> None:
        self._run = run
        self._workspace = run.workspace
        self._root = run.workspace.root
        self._snapshot = run.snapshot
        self._changes = run.snapshot.changes
        self._digests = run.snapshot.judge(run.inference).digests
        self._generated = dict(self._changes.unchanged)

    def record_and_cache(self) -> tuple[Record, Cache]:
        """The content of the record, and of the cache that belongs to it."""
        read = {module.name: self._known_module(module) for module in self._snapshot.modules}
        unread = _without(self._changes.known, read)
        always_read = self._always_read()
        known = {**unread, **_without(read, always_read)}
        tree = self._tree()
        cache = Cache(
            python=str(self._workspace.interpreter.path),
            files=self._changes.tree.files,
            generated=tree.generated,
            sources={
                source.path: (source.module, source.kind.value) for source in self._changes.sources
            },
            without_specs=self._without_specs(known.keys() | always_read),
            modules={**self._changes.modules, **self._modules_by_path()},
            references={**self._changes.references, **self._names_by_path()},
            stray_reads=self._changes.stray_reads.union(
                *(discovered.stray_reads for discovered in self._snapshot.discovered)
            ),
            known=dict(sorted(known.items())),
        )
        record = {
            "schema": SCHEMA,
            "version": __version__,
            "config": self._workspace.project.config_path.name,
            "environment": environment_of(str(self._root), self._workspace.environ),
            "repository": repository_around(str(self._root)),
            "run": f"{time.time_ns()} {os.getpid()}",
            # Not the time of now: what was changed while the run went on has to be seen.
            "started": self._changes.started,
            "folders": {**tree.folders, **listings_above(self._root)},
            "files": self._entries(cache.stray_reads),
            # Modules that are always read are among these: where no file has changed at all,
            # reading them once more would say the same.
            "kinds": {
                kind.value: result
                for kind in Kind
                if (result := self._result(kind, {**unread, **read}, cache.without_specs))
            },
            "orphans": self._run.orphans,
        }
        return record, cache

    def _known_module(self, module: SpecModule) -> KnownModule:
        file = self._snapshot.files[module.name]
        content, header = self._run.landed.get(file.path), None
        if content is not None:
            header = parse_header(content.decode())
        elif file.state is FileState.WHOLE and file.text is not None:
            content, header = file.text.encode(), file.header
        fresh = header is not None and self._is_fresh(module, header)
        return KnownModule(
            name=module.name,
            kind=module.kind.value,
            source=str(module.path),
            path=str(file.path),
            generated_module=self._snapshot.generated_modules[module.name],
            specs=tuple(spec.name for spec in module.specs),
            depends=tuple(sorted(linked_modules(module))),
            fresh=fresh and content is not None and self._is_in_place(file.path, content),
            digest=header.module_digest if header else "",
            request=(header.request if header else None) or "",
            tool_version=header.tool_version if header else "",
            recipe=header.recipe if header else "",
        )

    def _is_fresh(self, module: SpecModule, header: Header) -> bool:
        digest = self._digests.of_module(module)
        return header.module_digest == digest and header.inference == self._run.inference

    def _is_in_place(self, path: PurePosixPath, content: bytes) -> bool:
        """Whether a generated file is still as the run left it; if so, its entry is noted.

        A file without an entry is no reason to trust its module: the next run reads that again.
        """
        full = self._root / path
        try:
            status = full.stat()
            if full.read_bytes() != content:
                return False
        except OSError:
            return False
        self._generated[str(path)] = entry_of(status, digest_of_content(content))
        return True

    def _without_specs(self, with_specs: frozenset[str] | set[str]) -> frozenset[str]:
        """The modules that were read, now or before, and hold no specs."""
        return frozenset(
            source.module
            for source in self._changes.sources
            if source.module not in with_specs
            # The other kinds of modules were not read by this run, which says nothing of them.
            and (
                source.kind in self._snapshot.kinds or source.module in self._changes.without_specs
            )
        )

    def _modules_by_path(self) -> dict[str, tuple[str, ...]]:
        modules: dict[str, tuple[str, ...]] = {}
        for reference in self._references():
            modules[reference.path] = (*modules.get(reference.path, ()), reference.module)
        return modules

    def _names_by_path(self) -> dict[str, tuple[str, ...]]:
        names: dict[str, tuple[str, ...]] = {}
        for reference in self._references():
            names[reference.path] = (*names.get(reference.path, ()), *reference.names)
        return names

    def _references(self) -> Iterator[Reference]:
        for discovered in self._snapshot.discovered:
            yield from discovered.references

    def _always_read(self) -> frozenset[str]:
        """The modules that have to be read every time.

        Nobody can tell what a module depends on that imports by a computed name, nor what will
        make a warning go away: that may be a spec which does not exist yet.
        """
        by_name = [reference.path for reference in self._references() if reference.by_name]
        affected = affected_names(
            by_name, self._names_by_path(), self._modules_by_path(), self._workspace.roots.prefix
        )
        warned = (module.name for module in self._snapshot.modules if warnings_of(module))
        return affected.union(warned)

    def _entries(self, stray_reads: frozenset[str]) -> dict[str, Entry]:
        entries = {**self._changes.entries, **self._generated}
        for reference in self._references():
            entry = entries.get(reference.path) or self._entry(reference.path)
            # What the worker read counts, should the file have changed since we looked at it.
            entries[reference.path] = [*entry[:-1], reference.digest[:DIGITS]]
        entries.update((path, self._entry(path)) for path in stray_reads - entries.keys())
        return entries

    def _entry(self, path: str) -> Entry:
        """The entry of a file that was read earlier in the run."""
        full = self._root / path
        status = full.stat()
        if is_recent(status.st_mtime_ns, self._changes.started):
            # It may have changed since it was read. No content has this digest, so that the next
            # run takes it for changed.
            return entry_of(status, "")
        return entry_of(status, digest_of_content(full.read_bytes()))

    def _tree(self) -> Tree:
        """The tree after the run, where nothing but our own files came or went.

        Without that, each build that makes a new file would leave listings that do not fit, and
        the next run would look through the whole project.
        """
        before, landed = self._changes.tree, self._run.landed
        if all(str(path) in before.generated for path in landed):
            return before
        ours = {str(name) for path in landed for name in (path, path.parent / "__init__.py")}
        now = walk_tree(self._workspace)
        if now.files != before.files or now.generated - ours != before.generated - ours:
            # Somebody else's file came or went: the old listings let the next run see that.
            return before
        return now

    def _result(
        self, kind: Kind, known: Mapping[str, KnownModule], without_specs: frozenset[str]
    ) -> Record | None:
        """What `jaunt_core.engine.noop` needs of a kind where all is fresh; None elsewhere."""
        names = {source.module for source in self._changes.sources if source.kind is kind}
        names -= without_specs
        modules = [known[name] for name in sorted(names & known.keys())]
        if len(modules) < len(names) or not all(module.fresh for module in modules):
            return None
        return {
            "modules": [
                {name: getattr(module, name) for name in _RESULT_FIELDS} for module in modules
            ],
            "warnings": self._snapshot.warnings(kind),
        }


def _without(modules: Mapping[str, KnownModule], names: Container[str]) -> dict[str, KnownModule]:
    return {name: module for name, module in modules.items() if name not in names}
