"""Requests and replies of the test server, apart from HTTP."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from jaunt_core.testing import Fault

Api = Literal["responses", "chat"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """One request as the server got it; header names are in lower case.

    `instructions` is the system text, `turns` are the other messages as (role, text).
    """

    api: Api
    body: Mapping[str, object]
    headers: Mapping[str, str]
    instructions: str
    turns: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """All that the model would read, in order."""
        parts = (self.instructions, *(text for _, text in self.turns))
        return "\n\n".join(part for part in parts if part)

    @property
    def model(self) -> str:
        """The model that was asked for."""
        return str(self.body.get("model", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the model answers.

    `model` is that of the request where it is empty. `usage = False` leaves the token counts out,
    `cached_tokens = None` leaves their details out, as compatible servers do. `incomplete` is
    the reason why the model stopped early. `error` is a code of the Responses API for an
    answer that arrived and says that the model failed; `text` is then its message. `delay` is
    the seconds until the answer is sent.
    """

    text: str = ""
    refusal: str = ""
    incomplete: Literal["", "max_output_tokens", "content_filter"] = ""
    error: str = ""
    model: str = ""
    usage: bool = True
    input_tokens: int = 100
    cached_tokens: int | None = 0
    output_tokens: int = 20
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0


def fault(
    status: int,
    *,
    code: str | None = None,
    message: str = "no",
    kind: str = "invalid_request_error",
    headers: Mapping[str, str] | None = None,
    delay: float = 0.0,
) -> Fault:
    """An error as OpenAI words it, with this status, code and message."""
    error = {"message": message, "type": kind, "param": None, "code": code}
    body = json.dumps({"error": error}).encode()
    return Fault(status=status, body=body, headers=headers or {}, delay=delay)


def parse_prompt(api: Api, body: Mapping[str, object], headers: Mapping[str, str]) -> Prompt:
    """The request in the form that is the same for both APIs."""
    raw = body.get("input" if api == "responses" else "messages")
    turns = [("user", raw)] if isinstance(raw, str) else _turns_of(raw)
    system = [text for role, text in turns if role in {"system", "developer"}]
    return Prompt(
        api=api,
        body=body,
        headers={name.lower(): value for name, value in headers.items()},
        instructions="\n\n".join([str(body.get("instructions") or ""), *system]).strip("\n"),
        turns=tuple(turn for turn in turns if turn[0] not in {"system", "developer"}),
    )


def _turns_of(messages: object) -> list[tuple[str, str]]:
    if not isinstance(messages, list):
        return []
    return [
        (str(message.get("role", "")), _content_text(message.get("content")))
        for message in messages
        if isinstance(message, Mapping)
    ]


def _content_text(content: object) -> str:
    if isinstance(content, Sequence) and not isinstance(content, str):
        parts = (part.get("text", "") for part in content if isinstance(part, Mapping))
        return "".join(str(part) for part in parts)
    return str(content or "")
