"""Runs `jaunt` in forks of this process, which has everything imported: most of a short run's time.

Started by path, with the path of a socket to listen on; it ends when its standard input does. Each
connection is one run: a JSON object with `arguments`, `folder`, `environ` and `own_session`, along
with the three descriptors for stdin, stdout and stderr. The answer is the number of the process
and, when that has ended, its exit code, negative for a signal.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import sys
from typing import Any

_PACKAGES = ("jaunt_core", "jaunt_cli", "jaunt_backend_command", "jaunt_backend_openai")
# What runs in processes of its own, and what is for tests.
_LEFT_OUT = ("jaunt_core.worker", "jaunt_core.trial")
_SIZE = 1 << 20


def load_everything() -> None:
    """Import what a run may need."""
    for name in _PACKAGES:
        package = importlib.import_module(name)
        for module in pkgutil.walk_packages(package.__path__, f"{name}."):
            is_left_out = module.name.startswith(_LEFT_OUT) or ".testing" in module.name
            if not is_left_out and not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    for name in ("asyncio.subprocess", "openai", "openai.resources.responses", "shutil"):
        importlib.import_module(name)


def serve(path: str) -> list[str]:
    """Start runs until there are no more; in the fork of a run, return its arguments."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()
    while listener in select.select([listener, sys.stdin], [], [])[0]:
        _reap(os.WNOHANG)
        connection, _ = listener.accept()
        task, descriptors = _receive(connection)
        if os.fork() == 0:
            _keep(connection, descriptors)
            # The run: it has none of this, as if it had been started.
            listener.detach()
            connection.detach()
            return _begin(task, descriptors)
        connection.close()
        for descriptor in descriptors:
            os.close(descriptor)
    _reap(0)
    os._exit(0)


def _reap(options: int) -> None:
    """Take note of forks that have ended."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, options)[0]:
            pass


def _receive(connection: socket.socket) -> tuple[dict[str, Any], list[int]]:
    text, descriptors, _, _ = socket.recv_fds(connection, _SIZE, 3)
    while not text.endswith(b"\n"):
        text += connection.recv(_SIZE)
    return json.loads(text), list(descriptors)


def _keep(connection: socket.socket, descriptors: list[int]) -> None:
    """Be the parent of a run until it has ended, and end; only the run comes back from here."""
    number = os.fork()
    if number == 0:
        return
    for descriptor in (0, 1, 2, *descriptors):
        os.close(descriptor)
    # Whoever interrupts the group means the run.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    connection.sendall(f"{number}\n".encode())
    _, status = os.waitpid(number, 0)
    connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _begin(task: dict[str, Any], descriptors: list[int]) -> list[str]:
    """Make this process what a new one would be."""
    os.chdir(task["folder"])
    os.environ.clear()
    os.environ.update(task["environ"])
    if task["own_session"]:
        os.setsid()
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
    os.closerange(3, 64)
    return list(task["arguments"])


def main() -> int:
    """Serve; what comes back from there is a run."""
    load_everything()
    gc.freeze()
    sys.argv[1:] = serve(sys.argv[1])
    return importlib.import_module("jaunt_cli.main").main()


if __name__ == "__main__":
    sys.exit(main())
