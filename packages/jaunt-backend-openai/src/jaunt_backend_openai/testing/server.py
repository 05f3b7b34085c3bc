"""A test server with the routes of the two APIs, which can fail in all ways of a network."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from jaunt_backend_openai.testing.exchange import Api, Prompt, Reply, fault, parse_prompt
from jaunt_core.testing import Fault, FaultServer, Received

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
        self._requests: list[Prompt] = []
        self._routes = {p: api for p, api in _ROUTES.items() if responses or api == "chat"}
        self._wire = FaultServer(self._respond)

    @property
    def base_url(self) -> str:
        """The address for `[llm] base_url`."""
        return f"{self._wire.address}/v1"

    @property
    def requests(self) -> tuple[Prompt, ...]:
        """All prompts so far, in the order in which they came in."""
        with self._lock:
            return tuple(self._requests)

    @property
    def most_in_flight(self) -> int:
        """The most requests that were open at one time."""
        return self._wire.most_in_flight

    def start(self) -> None:
        """Begin to answer; `with` does so too."""
        self._wire.start()

    def close(self) -> None:
        """Stop at once; answers that are being delayed are not sent."""
        self._wire.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._wire.__exit__(kind, error, trace)

    def _respond(self, request: Received) -> Fault:
        from jaunt_backend_openai.testing.replies import render_reply  # noqa: PLC0415

        api = self._routes.get(request.path) if request.method == "POST" else None
        if api is None:
            return fault(404, message=f"Invalid URL ({request.method} {request.path})")
        prompt = parse_prompt(api, json.loads(request.body), request.headers)
        with self._lock:
            self._requests.append(prompt)
        reply = self._answer(prompt)
        if isinstance(reply, Fault):
            return reply
        body = render_reply(prompt, reply)
        return Fault(body=body, headers=reply.headers, delay=reply.delay)
