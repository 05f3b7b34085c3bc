"""The file of a log: where it stands, how many are kept, and what is masked in it."""

from __future__ import annotations

import os
import re
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from jaunt_core.backend.masking import MASK, Masker
from jaunt_core.errors import LandingError
from jaunt_core.storage.folder import (
    STATE_FOLDER,
    open_file,
    remove_file,
    state_folder,
    write_all,
)

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows lets nobody remove what is open
    fcntl = None

MAX_LOGS = 10
"""How many logs are kept, that of this run among them."""

# A password may hold an unquoted "@": the host begins behind the last one.
_USER_INFO = re.compile(r"(?<=://)[^\s/?#\"'<>\\]*@")
_NAME = re.compile(r"\d{8}T\d{6}Z-[a-z]+-\d+\.log")


class LogFileError(Exception):
    """The log cannot be written; the message says why."""


class LogFile:
    """A file that only its owner can read; secrets are masked in all that is written to it."""

    def __init__(self, path: Path, descriptor: int, masker: Masker) -> None:
        self.path = path
        self.fault = ""
        self._descriptor = descriptor
        self._mask = masker
        self._started = time.monotonic()
        self._lock = threading.RLock()
        self._is_open = True

    @classmethod
    def create(cls, root: Path, command: str, masker: Masker) -> Self:
        """Create a log for a command on a project, and remove all but the last ones.

        Raises:
            LogFileError: It cannot be created.
        """
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        try:
            folder = state_folder(root, "logs")
            # A log holds what was asked and answered: it must not go where a link leads.
            if folder.resolve() != root.resolve() / STATE_FOLDER / "logs":
                raise LogFileError(f"{folder} is a link to somewhere else")
            path = folder / f"{stamp}-{command}-{os.getpid()}.log"
            descriptor = open_file(path, is_new=True, mode=0o600)
        except LandingError as error:
            raise LogFileError(str(error.args[0])) from None
        except OSError as error:
            raise LogFileError(f"{root / STATE_FOLDER / 'logs'}: {error.strerror}") from None
        _try_lock(descriptor)
        _remove_old(folder, path)
        return cls(path, descriptor, masker)

    def write(self, what: str, text: str) -> None:
        """Add an entry; a disk that is full, or has gone, ends the log."""
        entry = f"{time.monotonic() - self._started:9.3f} {what}: "
        lines = _USER_INFO.sub(f"{MASK}@", self._mask(text)).rstrip("\n").replace("\n", "\n    ")
        content = f"{entry}{lines}\n".encode("utf-8", "backslashreplace")
        with self._lock:
            if self.fault or not self._is_open:
                return
            try:
                write_all(self._descriptor, content)
            except OSError as error:
                self.fault = f"{self.path}: {error.strerror}"

    def close(self) -> None:
        """End the log; what is written after it is lost."""
        with self._lock:
            self._is_open = False
            os.close(self._descriptor)


def _remove_old(folder: Path, own: Path) -> None:
    """Remove all logs but the last ones, and those that another run still writes."""
    with suppress(OSError):
        # Names begin with the time, so that they sort by age.
        names = sorted(entry.name for entry in folder.iterdir() if _NAME.fullmatch(entry.name))
        for name in names[:-MAX_LOGS]:
            if name != own.name:
                _remove_unused(folder / name)


def _remove_unused(path: Path) -> None:
    with suppress(OSError):
        # Whoever writes a log holds its lock to the end.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        try:
            if _try_lock(descriptor):
                remove_file(path)
        finally:
            os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    """Lock the file; False where another run has it. The lock ends with the descriptor."""
    if fcntl is None:  # pragma: no cover
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
