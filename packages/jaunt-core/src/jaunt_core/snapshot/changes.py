"""Which files a project has, and what is still true of what the last run found out about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from jaunt_core.config.loading import Project
from jaunt_core.errors import JauntDiscoveryError
from jaunt_core.model.spec import Kind
from jaunt_core.project.fingerprints import (
    Comparison,
    digest_of_content,
    entry_of,
    folder_entry_of,
    load_record,
    repository_around,
)
from jaunt_core.project.roots import Roots
from jaunt_core.project.sources import CONFTEST, SourceFile, Tree, source_at, tree_of, walk_tree
from jaunt_core.project.workspace import Workspace
from jaunt_core.snapshot.affected import affected_names, names_of
from jaunt_core.snapshot.cache import Cache, KnownModule, load_cache

if TYPE_CHECKING:
    from jaunt_core.project.fingerprints import Entry, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """The files of a project, and what of them need not be read again.

    Attributes:
        started: When the run began to look at files, in nanoseconds since 1970.
        tree: The folders and Python files.
        entries: The record's entry of each file that a run depends on but generated ones.
        unchanged: The generated files that are as they were, with their entries.
        sources: The modules that mention jaunt, ordered by path.
        without_specs: Those of them that are known to hold no specs.
        known: Those of them with specs that no change can have affected.
        links: What the specs of modules were linked to in the last run, changed or not.
        modules: For each file that was read and is as it was the modules that it is.
        references: Likewise the names that it refers to.
        stray_reads: Files that anything may depend on.
    """

    started: int
    tree: Tree
    entries: Mapping[str, Entry]
    unchanged: Mapping[str, Entry] = field(default_factory=dict)
    sources: tuple[SourceFile, ...]
    without_specs: frozenset[str] = frozenset()
    known: Mapping[str, KnownModule] = field(default_factory=dict)
    links: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    modules: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    references: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stray_reads: frozenset[str] = frozenset()


def all_as_changed(workspace: Workspace, *, started: int) -> Changes:
    """The files of a project of which nothing is known from earlier runs."""
    tree = walk_tree(workspace)
    entries, sources = _read(workspace.root, tree.files, workspace.roots)
    return Changes(
        started=started,
        tree=tree,
        entries=entries | _entries_of_settings(workspace.project, tree),
        sources=sources,
    )


def find_changes(workspace: Workspace, *, started: int) -> Changes | None:
    """What changed since the last run; None where anything may be affected by it."""
    difference = _find_difference(workspace)
    if difference is None:
        return None
    record, cache, tree = difference.record, difference.cache, difference.tree
    entries, mentioning = _read(workspace.root, difference.touched & tree.files, workspace.roots)
    remaining = {
        path: entry
        for path, entry in record["files"].items()
        if path not in cache.files or path in tree.files
    }
    settings = _entries_of_settings(workspace.project, tree) if difference.is_walked else {}
    same = (
        SourceFile(path=path, module=name, kind=Kind(kind))
        for path, (name, kind) in cache.sources.items()
        if path in tree.files and path not in difference.touched
    )
    return Changes(
        started=started,
        tree=tree,
        entries={
            **{path: entry for path, entry in remaining.items() if path not in cache.generated},
            **entries,
            **settings,
        },
        unchanged={
            path: entry
            for path, entry in remaining.items()
            if path in cache.generated and path not in difference.touched_generated
        },
        sources=tuple(sorted((*mentioning, *same), key=lambda source: source.path)),
        without_specs=cache.without_specs - difference.names,
        known={
            name: module for name, module in cache.known.items() if name not in difference.names
        },
        links={name: module.depends for name, module in cache.known.items()},
        modules=_without(cache.modules, difference.touched),
        references=_without(cache.references, difference.touched),
        stray_reads=cache.stray_reads,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Difference:
    """What is different from what the last run read.

    `touched` are the files that were changed, made or removed, but for generated ones, which are
    `touched_generated`; `names` are the modules that may be affected. `is_walked` tells that names
    came or went, so that the whole tree was listed.
    """

    record: Record
    cache: Cache
    tree: Tree
    touched: frozenset[str]
    touched_generated: frozenset[str]
    names: frozenset[str]
    is_walked: bool


def _find_difference(workspace: Workspace) -> _Difference | None:
    project, roots = workspace.project, workspace.roots
    root = str(project.root)
    record = load_record(root, project.config_path.name)
    cache = load_cache(project.root, record["run"]) if record else None
    if record is None or cache is None or cache.python != str(workspace.interpreter.path):
        return None
    changed = set(Comparison(root, record).changes())
    # The folders above the project stand there too, under absolute paths.
    before = {
        name: entry for name, entry in record["folders"].items() if not Path(name).is_absolute()
    }
    is_walked = any(name.endswith("/") for name in changed)
    if is_walked:
        tree = walk_tree(workspace)
    else:
        tree = tree_of(project, before, cache.files | cache.generated)
    moved = cache.files ^ tree.files
    touched = moved | (changed & (cache.files | cache.references.keys()))
    # A folder that comes or goes is a namespace package that does.
    folders = {f"{name}/__init__.py" for name in before.keys() ^ tree.folders.keys()}
    # Settings, and whatever else was read while modules were imported.
    others = {name for name in changed - touched - cache.generated if not name.endswith("/")}
    if others or touched & cache.stray_reads or _is_for_all(moved | folders, roots):
        return None
    return _Difference(
        record=record,
        cache=cache,
        tree=tree,
        touched=touched,
        touched_generated=frozenset(changed & cache.generated),
        names=affected_names(touched | folders, cache.references, cache.modules, roots.prefix),
        is_walked=is_walked,
    )


def _without(
    names_by_path: Mapping[str, tuple[str, ...]], paths: frozenset[str]
) -> dict[str, tuple[str, ...]]:
    return {path: names for path, names in names_by_path.items() if path not in paths}


def _is_for_all(paths: Iterable[str], roots: Roots) -> bool:
    """Whether any of them is a top-level module, which may hide an installed one.

    Likewise a `conftest.py` outside of what can be imported: no module refers to it by name.
    """
    listed = {path: names_of(path, roots.prefix) for path in paths}
    return any(
        any("." not in name for name in names) or (not names and path.endswith(CONFTEST))
        for path, names in listed.items()
    )


def _read(
    root: Path, paths: Iterable[str], roots: Roots
) -> tuple[dict[str, Entry], tuple[SourceFile, ...]]:
    """The record's entries of files, and the modules among them that mention jaunt."""
    entries: dict[str, Entry] = {}
    mentioning = []
    for path in sorted(paths):
        full = root / path
        try:
            status = full.stat()  # before it is read: what comes after is seen as a change
            content = full.read_bytes()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise JauntDiscoveryError(
                f"{path}: cannot be read: {error.strerror}",
                hint="make it readable, or move it out of the source and test roots",
            ) from None
        entries[path] = entry_of(status, digest_of_content(content))
        if b"jaunt" in content:
            mentioning.append(path)
    sources = (source_at(path, roots) for path in mentioning)
    return entries, tuple(source for source in sources if source is not None)


def _entries_of_settings(project: Project, tree: Tree) -> dict[str, Entry]:
    """The files that say which others are read, in the project and above it."""
    root = project.root
    above = _folders_above(root)
    paths = [project.config_path.name, *(f"{folder}/.gitignore" for folder in tree.folders)]
    paths += [str(folder / name) for folder in above for name in _IGNORING]
    entries = {}
    for path in paths:
        full = root / path
        if full.is_file():
            status = full.stat()
            entries[path] = entry_of(status, digest_of_content(full.read_bytes()))
    return entries


_IGNORING = (".gitignore", ".git/info/exclude")


def _folders_above(root: Path) -> tuple[Path, ...]:
    """The folders from the project to the top of its repository; none without a repository."""
    top = repository_around(str(root))
    around = (root, *root.parents)
    return around[: around.index(Path(top)) + 1] if top else ()


def listings_above(root: Path) -> dict[str, Entry]:
    """The record's entries of the folders above the project, to the top of its repository."""
    above = (folder for folder in _folders_above(root) if folder != root)
    return {str(folder): folder_entry_of(str(folder)) for folder in above}
