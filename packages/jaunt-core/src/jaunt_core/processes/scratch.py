"""Temporary folders for one step of a run, outside of the project; dead runs' are swept up."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from jaunt_core.errors import LandingError

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows has no flock; there nothing is swept
    fcntl = None

_PREFIX = "jaunt-scratch."
_NAME = re.compile(re.escape(_PREFIX) + r"[a-z]+\.[0-9a-f]{8}")
_PLACES = ("TMPDIR", "TEMP", "TMP")


def temporary_folder() -> str:
    """The folder for temporary files as other programs name it: links are resolved.

    `tempfile` would write a file there to see whether it can, which a killed run leaves behind.
    """
    named = [os.environ.get(name, "") for name in _PLACES]
    for place in (*named, "/tmp"):  # noqa: S108 - only folders of our own are made in it
        if place and os.path.isdir(place) and os.access(place, os.W_OK | os.X_OK):  # noqa: PTH112
            return os.path.realpath(place)
    import tempfile  # noqa: PLC0415 - for other systems

    return os.path.realpath(tempfile.gettempdir())


@contextmanager
def scratch_folder(what: str) -> Generator[Path]:
    """A new empty folder, which is removed at the end of the block.

    As long as this process lives, it holds a lock on the folder: so the next run can tell what a
    killed one has left.

    Args:
        what: What it is for: one word, which becomes a part of its name.

    Raises:
        OSError: It cannot be made.
    """
    path, descriptor = _make_locked(what)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        if descriptor is not None:
            os.close(descriptor)


def _make_locked(what: str) -> tuple[Path, int | None]:
    """Make a folder, and lock it before another run takes it for that of a dead one."""
    while True:
        name = f"{_PREFIX}{what}.{os.urandom(4).hex()}"
        path = os.path.join(temporary_folder(), name)  # noqa: PTH118
        os.mkdir(path, 0o700)  # noqa: PTH102
        if fcntl is None:  # pragma: no cover
            return Path(path), None
        with suppress(FileNotFoundError):  # another run has swept it up in the meantime
            descriptor = os.open(path, os.O_RDONLY)
            if _try_lock(descriptor) and os.path.isdir(path):  # noqa: PTH112
                return Path(path), descriptor
            os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    """Lock a folder; False where another run has it. Without locks, nobody sweeps it."""
    try:
        _lock(descriptor)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def _lock(descriptor: int) -> None:
    if fcntl is not None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def as_step_error(what: str) -> Generator[None]:
    """Say of a step outside of the project that the system refuses something, and what.

    Args:
        what: What cannot be done then, as the user is to read it.

    Raises:
        LandingError: The block raised an `OSError`.
    """
    try:
        yield
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        raise LandingError(
            f"{what}: {error.strerror or error}{place}",
            hint="free some space in the folder for temporary files, or set TMPDIR to another",
        ) from None


def sweep_scratch() -> None:
    """Remove the folders that killed runs left, of whatever project; never those of a live one."""
    if fcntl is None:  # pragma: no cover
        return
    folder = temporary_folder()
    with suppress(OSError):
        for name in os.listdir(folder):  # noqa: PTH208 - there may be many
            if _NAME.fullmatch(name):
                with suppress(OSError):
                    _remove_if_dead(os.path.join(folder, name))  # noqa: PTH118


def _remove_if_dead(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY)
    try:
        if os.fstat(descriptor).st_uid == os.getuid():
            _lock(descriptor)
            shutil.rmtree(path, ignore_errors=True)
    finally:
        os.close(descriptor)
