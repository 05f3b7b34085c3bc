from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

import pytest

from jaunt_backend_openai import OpenAIBackend
from jaunt_backend_openai.testing import Fault, Prompt, Reply, ResponsesServer, fault
from jaunt_core.backend import BackendError, FaultKind, GenerationRequest, StopReason, TokenUsage

Connect = Callable[..., OpenAIBackend]
BOTH = pytest.mark.parametrize("api", ["responses", "chat"])


def _always(reply: Reply | Fault) -> Callable[[Prompt], Reply | Fault]:
    return lambda _: reply


@BOTH
async def test_an_answer_comes_back_with_usage_and_the_reported_model(
    api: str, connect: Connect, request_: GenerationRequest
) -> None:
    reply = Reply(
        text="x = 1\n", model="gpt-test-2026", input_tokens=50, cached_tokens=30, output_tokens=7
    )
    with ResponsesServer(_always(reply)) as server:
        result = await connect(base_url=server.base_url, api=api).generate_module(request_)
    assert result.text == "x = 1\n"
    assert result.model == "gpt-test-2026"
    assert result.stop is StopReason.COMPLETE
    assert result.usage == TokenUsage(input=50, cached=30, output=7)


@BOTH
async def test_the_messages_arrive_in_order_and_the_key_as_bearer(
    api: str, connect: Connect, request_: GenerationRequest, canary: str
) -> None:
    with ResponsesServer(_always(Reply(text="x"))) as server:
        await connect(base_url=server.base_url, api=api).generate_module(request_)
    (prompt,) = server.requests
    assert prompt.api == api
    assert prompt.instructions == "write code"
    assert prompt.turns == (
        ("user", "def f() -> int: ..."),
        ("assistant", "def f(): pass"),
        ("user", "line 1: a stub is left"),
    )
    assert prompt.headers["authorization"] == f"Bearer {canary}"


async def test_only_what_was_set_is_sent(connect: Connect, request_: GenerationRequest) -> None:
    with ResponsesServer(_always(Reply(text="x"))) as server:
        for api in ("responses", "chat"):
            await connect(base_url=server.base_url, api=api).generate_module(request_)
    assert set(server.requests[0].body) == {"model", "instructions", "input", "store"}
    assert server.requests[0].body["store"] is False
    assert set(server.requests[1].body) == {"model", "messages"}


async def test_parameters_are_sent_under_the_names_of_each_api(
    connect: Connect, request_: GenerationRequest
) -> None:
    parameters = {"temperature": 0.5, "reasoning_effort": "low", "max_output_tokens": 9}
    with ResponsesServer(_always(Reply(text="x"))) as server:
        for api in ("responses", "chat"):
            backend = connect(base_url=server.base_url, api=api, **parameters)
            await backend.generate_module(request_)
    responses, chat = (prompt.body for prompt in server.requests)
    assert responses["temperature"] == chat["temperature"] == 0.5
    assert responses["reasoning"] == {"effort": "low"}
    assert chat["reasoning_effort"] == "low"
    assert responses["max_output_tokens"] == chat["max_tokens"] == 9


@BOTH
@pytest.mark.parametrize(
    ("reply", "usage"),
    [
        (Reply(text="x", cached_tokens=None), TokenUsage(input=100, cached=0, output=20)),
        (Reply(text="x", usage=False), TokenUsage()),
    ],
)
async def test_missing_counts_are_zero(
    api: str, reply: Reply, usage: TokenUsage, connect: Connect, request_: GenerationRequest
) -> None:
    with ResponsesServer(_always(reply)) as server:
        result = await connect(base_url=server.base_url, api=api).generate_module(request_)
    assert result.usage == usage


@BOTH
@pytest.mark.parametrize(
    ("reply", "stop", "text"),
    [
        (Reply(refusal="I can not"), StopReason.REFUSED, "I can not"),
        (Reply(text="x =", incomplete="max_output_tokens"), StopReason.TRUNCATED, "x ="),
        (Reply(text="x =", incomplete="content_filter"), StopReason.REFUSED, "x ="),
        (Reply(text=""), StopReason.COMPLETE, ""),
    ],
)
async def test_why_the_model_stopped(
    api: str,
    reply: Reply,
    stop: StopReason,
    text: str,
    connect: Connect,
    request_: GenerationRequest,
) -> None:
    with ResponsesServer(_always(reply)) as server:
        result = await connect(base_url=server.base_url, api=api).generate_module(request_)
    assert (result.stop, result.text) == (stop, text)
    assert result.usage.input == 100


async def test_a_policy_error_is_a_refusal(connect: Connect, request_: GenerationRequest) -> None:
    reply = Reply(error="bio_policy", text="not this")
    with ResponsesServer(_always(reply)) as server:
        result = await connect(base_url=server.base_url).generate_module(request_)
    assert (result.stop, result.text) == (StopReason.REFUSED, "not this")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("server_error", FaultKind.SERVER),
        ("rate_limit_exceeded", FaultKind.RATE_LIMIT),
        ("invalid_prompt", FaultKind.REQUEST),
    ],
)
async def test_a_failed_answer_is_a_fault(
    code: str, kind: FaultKind, connect: Connect, request_: GenerationRequest
) -> None:
    with (
        ResponsesServer(_always(Reply(error=code, text="oh no"))) as server,
        pytest.raises(BackendError, match="oh no") as caught,
    ):
        await connect(base_url=server.base_url).generate_module(request_)
    assert caught.value.kind is kind


async def test_a_server_without_responses_is_asked_through_chat_for_the_rest_of_the_run(
    connect: Connect, request_: GenerationRequest
) -> None:
    with ResponsesServer(_always(Reply(text="x")), responses=False) as server:
        backend = connect(base_url=server.base_url)
        first = await asyncio.gather(*(backend.generate_module(request_) for _ in range(3)))
        second = await backend.generate_module(request_)
    assert {result.text for result in (*first, second)} == {"x"}
    assert [prompt.api for prompt in server.requests] == ["chat"] * 4


@pytest.mark.parametrize("status", [405, 501])
async def test_other_ways_to_say_that_a_route_is_missing(
    status: int, connect: Connect, request_: GenerationRequest
) -> None:
    def answer(prompt: Prompt) -> Reply | Fault:
        return fault(status) if prompt.api == "responses" else Reply(text="x")

    with ResponsesServer(answer) as server:
        backend = connect(base_url=server.base_url)
        for _ in range(2):
            assert (await backend.generate_module(request_)).text == "x"
    assert [prompt.api for prompt in server.requests] == ["responses", "chat", "chat"]


async def test_an_unknown_model_is_no_reason_to_change_the_api(
    connect: Connect, request_: GenerationRequest
) -> None:
    with (
        ResponsesServer(_always(fault(404, code="model_not_found"))) as server,
        pytest.raises(BackendError) as caught,
    ):
        await connect(base_url=server.base_url).generate_module(request_)
    assert caught.value.kind is FaultKind.REQUEST
    assert "`[llm] model` (gpt-test)" in str(caught.value.hint)
    assert len(server.requests) == 1


async def test_a_stray_404_after_an_answer_does_not_change_the_api(
    connect: Connect, request_: GenerationRequest
) -> None:
    replies = [Reply(text="x"), fault(404), Reply(text="y")]
    with ResponsesServer(lambda _: replies.pop(0)) as server:
        backend = connect(base_url=server.base_url)
        await backend.generate_module(request_)
        with pytest.raises(BackendError):
            await backend.generate_module(request_)
        assert (await backend.generate_module(request_)).text == "y"
    assert {prompt.api for prompt in server.requests} == {"responses"}


async def test_an_api_that_was_set_is_kept(connect: Connect, request_: GenerationRequest) -> None:
    with (
        ResponsesServer(_always(Reply(text="x")), responses=False) as server,
        pytest.raises(BackendError) as caught,
    ):
        await connect(base_url=server.base_url, api="responses").generate_module(request_)
    assert "usually ends in /v1" in str(caught.value.hint)
    assert server.requests == ()


async def test_no_key_is_needed_with_a_base_url(
    connect: Connect, request_: GenerationRequest
) -> None:
    with ResponsesServer(_always(Reply(text="x"))) as server:
        await connect(key=None, base_url=server.base_url).generate_module(request_)
    assert server.requests[0].headers["authorization"] == "Bearer no-key"


async def test_the_address_comes_from_the_environment_of_the_run(
    connect: Connect, request_: GenerationRequest
) -> None:
    with ResponsesServer(_always(Reply(text="x"))) as server:
        backend = connect(environ={"OPENAI_BASE_URL": server.base_url})
        await backend.generate_module(request_)
        settings_count_first = connect(
            environ={"OPENAI_BASE_URL": "http://127.0.0.1:1/v1"}, base_url=server.base_url
        )
        await settings_count_first.generate_module(request_)
    assert len(server.requests) == 2


async def test_variables_of_the_sdk_do_not_replace_ours(
    connect: Connect,
    request_: GenerationRequest,
    canary: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "other")
    monkeypatch.setenv("OPENAI_ADMIN_KEY", "other")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "Authorization: Bearer other")
    with ResponsesServer(_always(Reply(text="x"))) as server:
        await connect(base_url=server.base_url).generate_module(request_)
    assert server.requests[0].headers["authorization"] == f"Bearer {canary}"


@pytest.mark.parametrize(
    ("user", "key", "sent"), [("", None, True), ("me@", "sk-confirmed", True), ("me@", None, False)]
)
async def test_headers_of_the_environment_go_where_the_user_sends_them(
    user: str,
    key: str | None,
    sent: bool,
    connect: Connect,
    request_: GenerationRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With a user in it, the address is none that is known to lead to this machine."""
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "x-canary: in-a-header")
    monkeypatch.setenv("OPENAI_ORG_ID", "in-the-organization")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "in-the-project")
    with ResponsesServer(_always(Reply(text="x"))) as server:
        address = server.base_url.replace("://", f"://{user}")
        await connect(base_url=address, key=key).generate_module(request_)
    values = set(server.requests[0].headers.values())
    secrets = {"in-a-header", "in-the-organization", "in-the-project"}
    assert values & secrets == (secrets if sent else set())
    assert os.environ["OPENAI_ORG_ID"] == "in-the-organization"


async def test_calls_run_at_the_same_time(connect: Connect, request_: GenerationRequest) -> None:
    with ResponsesServer(_always(Reply(text="x", delay=0.3))) as server:
        backend = connect(base_url=server.base_url)
        await asyncio.gather(*(backend.generate_module(request_) for _ in range(5)))
    assert server.most_in_flight == 5
