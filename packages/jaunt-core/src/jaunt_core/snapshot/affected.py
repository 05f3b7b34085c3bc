"""Which modules may have changed their meaning because some files were changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import PurePosixPath


def names_of(path: str, prefix: Iterable[PurePosixPath]) -> frozenset[str]:
    """The names that a Python file can be imported by, one for each folder of the import path."""
    names = set()
    for folder in prefix:
        around = "" if str(folder) == "." else f"{folder}/"
        if path.startswith(around):
            name = path.removeprefix(around).removesuffix(".py").removesuffix("/__init__")
            names.add(name.replace("/", "."))
    return frozenset(names)


def affected_names(
    touched: Iterable[str],
    references: Mapping[str, Iterable[str]],
    modules: Mapping[str, Iterable[str]],
    prefix: Collection[PurePosixPath],
) -> frozenset[str]:
    """The names of touched files, and of all that refer to one of these, directly or not.

    Args:
        touched: Files that were changed, made or removed.
        references: For each file the names that it refers to.
        modules: For each file the modules that it was read as; a link may give it another name.
        prefix: The folders of the import path.
    """
    referring: dict[str, list[str]] = {}
    for path, names in references.items():
        for name in names:
            referring.setdefault(name, []).append(path)
    affected: set[str] = set()
    pending = list(touched)
    while pending:
        path = pending.pop()
        for name in names_of(path, prefix).union(modules.get(path, ())) - affected:
            affected.add(name)
            pending.extend(referring.get(name, ()))
    return frozenset(affected)
