"""The HTTP part: routes, recording, faults."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from jaunt_backend_openai.testing.exchange import Api, Fault, Prompt, Reply, fault, parse_prompt

Answer = Callable[[Prompt], Reply | Fault]
"""What the model would say; called in a thread of its own for each request."""

_ROUTES: dict[str, Api] = {"/v1/responses": "responses", "/v1/chat/completions": "chat"}


class ResponsesServer:
    """Speaks `POST /v1/responses` and `POST /v1/chat/completions`, and records what it is asked.

    An exception in `answer` becomes a 500 for the client and is raised again where the `with`
    block ends, so that an assertion in there fails the test.

    Args:
        answer: What the model says to a prompt.
        responses: False for a server that knows Chat Completions only.
    """

    def __init__(self, answer: Answer, *, responses: bool = True) -> None:
        self._answer = answer
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._requests: list[Prompt] = []
        self._errors: list[Exception] = []
        self._in_flight = 0
        self._most_in_flight = 0
        self._routes = {p: api for p, api in _ROUTES.items() if responses or api == "chat"}
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._http.daemon_threads = True
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    @property
    def base_url(self) -> str:
        """The address for `[llm] base_url`."""
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    @property
    def requests(self) -> tuple[Prompt, ...]:
        """All prompts so far, in the order in which they came in."""
        with self._lock:
            return tuple(self._requests)

    @property
    def most_in_flight(self) -> int:
        """The most requests that were open at one time."""
        with self._lock:
            return self._most_in_flight

    def start(self) -> None:
        """Begin to answer; `with` does it too."""
        self._thread.start()

    def close(self) -> None:
        """Stop at once; answers that are being delayed are not sent."""
        self._closing.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
        if error is None and self._errors:
            raise self._errors[0]

    def reply_to(self, path: str, raw: bytes, headers: dict[str, str]) -> Fault | None:
        """What is to be sent, after its delay; None to hang up without a word."""
        with self._lock:
            self._in_flight += 1
            self._most_in_flight = max(self._most_in_flight, self._in_flight)
        try:
            reply = self._reply(path, raw, headers)
            if self.pause(reply.delay) or reply.hang_up == "at once":
                return None
            return reply
        finally:
            with self._lock:
                self._in_flight -= 1

    def pause(self, seconds: float) -> bool:
        """Wait; whether the server is being closed, which ends the wait."""
        return self._closing.wait(seconds) if seconds else self._closing.is_set()

    def _reply(self, path: str, raw: bytes, headers: dict[str, str]) -> Fault:
        from jaunt_backend_openai.testing.replies import render_reply  # noqa: PLC0415

        api = self._routes.get(path)
        if api is None:
            return fault(404, message=f"Invalid URL (POST {path})")
        try:
            prompt = parse_prompt(api, json.loads(raw), headers)
            with self._lock:
                self._requests.append(prompt)
            reply = self._answer(prompt)
            if isinstance(reply, Fault):
                return reply
            body = render_reply(prompt, reply)
        except Exception as exc:  # noqa: BLE001 - whatever it is, the test shall see it
            with self._lock:
                self._errors.append(exc)
            return fault(500, message=f"the answer function raised {exc!r}")
        return Fault(body=body, headers=reply.headers, delay=reply.delay)


def _handler_of(server: ResponsesServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            reply = server.reply_to(self.path, raw, dict(self.headers.items()))
            self.close_connection = True
            if reply is not None:
                self._send(reply)

        def _send(self, reply: Fault) -> None:
            body = reply.body
            try:
                self.send_response(reply.status)
                self.send_header("Content-Type", reply.content_type)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Connection", "close")
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                body = body[: len(body) // 2] if reply.hang_up else body
                step = 1 if reply.drip else len(body)
                for at in range(0, len(body), step or 1):
                    self.wfile.write(body[at : at + step])
                    server.pause(reply.drip)
            except ConnectionError:
                return  # the client did not wait for it

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Nothing: the test's output belongs to the test."""

    return Handler


__all__ = ["Answer", "ResponsesServer"]
