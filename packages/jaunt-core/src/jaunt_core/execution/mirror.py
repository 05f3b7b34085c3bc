"""A project as it would be if answers had landed, made of links: nothing is written to it."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path, PurePosixPath

_LEFT_OUT = frozenset({".git", ".hg", ".jaunt", "__pycache__"})


def make_mirror(
    top: Path,
    into: Path,
    placed: Mapping[PurePosixPath, str],
    *,
    folders: Collection[PurePosixPath],
) -> None:
    """Show what stands below `top` in the empty folder `into`, with some files placed anew.

    Only the folders on the way to what is placed are made, so this costs as much as listing
    them, however large the project is.

    Args:
        top: The folder that is mirrored.
        into: Where; it exists and is empty.
        placed: Files by their path below `top`, with what they are to hold.
        folders: Other folders below `top` that are to be real ones.

    Raises:
        OSError: The system refuses, for instance to make links.
    """
    made = {PurePosixPath()}
    for path in (*folders, *(path.parent for path in placed)):
        made.update((path, *path.parents))
    taken = made | placed.keys()
    for folder in sorted(made):
        (into / folder).mkdir(exist_ok=True)
        if (top / folder).is_dir():
            _show(top, into, folder, taken)
    for path, text in placed.items():
        (into / path).write_text(text, encoding="utf-8", errors="replace", newline="")
    if (top / ".git").exists():  # where to stop on the way up
        (into / ".git").mkdir(exist_ok=True)


def _show(top: Path, into: Path, folder: PurePosixPath, taken: Collection[PurePosixPath]) -> None:
    with os.scandir(top / folder) as entries:
        for entry in entries:
            path = folder / entry.name
            if entry.name not in _LEFT_OUT and path not in taken:
                (into / path).symlink_to(entry.path)


__all__ = ["make_mirror"]
