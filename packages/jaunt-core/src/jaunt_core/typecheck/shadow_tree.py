"""A copy of the project, made of links, in which answers stand in for generated files."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path, PurePosixPath

_LEFT_OUT = frozenset({".git", ".hg", ".jaunt", "__pycache__"})


class ShadowTree:
    """A folder of links to what stands below another one, in which some files are replaced.

    Only the folders on the way to replaced files are real, and they are made once: the first time
    costs as much as listing them, however large the project is, later times next to nothing.

    Args:
        top: The folder that is shown.
        into: The folder that shows it; it exists and is empty.
        folders: Folders below `top` that are to be real ones.

    Raises:
        OSError: The system refuses, for instance to make links.
    """

    def __init__(self, top: Path, into: Path, *, folders: Collection[PurePosixPath]) -> None:
        self._top = top
        self._into = into
        self._folders: set[PurePosixPath] = set()
        self._shown: set[PurePosixPath] = set()
        self._make_folders(
            {PurePosixPath(), *folders, *(up for path in folders for up in path.parents)}
        )
        if (top / ".git").exists():  # where to stop on the way up
            (into / ".git").mkdir(exist_ok=True)

    def show_files(self, files: Mapping[PurePosixPath, str]) -> None:
        """Show these files, and the project's own in place of those that were shown before.

        Args:
            files: Files by their path below `top`, with what they are to hold.

        Raises:
            OSError: The system refuses.
        """
        self._make_folders({up for path in files for up in path.parents} - self._folders)
        for path in self._shown | files.keys():
            (self._into / path).unlink(missing_ok=True)
        for path in self._shown - files.keys():
            self._link(path)
        self._shown = set(files)
        for path, text in files.items():
            (self._into / path).write_text(text, encoding="utf-8", errors="replace", newline="")

    def _make_folders(self, folders: Collection[PurePosixPath]) -> None:
        """Make real folders, filled with links except where a folder inside is a real one, too."""
        self._folders.update(folders)
        for folder in sorted(folders):
            target = self._into / folder
            if target.is_symlink():  # until now the link of a folder around it showed it
                target.unlink()
            target.mkdir(exist_ok=True)
            if (self._top / folder).is_dir():
                with os.scandir(self._top / folder) as entries:
                    names = [entry.name for entry in entries if entry.name not in _LEFT_OUT]
                for name in names:
                    if folder / name not in self._folders:
                        self._link(folder / name)

    def _link(self, path: PurePosixPath) -> None:
        if os.path.lexists(self._top / path):
            (self._into / path).symlink_to(self._top / path)
