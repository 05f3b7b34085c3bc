"""An audit hook that refuses network, processes, reading keys, and writing elsewhere.

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
_TELLING = ("environ", "mem")
"""What Linux shows in /proc of a process, its keys among it."""


class Guard:
    """Refuses what a trial must not do, and remembers that it did."""

    def __init__(self, writable: list[str], hidden: list[str]) -> None:
        self._writable = [os.path.realpath(folder) for folder in writable]
        self._hidden = {os.path.realpath(path): os.path.basename(path) for path in hidden}  # noqa: PTH119
        self._is_open = False
        self._refuse: dict[str, Callable[[Arguments], str]] = {
            "open": self._opening,
            "sqlite3.connect": self._database,
            "os.kill": _signalling,
            "os.killpg": _signalling,
            **dict.fromkeys(_NETWORK, _always("the network")),
            **dict.fromkeys(_SENDING, _sending),
            **dict.fromkeys(_PROCESSES, _always("starting a process")),
            **dict.fromkeys(_CHANGING, self._changing_one),
            **dict.fromkeys(_LINKING, self._linking),
            "os.rename": self._renaming,
        }
        self.refusals: list[str] = []

    def install(self) -> None:
        """From now on, for as long as the process lives."""
        sys.addaudithook(self._audit)

    @contextmanager
    def lifted(self) -> Generator[None]:
        """Let a trial fork itself."""
        self._is_open = True
        try:
            yield
        finally:
            self._is_open = False

    def _audit(self, event: str, arguments: Arguments) -> None:
        judge = self._refuse.get(event)
        if judge is None or self._is_open:
            return
        what = judge(arguments)
        if what:
            self.refusals.append(what)
            raise PermissionError(f"{what} is not allowed here")

    def _opening(self, arguments: Arguments) -> str:
        path, mode, flags = arguments
        if isinstance(flags, int) and mode is None:
            is_writing = bool(flags & _WRITING)
        else:
            is_writing = isinstance(mode, str) and any(letter in mode for letter in "wax+")
        return self._writing(path) if is_writing else self._reading(path)

    def _reading(self, path: object) -> str:
        if not isinstance(path, (str, bytes, os.PathLike)):
            return ""
        text = os.fsdecode(path)
        if not text.endswith((*_TELLING, *self._hidden.values())):
            return ""  # most files are read to import them: this is to cost them next to nothing
        real = os.path.realpath(text)
        if real in self._hidden:
            return f"reading {self._hidden[real]}, which holds a key,"
        parts = real.split("/")
        if real.startswith("/proc/") and parts[2] != str(os.getpid()) and parts[-1] in _TELLING:
            return "looking into another process"
        return ""

    def _database(self, arguments: Arguments) -> str:
        name = arguments[0]
        if isinstance(name, str) and (not name or ":memory:" in name or "mode=memory" in name):
            return ""
        return self._writing(name)

    def _changing_one(self, arguments: Arguments) -> str:
        return self._writing(arguments[0], _descriptor(arguments[-1]))

    def _linking(self, arguments: Arguments) -> str:
        # What a link leads to may lie anywhere: reading is allowed.
        return self._writing(arguments[1], _descriptor(arguments[-1]))

    def _renaming(self, arguments: Arguments) -> str:
        source, target, source_folder, target_folder = arguments
        refused = self._writing(source, _descriptor(source_folder))
        return refused or self._writing(target, _descriptor(target_folder))

    def _writing(self, path: object, folder: int = -1) -> str:
        if isinstance(path, int):
            return ""  # what is open already was allowed
        text = os.fsdecode(path) if isinstance(path, (str, bytes, os.PathLike)) else ""
        if folder >= 0 and not os.path.isabs(text):  # noqa: PTH117 - pathlib is costly to import
            text = os.path.join(_folder_of(folder), text)  # noqa: PTH118 - likewise
        real = os.path.realpath(text)
        inside = any(real == item or real.startswith(item + os.sep) for item in self._writable)
        if inside or real == os.devnull:
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


def _always(what: str) -> Callable[[Arguments], str]:
    return lambda _: what


def _sending(arguments: Arguments) -> str:
    # Without an address it goes to where a connection was allowed: a pair of sockets.
    return "the network" if arguments[-1] is not None else ""


def _signalling(arguments: Arguments) -> str:
    own = (os.getpid(), 0)
    return "" if arguments[0] in own else "signalling another process"
