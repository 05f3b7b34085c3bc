"""The lock of a project: one run at a time writes, and can tell that the last one was killed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from jaunt_core.errors import BusyError, LandingError
from jaunt_core.processes.scratch import sweep_scratch
from jaunt_core.storage.folder import (
    STATE_FOLDER,
    as_landing_error,
    open_file,
    state_folder,
    sweep_state,
)

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows has no flock; the lock is advisory there
    fcntl = None

Sweep = Callable[[], None]
"""Cleans up outside of `.jaunt/` after a run that was killed."""


@contextmanager
def project_lock(
    root: Path,
    on_wait: Callable[[str], None],
    *,
    needed: bool = True,
    wait: bool = True,
    sweep: Sweep | None = None,
) -> Generator[None]:
    """Hold the project's lock, waiting for another run where there is one.

    The kernel drops the lock when its holder dies, however it dies. The lock's file holds the
    number of the process until the end of its run: so the next one can tell that it was killed,
    and sweeps up what it left.

    Args:
        root: The project's folder.
        on_wait: Called with a message before waiting, and where the file system has no locks.
        needed: Whether the run may write; else it goes on where there can be no lock.
        wait: Whether to wait for another run.
        sweep: Is called once the lock is held after a run that was killed. Without it, that the
            run was killed stays on record for the next one.

    Raises:
        BusyError: Another run has the lock, and this one does not wait.
        LandingError: `.jaunt/` cannot be written.
    """
    try:
        descriptor, is_held = _acquire(state_folder(root) / "lock", on_wait, wait=wait)
    except BusyError:
        raise
    except LandingError:
        if needed:
            raise
        yield  # who cannot open the lock cannot write anything else there
        return
    try:
        killed = _read(descriptor) if is_held else ""
        _note_start(root, descriptor, needed=needed)
        sweep_scratch()
        if killed:
            sweep_state(root)
        if killed and sweep is not None:
            sweep()
        with _noting_end(descriptor, killed if sweep is None else ""):
            yield
    finally:
        os.close(descriptor)


def _note_start(root: Path, descriptor: int, *, needed: bool) -> None:
    hint = "free some space or make the folder .jaunt writable"
    try:
        with as_landing_error(root / STATE_FOLDER / "lock", hint=hint):
            _write(descriptor, str(os.getpid()))
    except LandingError:
        if needed:
            raise


@contextmanager
def _noting_end(descriptor: int, text: str) -> Generator[None]:
    """Note that the run came to its end, unless it was interrupted: that may leave something too.

    Args:
        descriptor: The lock's file.
        text: What it is to hold then: nothing, or the number of a killed run for the next one.
    """
    try:
        yield
    except Exception:
        with suppress(OSError):
            _write(descriptor, text)
        raise
    with suppress(OSError):
        _write(descriptor, text)


def _acquire(path: Path, on_wait: Callable[[str], None], *, wait: bool) -> tuple[int, bool]:
    """The open file, and whether it is locked: not every file system knows locks."""
    while True:
        descriptor = _open(path)
        try:
            is_held = _lock(descriptor, on_wait, wait=wait)
            if not is_held or _is_at(path, descriptor):
                return descriptor, is_held
        except BaseException:
            os.close(descriptor)
            raise
        # Somebody removed `.jaunt/` while we waited: this lock is on a file that nobody else
        # will open any more.
        os.close(descriptor)


def _open(path: Path) -> int:
    try:
        return open_file(path)
    except OSError as error:
        raise LandingError(
            f"{path} cannot be opened: {error.strerror}", hint="make the folder .jaunt writable"
        ) from None


def _lock(descriptor: int, on_wait: Callable[[str], None], *, wait: bool) -> bool:
    if fcntl is None:  # pragma: no cover
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = _holder(descriptor)
        if not wait:
            raise BusyError(
                f"another jaunt (process {holder}) works on this project",
                hint="run it again when that one is done, or without --no-wait to wait for it",
            ) from None
        on_wait(f"another jaunt (process {holder}) works on this project; waiting until it is done")
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    except OSError as error:
        on_wait(f"this file system has no locks ({error.strerror}); do not run two builds at once")
        return False
    return True


def _is_at(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except OSError:
        return False


def _holder(descriptor: int) -> str:
    """The number of the process that holds the lock, `unknown` where it does not write it."""
    for _ in range(20):  # it gets the lock first, and then writes its number
        text = _read(descriptor)
        if text:
            return text
        time.sleep(0.01)
    return "unknown"


def _read(descriptor: int) -> str:
    try:
        return os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
    except OSError:  # no regular file: writing to it will tell
        return ""


def _write(descriptor: int, text: str) -> None:
    # In this order: were the file emptied first, a run that dies in between would seem to have
    # come to its end.
    if text:
        os.pwrite(descriptor, text.encode(), 0)
    os.ftruncate(descriptor, len(text))
