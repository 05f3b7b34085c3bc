"""What a user has confirmed, in a folder of the user's own: one small file for each project."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path

from jaunt_core.config.reading import read_regular
from jaunt_core.errors import JauntConfigError
from jaunt_core.model.trust import Trusted
from jaunt_core.storage.folder import TEMPORARY_MARK, Sync, remove_file, replace_file

VARIABLE = "JAUNT_TRUST"
"""Addresses that the user confirms for one run, separated by commas."""

_SCHEMA = 1
_LARGEST = 256 * 1024
_LEFTOVER = re.compile(rf"\.[0-9a-f]{{32}}\.json\.([1-9][0-9]{{0,8}}){re.escape(TEMPORARY_MARK)}")


def user_state_folder(environ: Mapping[str, str], platform: str = sys.platform) -> Path | None:
    """Where a user's programs keep what they know between runs; None where nobody has a home.

    `$XDG_STATE_HOME`, else what the platform has for it.
    """
    state_home = Path(environ.get("XDG_STATE_HOME", ""))
    if state_home.is_absolute():
        return state_home / "jaunt"
    if platform == "win32":
        local = Path(environ.get("LOCALAPPDATA", ""))
        return local / "jaunt" if local.is_absolute() else None
    home = Path(environ.get("HOME", ""))
    if not home.is_absolute():
        try:
            home = Path.home()
        except RuntimeError:
            return None
    own = ("Library", "Application Support") if platform == "darwin" else (".local", "state")
    return home.joinpath(*own, "jaunt")


class TrustStore:
    """Reads and writes what was confirmed; whatever is wrong with a file, it confirms nothing."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        folder = user_state_folder(environ)
        self._folder = None if folder is None else folder / "trust"

    def of(self, root: Path) -> tuple[Trusted, ...]:
        """What is confirmed for the project in a folder."""
        path = self._path(root)
        return () if path is None else _load(path, project=str(root))

    def all(self) -> tuple[Trusted, ...]:
        """What is confirmed for all projects."""
        trusted: set[Trusted] = set()
        try:
            paths = list(self._folder.glob("*.json")) if self._folder else []
        except OSError:
            paths = []
        for path in paths:
            trusted.update(_load(path))
        return tuple(sorted(trusted, key=_order))

    def save(self, root: Path, trusted: Collection[Trusted]) -> None:
        """Keep what is confirmed for a project, and nothing else of it.

        Raises:
            JauntConfigError: There is no place for it.
        """
        path = self._path(root)
        if path is None:
            raise JauntConfigError(
                "there is no folder of your own to keep this in, outside of the project",
                hint=f"set XDG_STATE_HOME to one, or {VARIABLE} to the address",
            )
        items = [
            {"address": entry.address, "variable": entry.variable}
            for entry in sorted(trusted, key=_order)
        ]
        document = {"schema": _SCHEMA, "project": str(root), "trusted": items}
        content = json.dumps(document, indent=1).encode("ascii") + b"\n"
        try:
            _sweep(path.parent)
            if items:
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                replace_file(path, content, sync=Sync.ENTRY, mode=0o600)
            else:
                remove_file(path)
        except OSError as error:
            raise JauntConfigError(
                f"{path} cannot be written: {error.strerror}",
                hint=f"make the folder writable, or set {VARIABLE} to the address",
            ) from None

    def _path(self, root: Path) -> Path | None:
        """The file of a project, None where it would be one of the project's own."""
        if self._folder is None or self._folder.resolve().is_relative_to(root):
            return None
        name = hashlib.sha256(os.fsencode(root)).hexdigest()[:32]
        return self._folder / f"{name}.json"


def _sweep(folder: Path) -> None:
    """Remove what killed runs were writing; other projects' runs may be writing right now."""
    with suppress(OSError):
        for path in folder.iterdir():
            match = _LEFTOVER.fullmatch(path.name)
            if match and not _may_live(int(match[1])):
                remove_file(path)


def _may_live(process: int) -> bool:
    """Whether another process of this number may be at work."""
    if process == os.getpid():
        return False
    if sys.platform == "win32":  # pragma: no cover - there, asking a process would end it
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _load(path: Path, project: str | None = None) -> tuple[Trusted, ...]:
    try:
        return _parse(json.loads(read_regular(path, largest=_LARGEST)), project)
    except (OSError, ValueError, RecursionError):
        return ()


def _parse(document: object, project: str | None) -> tuple[Trusted, ...]:
    """What a file says.

    Raises:
        ValueError: It says anything else than `save` does.
    """
    match document:
        case {"schema": 1, "project": str(root), "trusted": list(entries), **rest} if not rest:
            if project is not None and root != project:
                raise ValueError("the file of another project")
        case _:
            raise ValueError("another form")
    trusted = []
    for entry in entries:
        match entry:
            case {"address": str(address), "variable": str(variable), **rest} if not rest:
                trusted.append(Trusted(project=root, address=address, variable=variable))
            case _:
                raise ValueError("another form")
    return tuple(sorted(trusted, key=_order))


def _order(trusted: Trusted) -> tuple[str, str, str]:
    return trusted.project, trusted.address, trusted.variable
