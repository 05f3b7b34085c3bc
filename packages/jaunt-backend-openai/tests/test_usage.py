"""The tokens that a server tells, in the odd forms that servers tell them in."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from jaunt_backend_openai import OpenAIBackend
from jaunt_backend_openai.testing import Fault, ResponsesServer
from jaunt_core.backend import NO_TOKENS, BackendError, GenerationRequest, TokenUsage

Connect = Callable[..., OpenAIBackend]

_NAMES = {
    "responses": ("input_tokens", "input_tokens_details", "output_tokens"),
    "chat": ("prompt_tokens", "prompt_tokens_details", "completion_tokens"),
}


def _counts(api: str, sent: object, cached: object, written: object) -> dict[str, object]:
    first, details, last = _NAMES[api]
    return {first: sent, details: {"cached_tokens": cached}, last: written, "total_tokens": 1}


def _body(api: str, usage: dict[str, object]) -> bytes:
    part = {"type": "output_text", "text": "x", "annotations": []}
    message = {"type": "message", "role": "assistant", "content": [part]}
    choice = {"finish_reason": "stop", "message": {"role": "assistant", "content": "x"}}
    body = {"status": "completed", "output": [message], "choices": [choice], "usage": usage}
    return json.dumps({"object": api, "model": "m", **body}).encode()


@pytest.mark.parametrize("api", ["responses", "chat"])
@pytest.mark.parametrize(
    ("counts", "usage"),
    [
        ((30000.0, 10.0, 2.0), TokenUsage(input=30000, cached=10, output=2)),
        ((5, 9, 2), TokenUsage(input=5, cached=5, output=2)),
        ((5, -9, 2), TokenUsage(input=5, output=2)),
        ((5, None, None), TokenUsage(input=5)),
        ((10**400, 0, 2), NO_TOKENS),
        ((10**12 + 1, 0, 2), NO_TOKENS),
        ((float("inf"), 0, 2), NO_TOKENS),
        ((float("nan"), 0, 2), NO_TOKENS),
        ((5, 0, -2), NO_TOKENS),
        ((5, 0, 2.5), NO_TOKENS),
    ],
)
async def test_counts_of_any_form(
    counts: tuple[object, object, object],
    usage: TokenUsage,
    api: str,
    connect: Connect,
    request_: GenerationRequest,
) -> None:
    reply = Fault(body=_body(api, _counts(api, *counts)))
    with ResponsesServer(lambda _: reply) as server:
        result = await connect(base_url=server.base_url, api=api).generate_module(request_)
    assert result.usage == usage
    assert type(result.usage.input) is int


@pytest.mark.parametrize(
    ("api", "more"),
    [
        ("responses", {"status": "failed", "error": {"code": "server_error", "message": "no"}}),
        ("responses", {"status": "cancelled", "output": []}),
        ("responses", {"status": "completed", "output": None}),
        ("chat", {"choices": []}),
        ("chat", {"error": {"code": "server_error", "message": "no"}}),
    ],
)
async def test_what_a_failed_answer_took_is_told(
    api: str, more: dict[str, object], connect: Connect, request_: GenerationRequest
) -> None:
    body = {"object": api, "model": "m", "usage": _counts(api, 50, 30, 7), **more}
    reply = Fault(body=json.dumps(body).encode())
    with ResponsesServer(lambda _: reply) as server, pytest.raises(BackendError) as caught:
        await connect(base_url=server.base_url, api=api).generate_module(request_)
    assert caught.value.usage == TokenUsage(input=50, cached=30, output=7)


async def test_a_fault_that_tells_no_tokens_has_none(
    connect: Connect, request_: GenerationRequest
) -> None:
    reply = Fault(body=b'{"object": "response", "status": "cancelled"}')
    with ResponsesServer(lambda _: reply) as server, pytest.raises(BackendError) as caught:
        await connect(base_url=server.base_url, api="responses").generate_module(request_)
    assert caught.value.usage is None
