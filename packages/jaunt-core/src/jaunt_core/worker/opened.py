"""The files besides source code that user modules read while they are imported."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

_SOURCE = (".py", ".pyc", ".pyi", ".so", ".pyd")
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
        name = os.fsdecode(path)
        if name.endswith(_SOURCE):
            return
        full = os.path.realpath(name)
        if full.startswith(self._root) and _INSTALLED not in full and os.path.isfile(full):  # noqa: PTH113
            self._found.add(full.removeprefix(self._root))


def _writes(mode: object, flags: object) -> bool:
    if isinstance(mode, str):
        return any(letter in mode for letter in "wax+")
    return isinstance(flags, int) and bool(flags & _WRITING)
