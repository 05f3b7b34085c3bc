from __future__ import annotations

import urllib.error
import urllib.request

import pytest

from jaunt_backend_openai.testing import Prompt, Reply, ResponsesServer


def _post(url: str, body: bytes) -> int:
    request = urllib.request.Request(url, data=body, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_other_routes_are_not_found() -> None:
    with ResponsesServer(lambda _: Reply()) as server:
        assert _post(f"{server.base_url}/models", b"{}") == 404
        assert server.requests == ()


def test_a_failed_assertion_in_the_answer_fails_the_test() -> None:
    def answer(prompt: Prompt) -> Reply:
        raise AssertionError(f"unexpected model {prompt.model}")

    with pytest.raises(AssertionError, match="unexpected model m"), ResponsesServer(answer) as s:
        assert _post(f"{s.base_url}/responses", b'{"model": "m", "input": "hello"}') == 500


def test_the_prompt_is_read_from_every_form_of_input() -> None:
    with ResponsesServer(lambda _: Reply()) as server:
        _post(f"{server.base_url}/responses", b'{"input": "hello"}')
        _post(
            f"{server.base_url}/responses",
            b'{"instructions": "be good", "input": [{"role": "developer", "content": "short"},'
            b' {"role": "user", "content": [{"type": "input_text", "text": "hi"}]}]}',
        )
    assert server.requests[0].text == "hello"
    assert server.requests[1].instructions == "be good\n\nshort"
    assert server.requests[1].turns == (("user", "hi"),)
