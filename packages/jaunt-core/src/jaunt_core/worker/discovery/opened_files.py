"""The files that are read while user modules are imported: source code, and all others."""

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
    """Hears of every file below a folder that is opened for reading while it watches.

    A `prompt=` may be read from a text file; then the spec changes with it.
    """

    def __init__(self, root: Path) -> None:
        self._root = str(root) + os.sep
        self._watching = False
        self._found: set[str] = set()
        sys.addaudithook(self._hear)

    @property
    def paths(self) -> list[str]:
        """Their paths below the folder, ordered, with forward slashes."""
        return sorted(path.replace(os.sep, "/") for path in self._found)

    @contextmanager
    def watching(self) -> Generator[None]:
        """While user code runs."""
        self._watching = True
        try:
            yield
        finally:
            self._watching = False

    def _hear(self, event: str, arguments: tuple[object, ...]) -> None:
        if event != "open" or not self._watching:
            return
        path, mode, flags = arguments[:3]
        if not isinstance(path, (str, bytes, os.PathLike)) or _writes(mode, flags):
            return
        full = os.path.realpath(os.fsdecode(path))
        if full.endswith(".pyc"):
            full = _source_of(full)
        if full.endswith(_BINARY):
            return
        if full.startswith(self._root) and _INSTALLED not in full and os.path.isfile(full):  # noqa: PTH113
            self._found.add(full.removeprefix(self._root))


def _source_of(cached: str) -> str:
    try:
        return source_from_cache(cached)
    except ValueError:  # no cache of Python's
        return cached


def _writes(mode: object, flags: object) -> bool:
    if isinstance(mode, str):
        return any(letter in mode for letter in "wax+")
    return isinstance(flags, int) and bool(flags & _WRITING)
