"""Runs `jaunt` with every step on the file system counted, and dies or fails at one of them.

Started by path. It reads one command a line from its standard input, as JSON, does each in a fork
of this process, which has everything imported, and answers with how that fork ended. With the path
of a file that holds a command, it does that one itself.
"""

from __future__ import annotations

import builtins
import importlib
import io
import json
import os
import pkgutil
import signal
import stat
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

_PACKAGES = ("jaunt_core", "jaunt_cli")
_LEFT_OUT = ("jaunt_core.worker", "jaunt_core.trial", "jaunt_core.testing")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_TAKES_SPACE = frozenset({"mkdir", "open", "write", "replace", "symlink", "link"})
_real_open, _real_write, _real_fdopen = os.open, os.write, io.open


class Steps:
    """Counts what a process does to the disk.

    Args:
        at: The step to stop at, from 1 on; 0 for none.
        how: `die` before it, die in the middle of it (`half`), or `fail` with `number`.
        number: The error to fail with.
        persistent: Whether all later steps that need space fail as well.
    """

    def __init__(self, *, at: int, how: str, number: int, persistent: bool) -> None:
        self._at = at
        self._how = how
        self._number = number
        self._persistent = persistent
        self._lock = threading.Lock()
        self.seen: list[tuple[str, str]] = []

    def take(self, what: str, place: object, half: Callable[[], object] | None = None) -> None:
        """Count a step that is about to be taken, and stop there where it is asked for."""
        with self._lock:
            path = _path_of(place)
            self.seen.append((what, path))
            count = len(self.seen)
            if count == self._at and self._how in {"die", "half"}:
                if self._how == "half" and half is not None:
                    half()
                os.kill(os.getpid(), signal.SIGKILL)
                signal.pause()
        is_later = self._persistent and count > self._at > 0 and what in _TAKES_SPACE
        is_here = count == self._at or is_later
        if self._how == "fail" and is_here:
            raise OSError(self._number, os.strerror(self._number), path)

    def install(self) -> None:
        """Wrap what Python offers for changing files."""
        for name in ("mkdir", "rmdir", "unlink", "remove", "truncate", "ftruncate", "fsync"):
            self._wrap(name)
        for name in ("replace", "rename", "symlink", "link"):
            self._wrap(name, place=1)
        os.open = self._open  # ty: ignore[invalid-assignment]
        os.write = self._write  # ty: ignore[invalid-assignment]
        os.pwrite = self._pwrite  # ty: ignore[invalid-assignment]
        io.open = builtins.open = self._file  # ty: ignore[invalid-assignment]

    def _wrap(self, name: str, place: int = 0) -> None:
        real = getattr(os, name)
        what = {"remove": "unlink", "rename": "replace", "truncate": "ftruncate"}.get(name, name)

        def wrapped(*arguments: Any, **options: Any) -> Any:
            self.take(what, arguments[place])
            return real(*arguments, **options)

        setattr(os, name, wrapped)

    def _open(self, path: Any, flags: int, *arguments: Any, **options: Any) -> int:
        if flags & _WRITING and path != os.devnull:
            self.take("open", path)
        return _real_open(path, flags, *arguments, **options)

    def _write(self, descriptor: int, content: Any) -> int:
        if _is_file(descriptor):
            self.take("write", descriptor, lambda: _real_write(descriptor, _half_of(content)))
        return _real_write(descriptor, content)

    def _pwrite(self, descriptor: int, content: bytes, offset: int) -> int:
        self.take("write", descriptor, lambda: _real_pwrite(descriptor, _half_of(content), offset))
        return _real_pwrite(descriptor, content, offset)

    def _file(self, file: Any, mode: str = "r", *arguments: Any, **options: Any) -> Any:
        if not set(mode) & set("wax+") or file == os.devnull:
            return _real_fdopen(file, mode, *arguments, **options)
        if not isinstance(file, int) and options.get("opener") is None:
            self.take("open", file)
        raw = _Raw(file, mode.replace("b", "").replace("t", ""), opener=options.get("opener"))
        raw.steps = self
        if "+" in mode:
            buffered: Any = io.BufferedRandom(raw)
        else:
            buffered = io.BufferedWriter(raw)
        if "b" in mode:
            return raw if options.get("buffering", -1) == 0 else buffered
        return io.TextIOWrapper(
            buffered,
            encoding=options.get("encoding"),
            errors=options.get("errors"),
            newline=options.get("newline"),
        )


class _Raw(io.FileIO):
    """A file whose writes are counted."""

    steps: Steps

    def write(self, content: Any) -> int:
        real = super().write
        if _is_file(self.fileno()):
            self.steps.take("write", self.fileno(), lambda: real(_half_of(content)))
        return real(content)


_real_pwrite = os.pwrite


def _half_of(content: Any) -> bytes:
    whole = bytes(content)
    return whole[: len(whole) // 2]


def _is_file(descriptor: int) -> bool:
    return stat.S_ISREG(os.fstat(descriptor).st_mode)


def _path_of(place: object) -> str:
    if isinstance(place, int):
        try:
            return os.readlink(f"/proc/self/fd/{place}")  # noqa: PTH115
        except OSError:
            return f"<{place}>"
    return os.fsdecode(place)  # ty: ignore[invalid-argument-type]


def _load_everything() -> None:
    """Import what a run may need: a fork of this process has it then."""
    for name in _PACKAGES:
        package = importlib.import_module(name)
        for module in pkgutil.walk_packages(package.__path__, f"{name}."):
            if not module.name.startswith(_LEFT_OUT) and not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    for name in ("shutil", "tempfile", "crash_backend", "asyncio.subprocess"):
        importlib.import_module(name)


def _run(task: dict[str, Any]) -> int:
    """In the fork: run `jaunt` as it would be run, and return its exit code."""
    os.setpgid(0, 0)
    os.chdir(task["folder"])
    os.environ.update(task["environ"])
    for number, path in enumerate((os.devnull, task["out"], task["err"])):
        descriptor = _real_open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o666)
        os.dup2(descriptor, number)
        os.close(descriptor)
    steps = Steps(
        at=task["at"], how=task["how"], number=task["number"], persistent=task["persistent"]
    )
    steps.install()
    code = importlib.import_module("jaunt_cli.main").main(task["arguments"])
    log = _real_open(task["steps"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    _real_write(log, json.dumps(steps.seen).encode())
    return code


def _do(task: dict[str, Any]) -> int:
    """How a fork that runs `jaunt` ended: its exit code, negative for a signal."""
    number = os.fork()
    if not number:
        code = 70
        try:
            code = _run(task)
        except BaseException:  # noqa: BLE001 - whatever comes out of `main` is what users would see
            _real_write(2, traceback.format_exc().encode())
        finally:
            os._exit(code)
    _, status = os.waitpid(number, 0)
    return os.waitstatus_to_exitcode(status)


def main() -> None:
    """Do one command after the other, until there are no more."""
    _load_everything()
    if len(sys.argv) > 1:
        raise SystemExit(_run(json.loads(Path(sys.argv[1]).read_text("utf-8"))))
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_do(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
