"""`.jaunt/`: what a project keeps between runs; git ignores it by a file of its own."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from enum import IntEnum
from pathlib import Path

from jaunt_core.errors import LandingError

STATE_FOLDER = ".jaunt"
TEMPORARY_MARK = ".jaunt-tmp"
NO_LINKS = getattr(os, "O_NOFOLLOW", 0)
"""For opening: a link in the place of a file is an error."""

_LONGEST_NAME = 200
_NAME_HEAD = 40
_NAME_DIGITS = 24


def state_folder(root: Path, *parts: str) -> Path:
    """A folder below `.jaunt/`, made where it does not exist.

    Raises:
        LandingError: It cannot be made.
    """
    top = root / STATE_FOLDER
    folder = top.joinpath(*parts)
    _check_links(top, parts)
    if parts and folder.is_dir():
        return folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        ignore = top / ".gitignore"
        if not _has_content(ignore):
            # In place, since no lock is held yet: two processes that write the same bytes to the
            # same file cannot get in each other's way, and a torn one is empty.
            ignore.write_bytes(b"*\n")
    except OSError as error:
        raise LandingError(
            f"{folder} cannot be written: {error.strerror}",
            hint="make the project's folder writable; jaunt keeps its answers there",
        ) from None
    return folder


def _check_links(top: Path, parts: tuple[str, ...]) -> None:
    """Refuse links: what a repository brings along must not say where else we write."""
    place = str(top)
    for part in ("", *parts):
        place = f"{place}{os.sep}{part}" if part else place
        if os.path.islink(place):  # noqa: PTH114 - done often
            raise LandingError(
                f"{place} leads elsewhere by a link, to {os.path.realpath(place)}",
                hint="remove the link; what jaunt keeps stands in the project's folder",
            )


def _has_content(path: Path) -> bool:
    try:
        found = path.lstat()
        return found.st_size > 0 or not stat.S_ISREG(found.st_mode)  # no link is followed
    except FileNotFoundError:
        return False


class Sync(IntEnum):
    """How much of a replaced file is on the disk before work goes on.

    A killed process leaves the old file or the new one, whole, in any case; this is about power
    cuts.
    """

    NOTHING = 0
    """For what only saves time or is a copy: a power cut may leave the file empty."""
    CONTENT = 1
    """A power cut leaves the old file or the new one, whole."""
    ENTRY = 2
    """A power cut leaves the new file: for what nothing else could bring back."""


def replace_file(
    path: Path, content: bytes, *, sync: Sync = Sync.CONTENT, mode: int = 0o666
) -> None:
    """Put `content` where `path` is, so that it is there wholly or not at all.

    The folder was swept with `remove_leftovers` before, once a run.

    Raises:
        OSError: The file system refuses; what was at `path` is as it was.
    """
    folder = str(path.parent)
    temporary = f"{folder}{os.sep}.{bounded_name(path.name)}.{os.getpid()}{TEMPORARY_MARK}"
    try:
        # A link that stands in the way is not followed.
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        try:
            left = memoryview(content)
            while left:
                left = left[os.write(descriptor, left) :]
            if sync >= Sync.CONTENT:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(temporary, path)  # noqa: PTH105 - done often
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(temporary)  # noqa: PTH108
        raise
    if sync >= Sync.ENTRY:
        _sync_folder(folder)


def bounded_name(name: str) -> str:
    """The name of a file or a module as a part of other file names, of 255 bytes at most."""
    content = name.encode("utf-8", "surrogatepass")
    if len(content) <= _LONGEST_NAME:
        return name
    import hashlib  # noqa: PLC0415 - hardly ever

    return f"{name[:_NAME_HEAD]}-{hashlib.sha256(content).hexdigest()[:_NAME_DIGITS]}"


def _sync_folder(folder: str) -> None:
    """Make a rename last through a power cut, where the system can."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    except OSError:
        pass
    finally:
        os.close(descriptor)


def remove_leftovers(folder: Path) -> None:
    """Remove the temporary files that a killed run left in a folder, where that can be done."""
    with suppress(OSError):
        for name in os.listdir(folder):  # noqa: PTH208 - done often
            if name.startswith(".") and name.endswith(TEMPORARY_MARK):
                (folder / name).unlink(missing_ok=True)


def sweep_state(root: Path) -> None:
    """Remove the temporary files that a killed run left anywhere in `.jaunt/`."""
    for folder, _, _ in os.walk(root / STATE_FOLDER):
        remove_leftovers(Path(folder))


__all__ = [
    "NO_LINKS",
    "STATE_FOLDER",
    "TEMPORARY_MARK",
    "Sync",
    "bounded_name",
    "remove_leftovers",
    "replace_file",
    "state_folder",
    "sweep_state",
]
