"""Write down what a run learnt and found fresh, so that the next one need not read it again."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from jaunt_core.config.loading import Project
from jaunt_core.contracts.header import parse_header
from jaunt_core.errors import LandingError
from jaunt_core.model.plan import FileState, Header, Inference
from jaunt_core.model.spec import Digest, Kind, SpecModule
from jaunt_core.project.fingerprints import (
    DIGITS,
    RECORD_NAME,
    SCHEMA,
    digest_of_content,
    entry_of,
    environment_of,
    is_recent,
    repository_around,
    save_cache,
)
from jaunt_core.project.sources import Roots, Tree, walk_tree
from jaunt_core.snapshot.affected import affected_names
from jaunt_core.snapshot.cache import KnownModule, Memory, save_memory
from jaunt_core.snapshot.changes import listings_above
from jaunt_core.snapshot.snapshot import Snapshot, linked_modules, warnings_of
from jaunt_core.snapshot.worker_calls import Reference
from jaunt_core.storage.folder import remove_leftovers, state_folder
from jaunt_core.version import __version__

if TYPE_CHECKING:
    from jaunt_core.project.fingerprints import Entry, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A run at its end.

    Attributes:
        project: The project.
        roots: Its roots.
        snapshot: What the run read.
        python: The interpreter that read it.
        environ: The environment that it was found in.
        inference: The setting under which files count as fresh.
        landed: What the generated files hold that the run wrote.
        orphans: Whether there are orphaned files, None where nobody looked.
    """

    project: Project
    roots: Roots
    snapshot: Snapshot
    python: Path
    environ: Mapping[str, str]
    inference: Inference
    landed: Mapping[PurePosixPath, bytes]
    orphans: bool | None


def remember_run(run: Finished) -> None:
    """Keep what is known of a project, whatever became of the run.

    Nothing is written where `.jaunt/` is not to be written to: it only saves time.
    """
    try:
        remove_leftovers(state_folder(run.project.root))
        record, memory = _Notes(run).taken()
    except (OSError, LandingError):
        return
    save_memory(run.project.root, memory, record["run"])
    save_cache(str(run.project.root), RECORD_NAME, record)


class _Notes:
    """Puts together what goes on record."""

    def __init__(self, run: Finished) -> None:
        self._run = run
        self._root = run.project.root
        self._snapshot = run.snapshot
        self._survey = run.snapshot.survey
        self._digests = run.snapshot.judge(run.inference).digests
        self._made = dict(self._survey.unchanged)

    def taken(self) -> tuple[Record, Memory]:
        """The record, and the memory that belongs to it."""
        read = {module.name: self._known_module(module) for module in self._snapshot.modules}
        left = {name: it for name, it in self._survey.known.items() if name not in read}
        unsure = self._unsure()
        known = {**left, **{name: it for name, it in read.items() if name not in unsure}}
        tree = self._tree()
        memory = Memory(
            python=str(self._run.python),
            files=self._survey.tree.files,
            generated=tree.generated,
            sources={it.path: (it.module, it.kind.value) for it in self._survey.sources},
            silent=self._silent(known.keys() | unsure),
            modules={**self._survey.modules, **self._read_as()},
            references={**self._survey.references, **self._references()},
            loose=self._survey.loose.union(*(it.stray_reads for it in self._snapshot.discovered)),
            known=dict(sorted(known.items())),
        )
        record = {
            "schema": SCHEMA,
            "version": __version__,
            "config": self._run.project.config_path.name,
            "environment": environment_of(str(self._root), self._run.environ),
            "repository": repository_around(str(self._root)),
            "run": f"{time.time_ns()} {os.getpid()}",
            "started": self._survey.started,
            "folders": {**tree.folders, **listings_above(self._root)},
            "files": self._entries(memory.loose),
            "kinds": {
                kind.value: result
                for kind in Kind
                if (result := self._result(kind, {**left, **read}, memory.silent)) is not None
            },
            "orphans": self._run.orphans,
        }
        return record, memory

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
            fresh=fresh and content is not None and self._stands(file.path, content),
            digest=header.module_digest if header else "",
            request=(header.request if header else None) or "",
            tool_version=header.tool_version if header else "",
            recipe=header.recipe if header else "",
        )

    def _is_fresh(self, module: SpecModule, header: Header) -> bool:
        wanted: Digest = self._digests.of_module(module)
        return header.module_digest == wanted and header.inference == self._run.inference

    def _stands(self, path: PurePosixPath, content: bytes) -> bool:
        """Whether a generated file is still as the run left it; if so, it goes on record."""
        full = self._root / path
        try:
            hints = full.stat()
            if full.read_bytes() != content:
                return False
        except OSError:
            return False
        self._made[str(path)] = entry_of(hints, digest_of_content(content))
        return True

    def _silent(self, known: frozenset[str] | set[str]) -> frozenset[str]:
        """The modules that were looked at, now or before, and hold no specs."""
        return frozenset(
            item.module
            for item in self._survey.sources
            if item.module not in known
            and (item.kind in self._snapshot.kinds or item.module in self._survey.silent)
        )

    def _read_as(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for item in self._all_references():
            found[item.path] = (*found.get(item.path, ()), item.module)
        return found

    def _references(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for item in self._all_references():
            found[item.path] = (*found.get(item.path, ()), *item.names)
        return found

    def _all_references(self) -> Iterator[Reference]:
        return (item for found in self._snapshot.discovered for item in found.references)

    def _unsure(self) -> frozenset[str]:
        """The modules that have to be read every time: nobody can tell what they depend on."""
        by_name = [item.path for item in self._all_references() if item.by_name]
        unsure = affected_names(
            by_name, self._references(), self._read_as(), self._run.roots.prefix
        )
        return unsure.union(it.name for it in self._snapshot.modules if warnings_of(it))

    def _entries(self, loose: frozenset[str]) -> dict[str, Entry]:
        entries = {**self._survey.entries, **self._made}
        for item in self._all_references():
            hints = entries.get(item.path) or self._entry(item.path)
            # What the worker read counts, should the file have changed since we looked.
            entries[item.path] = [*hints[:-1], item.digest[:DIGITS]]
        entries.update((path, self._entry(path)) for path in loose - entries.keys())
        return entries

    def _entry(self, path: str) -> Entry:
        """The entry of a file that was read a while ago."""
        full = self._root / path
        hints = full.stat()
        if is_recent(hints.st_mtime_ns, self._survey.started):
            return entry_of(hints, "")  # no content has this digest: it is looked at again
        return entry_of(hints, digest_of_content(full.read_bytes()))

    def _tree(self) -> Tree:
        """The tree after the run, where nothing but our own files came or went."""
        before, landed = self._survey.tree, self._run.landed
        if all(str(path) in before.generated for path in landed):
            return before
        ours = {str(name) for path in landed for name in (path, path.parent / "__init__.py")}
        now = walk_tree(self._run.project, self._run.roots)
        if now.files != before.files or now.generated - ours != before.generated - ours:
            return before  # whose listings will differ from what is found then
        return now

    def _result(
        self, kind: Kind, known: Mapping[str, KnownModule], silent: frozenset[str]
    ) -> Record | None:
        """What `jaunt_core.engine.noop` tells of a kind where all is fresh; None elsewhere."""
        sources = {item.module for item in self._survey.sources if item.kind is kind} - silent
        modules = [known[name] for name in sorted(sources & known.keys())]
        if len(modules) < len(sources) or not all(module.fresh for module in modules):
            return None
        return {
            "modules": [{name: getattr(module, name) for name in _TOLD} for module in modules],
            "warnings": self._snapshot.warnings(kind),
        }


_TOLD = (
    "name",
    "source",
    "path",
    "generated_module",
    "digest",
    "request",
    "tool_version",
    "recipe",
)

__all__ = ["Finished", "remember_run"]
