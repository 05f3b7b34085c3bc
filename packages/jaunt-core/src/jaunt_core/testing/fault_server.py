"""A server on loopback that answers as told, byte for byte, transport faults included.

It knows nothing of any provider: what goes over the wire is what the answer function returns.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal, Self

Breach = Literal["", "at once", "mid-headers", "after headers", "mid-body"]
"""Where a connection breaks off, empty where it does not."""

_LOOPBACK = "127.0.0.1"
# With this the kernel ends a connection by a reset, and drops what it has not sent yet.
_NO_LINGER = struct.pack("ii", 1, 0)
_QUEUE = 256
_POLL = 0.05
"""Seconds between looks at whether a client that waits is still there."""
_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request as the server got it; header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What goes over the wire instead of an answer, byte for byte.

    As it is by default it is a whole reply with an empty body; each field spoils it further.

    Attributes:
        status: The HTTP status.
        headers: More headers, e.g. `Retry-After` or `Location`; they replace those of the same
            name that the server would send (Content-Type, Content-Length, Connection).
        body: The bytes after the headers.
        content_type: What the body is said to be.
        delay: Seconds until the first byte; an hour is a hang.
        drip: Seconds to pause after each byte of the body.
        hang_up: Where the connection is closed: before the first byte, in the middle of the
            headers, behind them, or after half of the body.
        reset: Whether it is closed by a reset (RST) and not in an orderly way (FIN).
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    content_type: str = "application/json"
    delay: float = 0.0
    drip: float = 0.0
    hang_up: Breach = ""
    reset: bool = False

    @property
    def head(self) -> bytes:
        """Status line and headers as they are sent."""
        try:
            phrase = HTTPStatus(self.status).phrase
        except ValueError:
            phrase = ""
        headers = {
            "content-type": ("Content-Type", self.content_type),
            "content-length": ("Content-Length", str(len(self.body))),
            "connection": ("Connection", "close"),
            **{name.lower(): (name, value) for name, value in self.headers.items()},
        }
        lines = [f"HTTP/1.1 {self.status} {phrase}".rstrip()]
        lines += [f"{name}: {value}" for name, value in headers.values()]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    @property
    def sent(self) -> tuple[bytes, bytes]:
        """What of the head and of the body is sent before the connection breaks off."""
        head, body = self.head, self.body
        if self.hang_up == "mid-headers":
            return head[: len(head) // 2], b""
        if self.hang_up == "after headers":
            return head, b""
        if self.hang_up == "mid-body":
            return head, body[: len(body) // 2]
        return (b"", b"") if self.hang_up else (head, body)


Respond = Callable[[Received], Fault]
"""What the server sends; called in a thread of its own for each request."""


class FaultServer:
    """Answers every request by `respond`, and records what it is asked.

    An exception in `respond` becomes a 500 for the client and is raised again where the `with`
    block ends, so that an assertion in there fails the test. Hundreds of connections at once
    are served at once. Until it is started, connections to its address are refused.

    Example:
        ```python
        with FaultServer(lambda request: Fault(status=429)) as server:
            ...  # ask server.address
            assert len(server.requests) == 1
        ```

    Args:
        respond: What is sent.
    """

    def __init__(self, respond: Respond) -> None:
        self._respond = respond
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._requests: list[Received] = []
        self._errors: list[Exception] = []
        self._in_flight = 0
        self._most_in_flight = 0
        self._abandoned = 0
        self._http = _Http((_LOOPBACK, 0), _handler_of(self), bind_and_activate=False)
        self._http.server_bind()
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    @property
    def address(self) -> str:
        """Where the server is, without a path and a slash at the end."""
        return f"http://{_LOOPBACK}:{self._http.server_address[1]}"

    @property
    def requests(self) -> tuple[Received, ...]:
        """All requests so far, in the order in which they came in."""
        with self._lock:
            return tuple(self._requests)

    @property
    def most_in_flight(self) -> int:
        """The most requests that waited for the begin of their reply at one time."""
        with self._lock:
            return self._most_in_flight

    @property
    def abandoned(self) -> int:
        """How many clients went away before the first byte of their reply."""
        with self._lock:
            return self._abandoned

    def start(self) -> None:
        """Begin to listen and to answer; `with` does it too."""
        self._http.server_activate()
        self._thread.start()

    def close(self) -> None:
        """Stop at once; replies that are being delayed are not sent."""
        self._closing.set()
        if self._thread.is_alive():
            self._http.shutdown()
            self._thread.join()
        self._http.server_close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self.close()
        if error is None and self._errors:
            raise self._errors[0]

    def reply_to(self, request: Received, connection: socket.socket) -> Fault | None:
        """What is to be sent, after its delay; None where nobody waits for it any more."""
        with self._lock:
            self._requests.append(request)
            self._in_flight += 1
            self._most_in_flight = max(self._most_in_flight, self._in_flight)
        try:
            reply = self._reply(request)
            return reply if self._is_awaited(connection, reply.delay) else None
        finally:
            with self._lock:
                self._in_flight -= 1

    def pause(self, seconds: float) -> bool:
        """Wait; whether the server is being closed, which ends the wait."""
        return self._closing.wait(seconds) if seconds else self._closing.is_set()

    def _is_awaited(self, connection: socket.socket, seconds: float) -> bool:
        """Wait; whether the client still does so in the end."""
        end = time.monotonic() + seconds
        while (remaining := end - time.monotonic()) > 0:
            if self.pause(min(remaining, _POLL)):
                return False
            if _is_closed(connection):
                with self._lock:
                    self._abandoned += 1
                return False
        return not self._closing.is_set()

    def _reply(self, request: Received) -> Fault:
        try:
            return self._respond(request)
        except Exception as exc:  # noqa: BLE001 - whatever it is, the test shall see it
            with self._lock:
                self._errors.append(exc)
            error = {"error": {"message": f"the answer function raised {exc!r}"}}
            return Fault(status=500, body=json.dumps(error).encode())


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    # The default of 5 has the kernel put off whoever connects beyond that.
    request_queue_size = _QUEUE

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        """Close the connection; where it is to be reset, without the farewell before it."""
        assert isinstance(request, socket.socket)
        if request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, len(_NO_LINGER)) == _NO_LINGER:
            self.close_request(request)
        else:
            super().shutdown_request(request)


def _is_closed(connection: socket.socket) -> bool:
    """Whether the other end is closed; more bytes are no reason to think so."""
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


def _handler_of(server: FaultServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = server.reply_to(
                Received(method=self.command, path=self.path, headers=headers, body=body),
                self.connection,
            )
            self.close_connection = True
            if reply is not None:
                self._send(reply)

        def _send(self, reply: Fault) -> None:
            head, body = reply.sent
            try:
                self.wfile.write(head)
                step = 1 if reply.drip else max(len(body), 1)
                for at in range(0, len(body), step):
                    self.wfile.write(body[at : at + step])
                    if server.pause(reply.drip):
                        break
                if reply.reset:
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            except ConnectionError:
                return  # the client did not wait for it

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Nothing: the test's output belongs to the test."""

    for method in _METHODS:
        setattr(Handler, f"do_{method}", Handler.answer)
    return Handler
