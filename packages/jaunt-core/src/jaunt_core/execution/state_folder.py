"""`.jaunt/`: what a project keeps between runs; git ignores it by a file of its own."""

from __future__ import annotations

import os
from pathlib import Path

from jaunt_core.errors import LandingError

STATE_FOLDER = ".jaunt"
TEMPORARY_MARK = ".jaunt-tmp"


def state_folder(root: Path, *parts: str) -> Path:
    """A folder below `.jaunt/`, made where it does not exist.

    Raises:
        LandingError: It cannot be made.
    """
    top = root / STATE_FOLDER
    folder = top.joinpath(*parts)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        ignore = top / ".gitignore"
        if not ignore.exists() or not ignore.stat().st_size:
            # In place, since no lock is held yet: two processes that write the same bytes to the
            # same file cannot get in each other's way, and a torn one is empty.
            ignore.write_bytes(b"*\n")
    except OSError as error:
        raise LandingError(
            f"{folder} cannot be written: {error.strerror}",
            hint="make the project's folder writable; jaunt keeps its answers there",
        ) from None
    return folder


def replace_file(path: Path, content: bytes) -> None:
    """Put `content` where `path` is, so that it is there wholly or not at all.

    Raises:
        OSError: The file system refuses; what was at `path` is as it was.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}{TEMPORARY_MARK}")
    temporary.unlink(missing_ok=True)  # of a killed process with our number
    try:
        # A link that stands in the way is not followed.
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
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
    """Remove the temporary files that a killed run left in a folder."""
    for path in folder.glob(f".*{TEMPORARY_MARK}"):
        path.unlink(missing_ok=True)


__all__ = ["STATE_FOLDER", "TEMPORARY_MARK", "remove_leftovers", "replace_file", "state_folder"]
