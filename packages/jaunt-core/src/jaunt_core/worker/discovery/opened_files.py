"""The files that user modules read while they are imported: source code and others."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from importlib.util import source_from_cache
from pathlib import Path

_BINARY = (".so", ".pyd")
_WRITING = os.O_WRONLY | os.O_RDWR
_INSTALLED = f"{os.sep}site-packages{os.sep}"


class OpenedFiles:
    """Records every file below a folder that is opened for reading while it watches.

    A `prompt=` may be read from a text file; then the spec changes with that file.
    """

    def __init__(self, root: Path) -> None:
        self._root = str(root) + os.sep
        self._watching = False
        self._paths: set[str] = set()
        sys.addaudithook(self._record)  # for good: hooks cannot be removed

    @property
    def paths(self) -> list[str]:
        """The paths of these files below the folder, ordered, with forward slashes."""
        return sorted(path.replace(os.sep, "/") for path in self._paths)

    @contextmanager
    def watching(self) -> Generator[None]:
        """Record files while the block runs."""
        self._watching = True
        try:
            yield
        finally:
            self._watching = False

    def _record(self, event: str, arguments: tuple[object, ...]) -> None:
        if event != "open" or not self._watching:
            return
        path, mode, flags = arguments[:3]
        if not isinstance(path, (str, bytes, os.PathLike)) or _writes(mode, flags):
            return
        full = os.path.realpath(os.fsdecode(path))
        if full.endswith(".pyc"):  # read in place of the source, which is what matters
            full = _source_of(full)
        if full.endswith(_BINARY):
            return
        if full.startswith(self._root) and _INSTALLED not in full and os.path.isfile(full):  # noqa: PTH113
            self._paths.add(full.removeprefix(self._root))


def _source_of(cached: str) -> str:
    try:
        return source_from_cache(cached)
    except ValueError:  # not where Python caches bytecode
        return cached


def _writes(mode: object, flags: object) -> bool:
    if isinstance(mode, str):
        return any(letter in mode for letter in "wax+")
    return isinstance(flags, int) and bool(flags & _WRITING)
