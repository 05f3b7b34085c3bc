from __future__ import annotations

import gzip
import json
import logging
import socket
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime

import openai
import pytest

from jaunt_backend_openai import OpenAIBackend
from jaunt_backend_openai.faults import TRANSLATIONS
from jaunt_backend_openai.retry_after import parse_retry_after
from jaunt_backend_openai.testing import Fault, Reply, ResponsesServer, fault
from jaunt_core.backend import BackendError, FaultKind, GenerationRequest

Connect = Callable[..., OpenAIBackend]


async def _fault_of(
    reply: Fault | Reply, connect: Connect, request: GenerationRequest, **settings: object
) -> BackendError:
    with ResponsesServer(lambda _: reply) as server, pytest.raises(BackendError) as caught:
        await connect(base_url=server.base_url, **settings).generate_module(request)
    assert len(server.requests) == 1, "a backend retries nothing"
    error = caught.value
    assert error.__cause__ is None
    assert error.__context__ is None
    return error


def test_every_exception_that_the_sdk_exports_is_mapped() -> None:
    exported = {
        value
        for name in {*dir(openai), *openai.__all__}
        if not name.startswith("_")
        and isinstance(value := getattr(openai, name), type)
        and issubclass(value, BaseException)
    }
    assert len(exported) >= 20
    missing = {cls.__name__ for cls in exported - set(TRANSLATIONS)}
    assert not missing, f"say in faults.TRANSLATIONS what these mean: {sorted(missing)}"


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "invalid_value", FaultKind.REQUEST),
        (401, "invalid_api_key", FaultKind.AUTHENTICATION),
        (402, None, FaultKind.QUOTA),
        (403, None, FaultKind.AUTHENTICATION),
        (408, None, FaultKind.TIMEOUT),
        (409, None, FaultKind.SERVER),
        (413, None, FaultKind.REQUEST),
        (422, None, FaultKind.REQUEST),
        (429, "rate_limit_exceeded", FaultKind.RATE_LIMIT),
        (429, "insufficient_quota", FaultKind.QUOTA),
        (500, None, FaultKind.SERVER),
        (502, None, FaultKind.SERVER),
        (503, None, FaultKind.SERVER),
        (504, None, FaultKind.TIMEOUT),
        (529, None, FaultKind.SERVER),
    ],
)
@pytest.mark.parametrize("api", ["responses", "chat"])
async def test_statuses(
    status: int,
    code: str | None,
    kind: FaultKind,
    api: str,
    connect: Connect,
    request_: GenerationRequest,
) -> None:
    error = await _fault_of(
        fault(status, code=code, message="what the server says"), connect, request_, api=api
    )
    assert error.kind is kind
    assert str(status) in str(error)
    assert code is None or code in str(error)
    assert ("what the server says" in str(error)) == (status != 401)


async def test_a_refused_key_names_its_variable(
    connect: Connect, request_: GenerationRequest
) -> None:
    error = await _fault_of(fault(401), connect, request_)
    assert "refused the key in $MY_KEY" in str(error)
    error = await _fault_of(fault(401), connect, request_, key=None)
    assert "wants a key" in str(error)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "9", "retry-after-ms": "1500"}, 1.5),
        ({"Retry-After": "Mon, 01 Jan 2001 00:00:00 GMT"}, 0.0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"}, None),
        ({"Retry-After": "Mon, 01 Jan 2035 00:00:00 +99999999999999"}, None),
        ({}, None),
    ],
)
async def test_how_long_to_wait(
    headers: dict[str, str],
    seconds: float | None,
    connect: Connect,
    request_: GenerationRequest,
) -> None:
    for status in (429, 503):
        error = await _fault_of(fault(status, headers=headers), connect, request_)
        assert error.retry_after == seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Wed, 21 Oct 2026 07:28:30 GMT", 30.0),
        ("Wed, 21 Oct 2026 07:28:30 -0000", 30.0),
        ("nan", None),
        ("inf", None),
        ("-3", 0.0),
    ],
)
def test_forms_of_retry_after(text: str, seconds: float | None) -> None:
    now = datetime(2026, 10, 21, 7, 28, 0, tzinfo=UTC)
    assert parse_retry_after({"retry-after": text}, now) == seconds


@pytest.mark.parametrize("api", ["responses", "chat"])
@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (Fault(body=b"<!doctype html><p>hello", content_type="text/html"), "<!doctype html>"),
        (Fault(body=b'{"id": "x", "outp'), "not whole JSON"),
        (Fault(body=b""), "not whole JSON"),
        (Fault(body=b'{"id": "\xff\xfe"}'), "not whole JSON"),
        (Fault(body=b"[]"), "another form"),
        (Fault(body=b'"text"'), "text instead of JSON"),
        (Fault(body=b"{}"), "an answer without"),
        (Fault(body=b'{"output": null, "choices": []}'), "an answer without"),
        (Fault(body=b"[" * 200_000), "cannot be read (RecursionError)"),
        (Fault(body=b'{"id": ' + b"9" * 5_000 + b"}"), "cannot be read (ValueError)"),
    ],
)
async def test_answers_that_are_none(
    reply: Fault, says: str, api: str, connect: Connect, request_: GenerationRequest
) -> None:
    error = await _fault_of(reply, connect, request_, api=api)
    assert error.kind is FaultKind.RESPONSE
    assert says in str(error)


@pytest.mark.parametrize("odd", [["a"], {"a": 1}, 7, None, True])
@pytest.mark.parametrize("status", [400, 403, 404, 429, 500])
async def test_an_error_whose_words_are_none(
    odd: object, status: int, connect: Connect, request_: GenerationRequest
) -> None:
    body = json.dumps({"error": {"type": odd, "code": odd, "message": odd}}).encode()
    error = await _fault_of(Fault(status=status, body=body), connect, request_, api="chat")
    assert str(status) in str(error)
    assert error.kind is not FaultKind.RESPONSE


@pytest.mark.parametrize("status", ["queued", "in_progress", "cancelled"])
async def test_an_unfinished_answer_is_none(
    status: str, connect: Connect, request_: GenerationRequest
) -> None:
    body = json.dumps({"object": "response", "status": status, "output": []}).encode()
    error = await _fault_of(Fault(body=body), connect, request_)
    assert error.kind is FaultKind.RESPONSE


@pytest.mark.parametrize(
    "reply", [Fault(hang_up="at once"), Fault(body=b"{}" * 90, hang_up="mid-body")]
)
async def test_a_connection_that_breaks(
    reply: Fault, connect: Connect, request_: GenerationRequest
) -> None:
    error = await _fault_of(reply, connect, request_)
    assert error.kind is FaultKind.CONNECTION


async def test_a_body_that_can_not_be_unpacked(
    connect: Connect, request_: GenerationRequest
) -> None:
    body = gzip.compress(b"{}")[:-9] + b"garbage"
    reply = Fault(body=body, headers={"Content-Encoding": "gzip"})
    error = await _fault_of(reply, connect, request_)
    assert error.kind.retryable


async def test_nobody_listens(connect: Connect, request_: GenerationRequest) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(BackendError) as caught:
        await connect(base_url=f"http://127.0.0.1:{port}/v1").generate_module(request_)
    assert caught.value.kind is FaultKind.CONNECTION
    assert "check that the server runs" in str(caught.value)
    assert "Connection error." not in str(caught.value)


async def test_a_hang_ends_at_the_time_limit(connect: Connect, request_: GenerationRequest) -> None:
    connect(base_url="http://127.0.0.1:1/v1")
    begin = time.monotonic()
    error = await _fault_of(Reply(text="x", delay=60), connect, request_, timeout=0.5)
    assert error.kind is FaultKind.TIMEOUT
    assert "within 0.5 s" in str(error)
    assert time.monotonic() - begin < 10


async def test_bytes_that_drip_do_not_extend_the_time_limit(
    connect: Connect, request_: GenerationRequest
) -> None:
    reply = Fault(body=b" " * 600 + b"{}", drip=0.02)
    begin = time.monotonic()
    error = await _fault_of(reply, connect, request_, timeout=0.6)
    assert error.kind is FaultKind.TIMEOUT
    assert time.monotonic() - begin < 8


async def test_redirects_are_not_followed(connect: Connect, request_: GenerationRequest) -> None:
    with ResponsesServer(lambda _: Reply(text="x")) as other:
        reply = fault(307, headers={"Location": f"{other.base_url}/responses"})
        error = await _fault_of(reply, connect, request_)
    assert error.kind is FaultKind.REQUEST
    assert "redirects" in str(error.hint)
    assert other.requests == ()


async def test_a_long_body_is_cut(connect: Connect, request_: GenerationRequest) -> None:
    reply = Fault(status=500, body=b"a\nb " * 50_000, content_type="text/plain")
    error = await _fault_of(reply, connect, request_)
    assert "a b a b" in str(error)
    assert len(str(error)) < 600


async def test_the_key_is_in_no_error_log_or_repr(
    connect: Connect,
    request_: GenerationRequest,
    canary: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    echo = f"Incorrect key {canary} (Bearer {canary}), {canary[:9]}***{canary[-4:]}"
    replies: list[Fault] = [fault(status, code=canary, message=echo) for status in (400, 401, 403)]
    replies += [fault(status, message=" " * 290 + echo) for status in (404, 429, 500)]
    replies += [
        Fault(status=500, body=echo.encode(), content_type="text/plain"),
        Fault(body=echo.encode(), content_type="text/html"),
        Fault(body=json.dumps([echo]).encode()),
        Fault(body=echo.encode()),
        Fault(body=b"{}", hang_up="at once"),
    ]
    seen: list[str] = []
    for reply in replies:
        with ResponsesServer(lambda _, reply=reply: reply) as server:
            backend = connect(base_url=server.base_url, api="responses")
            with pytest.raises(BackendError) as caught:
                await backend.generate_module(request_)
        seen += ["".join(traceback.format_exception(caught.value)), repr(caught.value)]
        seen += [repr(backend), repr(vars(backend)), backend.fingerprint]
    everything = "\n".join([*seen, caplog.text, *capfd.readouterr()])
    assert canary not in everything
    assert canary[:9] not in everything


async def test_credentials_in_the_address_are_not_shown(
    connect: Connect, request_: GenerationRequest
) -> None:
    backend = connect(base_url="http://me:hush@127.0.0.1:1/v1?token=hush")
    with pytest.raises(BackendError) as caught:
        await backend.generate_module(request_)
    assert "hush" not in str(caught.value)
    assert "http://127.0.0.1:1/v1" in str(caught.value)
    assert "hush" not in repr(vars(backend)["_server"])
