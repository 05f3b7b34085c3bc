"""What a server says of itself: errors in a right answer, where to go, how long to wait."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openai._models import construct_type
from openai.types.chat import ChatCompletion
from openai.types.responses import Response

from jaunt_backend_openai import OpenAIBackend
from jaunt_backend_openai.answers import result_of_completion, result_of_response
from jaunt_backend_openai.faults import Route
from jaunt_backend_openai.redaction import redacted
from jaunt_backend_openai.testing import Fault, Reply, ResponsesServer, fault
from jaunt_core.backend import BackendError, FaultKind, GenerationRequest

Connect = Callable[..., OpenAIBackend]


async def fault_of(
    reply: Fault, connect: Connect, request: GenerationRequest, **settings: object
) -> BackendError:
    with ResponsesServer(lambda _: reply) as server, pytest.raises(BackendError) as caught:
        await connect(base_url=server.base_url, **settings).generate_module(request)
    assert len(server.requests) == 1
    return caught.value


@pytest.mark.parametrize("api", ["responses", "chat"])
@pytest.mark.parametrize(
    ("reported", "kind", "says"),
    [
        ({"code": "server_error", "message": "it broke"}, FaultKind.SERVER, "it broke"),
        ({"code": "rate_limit_exceeded", "message": "slowly"}, FaultKind.RATE_LIMIT, "slowly"),
        ({"code": "insufficient_quota", "message": "pay"}, FaultKind.QUOTA, "pay"),
        ({"code": "invalid_prompt", "message": "not this"}, FaultKind.REQUEST, "not this"),
        ({"type": "overloaded_error", "message": "later"}, FaultKind.SERVER, "later"),
        ({"code": 502, "message": "bad gateway"}, FaultKind.SERVER, "bad gateway"),
        ({"code": "401"}, FaultKind.AUTHENTICATION, "401"),
        ({"code": "4" * 5_000}, FaultKind.REQUEST, "444"),
        ({"message": ["odd"]}, FaultKind.SERVER, "no code"),
        ("a bare text", FaultKind.SERVER, "a bare text"),
        ([1], FaultKind.SERVER, "no code"),
    ],
)
async def test_errors_that_come_with_status_200(
    reported: object,
    kind: FaultKind,
    says: str,
    api: str,
    connect: Connect,
    request_: GenerationRequest,
) -> None:
    reply = Fault(body=json.dumps({"error": reported}).encode())
    error = await fault_of(reply, connect, request_, api=api)
    assert error.kind is kind
    assert says in str(error)
    assert error.hint


_KEYS = st.sampled_from(
    [
        *("error", "code", "message", "type", "status", "output", "content", "text", "refusal"),
        *("choices", "finish_reason", "usage", "input_tokens", "input_tokens_details"),
        *("cached_tokens", "prompt_tokens", "incomplete_details", "reason", "model", "role"),
    ]
)
_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(["message", "refusal", "incomplete", "completed", "x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=5),
    max_leaves=12,
)


@settings(deadline=None)
@given(st.dictionaries(_KEYS, _VALUES, max_size=6), st.sampled_from(["responses", "chat"]))
def test_whatever_json_comes_is_an_answer_or_a_fault(body: dict[str, object], api: str) -> None:
    """Through the SDK's own way of making its types out of it, which checks nothing."""
    route = Route(address="http://x", custom=True, model="m", key_env="", timeout=1)
    try:
        if api == "responses":
            result = result_of_response(construct_type(type_=Response, value=body), route)
        else:
            result = result_of_completion(construct_type(type_=ChatCompletion, value=body), route)
    except BackendError:
        return
    assert isinstance(result.text, str)
    assert 0 <= result.usage.cached <= result.usage.input


async def test_a_redirect_says_where_to(connect: Connect, request_: GenerationRequest) -> None:
    for location, says in (
        ("https://me:x@other.example/v1?k=1", "(to https://other.example/v1)"),
        ("http://[", "answered 307: no"),
    ):
        reply = fault(307, headers={"Location": location})
        assert says in str(await fault_of(reply, connect, request_))


async def test_a_wait_that_is_asked_for_is_told(
    connect: Connect, request_: GenerationRequest
) -> None:
    error = await fault_of(fault(429, headers={"Retry-After": "3600"}), connect, request_)
    assert "asks to wait 3600 s" in str(error.hint)


async def test_a_404_from_both_apis_decides_nothing(
    connect: Connect, request_: GenerationRequest
) -> None:
    missing = [fault(404), fault(404)]
    with ResponsesServer(lambda _: missing.pop() if missing else Reply(text="x")) as server:
        backend = connect(base_url=server.base_url)
        with pytest.raises(BackendError):
            await backend.generate_module(request_)
        await backend.generate_module(request_)
    assert [prompt.api for prompt in server.requests] == ["responses", "chat", "responses"]


@pytest.mark.parametrize("before", [0, 290, 19_980, 19_999, 20_000, 9_999_980])
@pytest.mark.parametrize("filler", [" ", "x", "\n", "word "])
def test_no_part_of_a_secret_is_shown_wherever_it_stands(before: int, filler: str) -> None:
    """Megabytes are not looked through word by word, and nothing is recognised by half."""
    secret = "very-secret-0123456789"
    text = (filler * before)[:before] + f" {secret} https://me:{secret[::-1]}@host/ sk-{secret} end"
    line = redacted(text, secrets=(secret,))
    assert len(line) <= 302
    for part in (secret, secret[::-1], "sk-", secret[:8], secret[::-1][:8]):
        assert part not in line
