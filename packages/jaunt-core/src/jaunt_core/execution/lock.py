"""One jaunt at a time writes to a project."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from jaunt_core.errors import LandingError
from jaunt_core.execution.scratch import sweep_scratch
from jaunt_core.execution.state_folder import remove_leftovers, state_folder

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows has no flock; the lock is advisory there
    fcntl = None


@contextmanager
def project_lock(
    root: Path, on_wait: Callable[[str], None], *, needed: bool = True
) -> Generator[None]:
    """Hold the project's lock, waiting for another run where there is one.

    The kernel drops the lock when its holder dies, however it dies.

    Args:
        root: The project's folder.
        on_wait: Called with a message before waiting, and where the file system has no locks.
        needed: Whether the run may write; else it goes on where there can be no lock.

    Raises:
        LandingError: `.jaunt/` cannot be written.
    """
    try:
        descriptor = _open(state_folder(root) / "lock")
    except LandingError:
        if needed:
            raise
        yield  # who cannot open the lock cannot write anything else there
        return
    try:
        _acquire(descriptor, on_wait)
        remove_leftovers(state_folder(root))
        sweep_scratch()
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise LandingError(
            f"{path} cannot be opened: {error.strerror}", hint="make the folder .jaunt writable"
        ) from None


def _acquire(descriptor: int, on_wait: Callable[[str], None]) -> None:
    if fcntl is None:  # pragma: no cover
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = _holder(descriptor)
        on_wait(f"another jaunt (process {holder}) works on this project; waiting until it is done")
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    except OSError as error:
        on_wait(f"this file system has no locks ({error.strerror}); do not run two builds at once")


def _holder(descriptor: int) -> str:
    """The process that holds the lock; it writes its number just after it got it."""
    for _ in range(20):
        text = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
        if text:
            return text
        time.sleep(0.01)
    return "unknown"


__all__ = ["project_lock"]
