"""Processes that are forks of `jaunt_server.py`, for whoever is used to `subprocess.Popen`."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

SERVER = Path(__file__).with_name("jaunt_server.py")
PATIENCE = 60.0


class ForkedProcess:
    """A run of `jaunt` in a process of its own, which was forked where others are started."""

    def __init__(
        self, connection: socket.socket, stdout: IO[str] | None, stderr: IO[str] | None
    ) -> None:
        self.returncode: int | None = None
        self.stdout = stdout
        self.stderr = stderr
        self._connection = connection
        self._received = b""
        self.pid = self._next_number(PATIENCE)

    def poll(self) -> int | None:
        """The exit code, None while it runs."""
        try:
            return self.wait(0.0)
        except TimeoutError:
            return None

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, once it has ended."""
        if self.returncode is None:
            self.returncode = self._next_number(timeout)
            self._connection.close()
        return self.returncode

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """What it still prints, once it has ended."""
        with ThreadPoolExecutor(2) as pool:
            reading = [pool.submit(_rest_of, stream) for stream in (self.stdout, self.stderr)]
            try:
                out, err = (rest.result(timeout) for rest in reading)
            except TimeoutError:
                self.kill()
                raise
        self.wait(timeout)
        return out, err

    def send_signal(self, number: int) -> None:
        """Send a signal, where it still runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it, where it still runs."""
        self.send_signal(signal.SIGKILL)

    def _next_number(self, timeout: float | None) -> int:
        while b"\n" not in self._received:
            if not select.select([self._connection], [], [], timeout)[0]:
                raise TimeoutError
            received = self._connection.recv(64)
            if not received:
                raise ConnectionError("the server of the run has ended")
            self._received += received
        line, _, self._received = self._received.partition(b"\n")
        return int(line)


def _rest_of(stream: IO[str] | None) -> str:
    if stream is None or stream.closed:
        return ""
    with stream:
        return stream.read()


class ForkServer:
    """Starts runs of `jaunt`; the process that they are forks of is started for the first one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def _path(self) -> Path:
        return self._folder / "socket"

    def start(
        self, arguments: Sequence[str], *, cwd: Path, environ: Mapping[str, str]
    ) -> ForkedProcess:
        """Start a run with an empty standard input and pipes from it."""
        (out, for_out), (err, for_err) = os.pipe(), os.pipe()
        nothing = os.open(os.devnull, os.O_RDONLY)
        try:
            connection = self._begin(arguments, cwd, environ, (nothing, for_out, for_err))
        finally:
            for descriptor in (nothing, for_out, for_err):
                os.close(descriptor)
        streams = (os.fdopen(descriptor, encoding="utf-8") for descriptor in (out, err))
        return ForkedProcess(connection, *streams)

    def start_on_terminal(
        self, arguments: Sequence[str], *, cwd: Path, environ: Mapping[str, str], terminal: int
    ) -> ForkedProcess:
        """Start a run in a session of its own, with a terminal as its input and output."""
        connection = self._begin(arguments, cwd, environ, (terminal,) * 3, own_session=True)
        return ForkedProcess(connection, None, None)

    def _begin(
        self,
        arguments: Sequence[str],
        cwd: Path,
        environ: Mapping[str, str],
        descriptors: Sequence[int],
        *,
        own_session: bool = False,
    ) -> socket.socket:
        connection = self._connect()
        task = {
            "arguments": list(arguments),
            "folder": str(cwd),
            "environ": dict(environ),
            "own_session": own_session,
        }
        socket.send_fds(connection, [json.dumps(task).encode() + b"\n"], descriptors)
        return connection

    def close(self) -> None:
        """End the process; runs that are under way go on."""
        if self._process is not None:
            self._process.communicate(timeout=PATIENCE)

    def _connect(self) -> socket.socket:
        if self._process is None:
            # Like the script: what stands in the folder that it is called from is nothing to it.
            command = [sys.executable, "-P", str(SERVER), str(self._path)]
            self._process = subprocess.Popen(
                command, cwd=self._folder, env=_environ(), stdin=subprocess.PIPE
            )
        connection = socket.socket(socket.AF_UNIX)
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                connection.connect(str(self._path))
            except (FileNotFoundError, ConnectionRefusedError):
                if time.monotonic() > deadline or self._process.poll() is not None:
                    raise
                time.sleep(0.02)
            else:
                return connection


def _environ() -> dict[str, str]:
    """The environment while modules are imported; each run has its own."""
    return {"LANG": "C.UTF-8", "PATH": os.defpath}
