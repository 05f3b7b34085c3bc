"""Which files a project has, and what is still true of what the last run learnt of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jaunt_core.config.loading import Project
from jaunt_core.errors import JauntDiscoveryError
from jaunt_core.model.spec import Kind
from jaunt_core.project.fingerprints import (
    Comparison,
    digest_of_content,
    entry_of,
    hints_of,
    listing_digest,
    load_record,
    repository_around,
)
from jaunt_core.project.sources import Roots, SourceFile, Tree, source_at, tree_of, walk_tree
from jaunt_core.snapshot.affected import affected_names, names_of
from jaunt_core.snapshot.cache import KnownModule, Memory, load_memory

if TYPE_CHECKING:
    from jaunt_core.project.fingerprints import Entry, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """The files of a project, and what need not be read again.

    Attributes:
        started: When looking began, in nanoseconds since 1970.
        tree: The folders and Python files.
        entries: What goes on record of each file that a run depends on but generated ones.
        unchanged: The generated files that are as they were, with what is on record of them.
        sources: The modules that mention jaunt, ordered by path.
        silent: Those of them that are known to hold no specs.
        known: Those of them with specs that nothing has touched.
        links: What the specs of modules were linked to in the last run, touched or not.
        modules: For each file that was read and is as it was the modules that it is.
        references: Likewise the names that it refers to.
        loose: Files that anything may depend on.
    """

    started: int
    tree: Tree
    entries: Mapping[str, Entry]
    unchanged: Mapping[str, Entry]
    sources: tuple[SourceFile, ...]
    silent: frozenset[str]
    known: Mapping[str, KnownModule]
    links: Mapping[str, tuple[str, ...]]
    modules: Mapping[str, tuple[str, ...]]
    references: Mapping[str, tuple[str, ...]]
    loose: frozenset[str]


def survey_all(project: Project, roots: Roots, *, started: int) -> Survey:
    """A survey that trusts nothing that was learnt before."""
    tree = walk_tree(project, roots)
    entries, sources = _read(project.root, tree.files, roots)
    return Survey(
        started=started,
        tree=tree,
        entries=entries | _entries_of_settings(project, tree),
        unchanged={},
        sources=sources,
        silent=frozenset(),
        known={},
        links={},
        modules={},
        references={},
        loose=frozenset(),
    )


def survey_changes(project: Project, roots: Roots, *, python: Path, started: int) -> Survey | None:
    """A survey of what is different from the last run; None where everything may be."""
    difference = _find_difference(project, roots, python)
    if difference is None:
        return None
    record, memory, tree = difference.record, difference.memory, difference.tree
    touched = difference.touched & tree.files
    entries, mentioning = _read(project.root, touched, roots)
    kept = {
        path: entry
        for path, entry in record["files"].items()
        if path not in memory.files or path in tree.files
    }
    settings = _entries_of_settings(project, tree) if difference.is_walked else {}
    same = (
        SourceFile(path=path, module=name, kind=Kind(kind))
        for path, (name, kind) in memory.sources.items()
        if path in tree.files and path not in difference.touched
    )
    sources = (*mentioning, *same)
    return Survey(
        started=started,
        tree=tree,
        entries={
            **{path: it for path, it in kept.items() if path not in memory.generated},
            **entries,
            **settings,
        },
        unchanged={
            path: it
            for path, it in kept.items()
            if path in memory.generated and path not in difference.made
        },
        sources=tuple(sorted(sources, key=lambda item: item.path)),
        silent=memory.silent - difference.names,
        known={
            name: module for name, module in memory.known.items() if name not in difference.names
        },
        links={name: module.depends for name, module in memory.known.items()},
        modules=_without(memory.modules, difference.touched),
        references=_without(memory.references, difference.touched),
        loose=memory.loose,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Difference:
    """What is not as the last run found it.

    `touched` are the files that were changed, made or removed, `made` the generated ones among
    them, which stand in no other set; `names` are the modules that may say something else.
    `is_walked` tells that the tree was looked through, since names came or went.
    """

    record: Record
    memory: Memory
    tree: Tree
    touched: frozenset[str]
    names: frozenset[str]
    made: frozenset[str]
    is_walked: bool


def _find_difference(project: Project, roots: Roots, python: Path) -> _Difference | None:
    root = str(project.root)
    record = load_record(root, project.config_path.name)
    memory = load_memory(project.root, record["run"]) if record else None
    if record is None or memory is None or memory.python != str(python):
        return None
    changed = set(Comparison(root, record).changes())
    before = {name: it for name, it in record["folders"].items() if not Path(name).is_absolute()}
    is_walked = any(name.endswith("/") for name in changed)
    if is_walked:
        tree = walk_tree(project, roots)
    else:
        tree = tree_of(project, before, memory.files | memory.generated)
    moved = memory.files ^ tree.files
    touched = moved | (changed & (memory.files | memory.references.keys()))
    folders = {f"{name}/__init__.py" for name in before.keys() ^ tree.folders.keys()}
    others = {name for name in changed - touched - memory.generated if not name.endswith("/")}
    if others or touched & memory.loose or _is_top_level(moved | folders, roots):
        return None
    return _Difference(
        record=record,
        memory=memory,
        tree=tree,
        touched=touched,
        names=affected_names(touched | folders, memory.references, memory.modules, roots.prefix),
        made=frozenset(changed & memory.generated),
        is_walked=is_walked,
    )


def _without(
    listed: Mapping[str, tuple[str, ...]], touched: frozenset[str]
) -> dict[str, tuple[str, ...]]:
    return {path: names for path, names in listed.items() if path not in touched}


def _is_top_level(paths: Iterable[str], roots: Roots) -> bool:
    """Whether any of them is a top-level module, which may hide an installed one."""
    return any("." not in name for path in paths for name in names_of(path, roots.prefix))


def _read(
    root: Path, paths: Iterable[str], roots: Roots
) -> tuple[dict[str, Entry], tuple[SourceFile, ...]]:
    """What goes on record of files, and the modules among them that mention jaunt."""
    entries: dict[str, Entry] = {}
    mentioning = []
    for path in sorted(paths):
        full = root / path
        try:
            hints = full.stat()  # before it is read: what comes after is seen as a change
            content = full.read_bytes()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise JauntDiscoveryError(
                f"{path}: cannot be read: {error.strerror}",
                hint="make it readable, or move it out of the source and test roots",
            ) from None
        entries[path] = entry_of(hints, digest_of_content(content))
        if b"jaunt" in content:
            mentioning.append(path)
    found = (source_at(path, roots) for path in mentioning)
    return entries, tuple(item for item in found if item is not None)


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
            hints = full.stat()
            entries[path] = entry_of(hints, digest_of_content(full.read_bytes()))
    return entries


_IGNORING = (".gitignore", ".git/info/exclude")


def _folders_above(root: Path) -> tuple[Path, ...]:
    """From the project up to the top of its repository, none where there is no repository."""
    top = repository_around(str(root))
    around = (root, *root.parents)
    return around[: around.index(Path(top)) + 1] if top else ()


def listings_above(root: Path) -> dict[str, Entry]:
    """What goes on record of the folders above the project, up to the top of its repository."""
    found: dict[str, Entry] = {}
    for folder in _folders_above(root):
        if folder != root:
            hints = folder.stat()
            found[str(folder)] = [*hints_of(hints)[1:], listing_digest(str(folder))]
    return found


__all__ = ["Survey", "listings_above", "survey_all", "survey_changes"]
