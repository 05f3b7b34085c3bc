"""`.jaunt/`: what a project keeps between runs, and the one way to write there.

Whatever writes or removes files below `.jaunt/` does so with these functions. The command that has
nothing to do comes through here as well, so nothing is imported before it is needed.
"""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager, suppress
from enum import IntEnum

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path, PurePath

    from jaunt_core.errors import LandingError

STATE_FOLDER = ".jaunt"
TEMPORARY_MARK = ".jaunt-tmp"

_NO_LINKS = getattr(os, "O_NOFOLLOW", 0)
_LONGEST_NAME = 200
_NAME_HEAD = 40
_NAME_DIGITS = 24


def state_folder(root: Path, *parts: str) -> Path:
    """A folder below `.jaunt/`, made where it does not exist; git ignores all that is in it.

    Raises:
        LandingError: It cannot be made.
    """
    top = root / STATE_FOLDER
    folder = top.joinpath(*parts)
    _check_links(top, parts)
    if parts and folder.is_dir():
        return folder
    hint = "make the project's folder writable; jaunt keeps its answers there"
    with as_landing_error(folder, hint=hint):
        folder.mkdir(parents=True, exist_ok=True)
        ignore = top / ".gitignore"
        if not _has_content(ignore):
            # In place, since no lock is held yet: two processes that write the same bytes to the
            # same file cannot get in each other's way, and a torn one is empty.
            ignore.write_bytes(b"*\n")
    return folder


def _check_links(top: Path, parts: tuple[str, ...]) -> None:
    """Refuse links: what a repository brings along must not say where else we write."""
    place = str(top)
    for part in ("", *parts):
        place = f"{place}{os.sep}{part}" if part else place
        if os.path.islink(place):  # noqa: PTH114 - done often
            raise _error(
                f"{place} leads elsewhere by a link, to {os.path.realpath(place)}",
                hint="remove the link; what jaunt keeps stands in the project's folder",
            )


def _has_content(path: Path) -> bool:
    try:
        status = path.lstat()
        return status.st_size > 0 or not stat.S_ISREG(status.st_mode)  # no link is followed
    except FileNotFoundError:
        return False


@contextmanager
def as_landing_error(path: PurePath, *, hint: str | None = None) -> Generator[None]:
    """Say of a file that it cannot be written, where the system refuses that.

    Args:
        path: The file, as the user is to read it.
        hint: What the user can do about it.

    Raises:
        LandingError: The block raised an `OSError`.
    """
    try:
        yield
    except OSError as error:
        raise _error(f"{path} cannot be written: {error.strerror}", hint=hint) from None


def _error(message: str, *, hint: str | None) -> LandingError:
    from jaunt_core.errors import LandingError  # noqa: PLC0415 - hardly ever

    return LandingError(message, hint=hint)


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
    path: str | Path, content: bytes, *, sync: Sync = Sync.CONTENT, mode: int = 0o666
) -> None:
    """Put `content` where `path` is, so that it is there wholly or not at all.

    The folder was swept with `remove_leftovers` before, once a run.

    Raises:
        OSError: The file system refuses; what was at `path` is as it was.
    """
    folder, name = os.path.split(path)
    temporary = f"{folder}{os.sep}.{bounded_name(name)}.{os.getpid()}{TEMPORARY_MARK}"
    try:
        # A link that stands in the way is not followed.
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        try:
            write_all(descriptor, content)
            if sync >= Sync.CONTENT:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(temporary, path)  # noqa: PTH105 - done often
    except BaseException:
        remove_file(temporary)
        raise
    if sync >= Sync.ENTRY:
        _sync_folder(folder)


def open_file(path: Path, *, is_new: bool = False, mode: int = 0o666) -> int:
    """Open a file to be written in place, made where it does not exist; a link is an error.

    Args:
        path: The file.
        is_new: Whether it must not exist yet.
        mode: Who may read and write it, where it is made.

    Returns:
        The descriptor, which the caller closes.

    Raises:
        OSError: The file system refuses.
    """
    flags = os.O_EXCL if is_new else _NO_LINKS
    return os.open(path, os.O_RDWR | os.O_CREAT | flags, mode)


def write_all(descriptor: int, content: bytes) -> None:
    """Write all of `content`: the system may take less than it is offered.

    Raises:
        OSError: It refuses.
    """
    remaining = memoryview(content)
    while remaining:
        remaining = remaining[os.write(descriptor, remaining) :]


def remove_file(path: str | Path) -> None:
    """Remove a file, where there is one.

    Raises:
        OSError: The file system refuses.
    """
    with suppress(FileNotFoundError):
        os.unlink(path)  # noqa: PTH108 - done often


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


def remove_leftovers(folder: str | Path) -> None:
    """Remove the temporary files that a killed run left in a folder, where that can be done."""
    with suppress(OSError):
        for name in os.listdir(folder):  # noqa: PTH208 - done often
            if name.startswith(".") and name.endswith(TEMPORARY_MARK):
                remove_file(f"{folder}{os.sep}{name}")


def remove_folder(folder: Path) -> None:
    """Remove a folder with all that is in it, where there is one.

    Raises:
        OSError: The file system refuses.
    """
    import shutil  # noqa: PLC0415 - hardly ever

    if folder.is_dir():
        shutil.rmtree(folder)


def sweep_state(root: Path) -> None:
    """Remove the temporary files that a killed run left anywhere in `.jaunt/`."""
    for folder, _, _ in os.walk(root / STATE_FOLDER):
        remove_leftovers(folder)
