"""An audit hook that refuses network, processes, reading of keys, and writing elsewhere.

It is the second line of defence, and the only one where the system offers no namespaces. It stops
code that does what it should not; it is no wall against code that means harm.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager

Arguments = tuple[object, ...]

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_NETWORK = (
    "socket.connect",
    "socket.bind",
    "socket.getaddrinfo",
    "socket.gethostbyname",
    "socket.gethostbyaddr",
    "socket.getnameinfo",
)
_SENDING = ("socket.sendto", "socket.sendmsg")
_PROCESSES = (
    "os.exec",
    "os.fork",
    "os.forkpty",
    "os.posix_spawn",
    "os.spawn",
    "os.startfile",
    "os.startfile/2",
    "os.system",
    "pty.spawn",
    "subprocess.Popen",
)
_CHANGING = (
    "os.chflags",
    "os.chmod",
    "os.chown",
    "os.mkdir",
    "os.remove",
    "os.removexattr",
    "os.rmdir",
    "os.setxattr",
    "os.truncate",
    "os.utime",
)
_LINKING = ("os.link", "os.symlink")
_SECRET_FILES = ("environ", "mem")
"""Files that Linux shows in /proc of a process, from which its keys can be read."""


class Guard:
    """Refuses what a trial must not do, and remembers what it refused."""

    def __init__(self, writable: list[str], hidden: list[str]) -> None:
        self._writable = [os.path.realpath(folder) for folder in writable]
        self._hidden = {os.path.realpath(path): os.path.basename(path) for path in hidden}  # noqa: PTH119
        self._is_lifted = False
        self._checks: dict[str, Callable[[Arguments], str]] = {
            "open": self._check_open,
            "sqlite3.connect": self._check_database,
            "os.kill": _check_signal,
            "os.killpg": _check_signal,
            **dict.fromkeys(_NETWORK, _refuse_always("the network")),
            **dict.fromkeys(_SENDING, _check_sending),
            **dict.fromkeys(_PROCESSES, _refuse_always("starting a process")),
            **dict.fromkeys(_CHANGING, self._check_change),
            **dict.fromkeys(_LINKING, self._check_link),
            "os.rename": self._check_rename,
        }
        self.refusals: list[str] = []

    def install(self) -> None:
        """Guard the process from now on; an audit hook cannot be removed."""
        sys.addaudithook(self._audit)

    def allow_only(self, writable: str) -> None:
        """Allow writing into this folder alone, inside of those where it is allowed by now."""
        self._writable = [os.path.realpath(writable)]

    @contextmanager
    def lifted(self) -> Generator[None]:
        """Allow everything inside the block, so that a trial can fork itself."""
        self._is_lifted = True
        try:
            yield
        finally:
            self._is_lifted = False

    def _audit(self, event: str, arguments: Arguments) -> None:
        check = self._checks.get(event)
        if check is None or self._is_lifted:
            return
        refused = check(arguments)
        if refused:
            self.refusals.append(refused)
            raise PermissionError(f"{refused} is not allowed here")

    def _check_open(self, arguments: Arguments) -> str:
        path, mode, flags = arguments
        if isinstance(flags, int) and mode is None:
            is_writing = bool(flags & _WRITING)
        else:
            is_writing = isinstance(mode, str) and any(letter in mode for letter in "wax+")
        return self._check_writing(path) if is_writing else self._check_reading(path)

    def _check_reading(self, path: object) -> str:
        if not isinstance(path, (str, bytes, os.PathLike)):
            return ""
        text = os.fsdecode(path)
        if not text.endswith((*_SECRET_FILES, *self._hidden.values())):
            return ""  # most files are read to import them, so this has to cost next to nothing
        real = os.path.realpath(text)
        if real in self._hidden:
            return f"reading {self._hidden[real]}, which holds a key,"
        parts = real.split("/")
        is_secret = real.startswith("/proc/") and parts[-1] in _SECRET_FILES
        if is_secret and parts[2] != str(os.getpid()):
            return "looking into another process"
        return ""

    def _check_database(self, arguments: Arguments) -> str:
        name = arguments[0]
        if isinstance(name, str) and (not name or ":memory:" in name or "mode=memory" in name):
            return ""
        return self._check_writing(name)

    def _check_change(self, arguments: Arguments) -> str:
        return self._check_writing(arguments[0], _descriptor(arguments[-1]))

    def _check_link(self, arguments: Arguments) -> str:
        # What a link leads to may lie anywhere: reading is allowed.
        return self._check_writing(arguments[1], _descriptor(arguments[-1]))

    def _check_rename(self, arguments: Arguments) -> str:
        source, target, source_folder, target_folder = arguments
        refused = self._check_writing(source, _descriptor(source_folder))
        return refused or self._check_writing(target, _descriptor(target_folder))

    def _check_writing(self, path: object, folder: int = -1) -> str:
        if isinstance(path, int):
            return ""  # what is open already was allowed
        text = os.fsdecode(path) if isinstance(path, (str, bytes, os.PathLike)) else ""
        if folder >= 0 and not os.path.isabs(text):  # noqa: PTH117 - pathlib is costly to import
            text = os.path.join(_folder_of(folder), text)  # noqa: PTH118 - likewise
        real = os.path.realpath(text)
        is_writable = any(real == root or real.startswith(root + os.sep) for root in self._writable)
        if is_writable or real == os.devnull:
            return ""
        return f"writing outside of an empty folder, to {text!r},"


def _descriptor(argument: object) -> int:
    """The descriptor of the folder that a path is relative to, -1 where there is none."""
    return argument if isinstance(argument, int) else -1


def _folder_of(descriptor: int) -> str:
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115 - likewise
    except OSError:
        return os.sep


def _refuse_always(refused: str) -> Callable[[Arguments], str]:
    return lambda _: refused


def _check_sending(arguments: Arguments) -> str:
    # Without an address it goes to where a connection was allowed: a pair of sockets.
    return "the network" if arguments[-1] is not None else ""


def _check_signal(arguments: Arguments) -> str:
    own = (os.getpid(), 0)
    return "" if arguments[0] in own else "signalling another process"
