"""A project as it would be if answers had landed, made of links: nothing is written to it."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path, PurePosixPath

_LEFT_OUT = frozenset({".git", ".hg", ".jaunt", "__pycache__"})


class Mirror:
    """Shows what stands below a folder, with some files placed anew, now these and then others.

    Only the folders on the way to what is placed are made, once for all, so the first time costs
    as much as listing them, however large the project is, and the next time next to nothing.

    Args:
        top: The folder that is mirrored.
        into: Where; it exists and is empty.
        folders: Folders below `top` that are to be real ones.

    Raises:
        OSError: The system refuses, for instance to make links.
    """

    def __init__(self, top: Path, into: Path, *, folders: Collection[PurePosixPath]) -> None:
        self._top = top
        self._into = into
        self._made: set[PurePosixPath] = set()
        self._placed: set[PurePosixPath] = set()
        self._make({PurePosixPath(), *folders, *(up for path in folders for up in path.parents)})
        if (top / ".git").exists():  # where to stop on the way up
            (into / ".git").mkdir(exist_ok=True)

    def place(self, placed: Mapping[PurePosixPath, str]) -> None:
        """Show these files, and in the place of those before what stands in the project now.

        Args:
            placed: Files by their path below `top`, with what they are to hold.

        Raises:
            OSError: The system refuses.
        """
        self._make({up for path in placed for up in path.parents} - self._made)
        for path in self._placed | placed.keys():
            (self._into / path).unlink(missing_ok=True)
        for path in self._placed - placed.keys():
            self._link(path)
        self._placed = set(placed)
        for path, text in placed.items():
            (self._into / path).write_text(text, encoding="utf-8", errors="replace", newline="")

    def _make(self, folders: Collection[PurePosixPath]) -> None:
        """Make folders, each with links to what it holds but for those that are made as well."""
        self._made.update(folders)
        for folder in sorted(folders):
            place = self._into / folder
            if place.is_symlink():  # until now it was shown by the folder around it
                place.unlink()
            place.mkdir(exist_ok=True)
            if (self._top / folder).is_dir():
                with os.scandir(self._top / folder) as entries:
                    names = [entry.name for entry in entries if entry.name not in _LEFT_OUT]
                for name in names:
                    if folder / name not in self._made:
                        self._link(folder / name)

    def _link(self, path: PurePosixPath) -> None:
        if os.path.lexists(self._top / path):
            (self._into / path).symlink_to(self._top / path)


__all__ = ["Mirror"]
