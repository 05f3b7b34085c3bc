from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import entry_points

import pytest

import jaunt_backend_openai
from jaunt_backend_openai import create_backend
from jaunt_core.backend import BackendSetup, GenerationRequest, GeneratorBackend, JauntConfigError

SetupOf = Callable[..., BackendSetup]


def test_public_names() -> None:
    assert jaunt_backend_openai.__all__ == ["OpenAIBackend", "OpenAISettings", "create_backend"]


def test_the_entry_point_makes_a_backend(setup_of: SetupOf) -> None:
    (point,) = entry_points(group="jaunt.backends", name="openai")
    backend = point.load()(setup_of())
    assert isinstance(backend, GeneratorBackend)
    assert backend.name == "openai"


def test_the_fingerprint_has_what_changes_answers(setup_of: SetupOf) -> None:
    plain = create_backend(setup_of()).fingerprint
    assert plain == '{"model":"gpt-test","provider":"openai"}'
    same = setup_of(
        key="other", base_url="http://localhost:1/v1", timeout=3, api="chat", key_env="OTHER"
    )
    assert create_backend(same).fingerprint == plain
    full = setup_of(temperature=0, reasoning_effort="high", max_output_tokens=5)
    fingerprint = create_backend(full).fingerprint
    assert json.loads(fingerprint) == {
        "model": "gpt-test",
        "provider": "openai",
        "temperature": 0.0,
        "reasoning_effort": "high",
        "max_output_tokens": 5,
    }
    assert list(json.loads(fingerprint)) == sorted(json.loads(fingerprint))


def test_the_sdk_is_not_imported_before_the_first_call() -> None:
    code = """
import sys
from pathlib import Path
from jaunt_backend_openai import create_backend
from jaunt_core.backend import BackendSetup
backend = create_backend(BackendSetup(provider="openai", model="m", settings={}, api_key="k",
    api_key_env="K", environ={}, root=Path("."), config=Path("jaunt.toml")))
backend.fingerprint, backend.name
import jaunt_backend_openai.testing
assert "openai" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


async def test_closing_before_the_first_call(setup_of: SetupOf) -> None:
    await create_backend(setup_of()).aclose()


@pytest.mark.parametrize(
    ("settings", "message", "hint"),
    [
        ({"bas_url": "x"}, "`[llm] bas_url` is no setting of provider 'openai'", "`base_url`?"),
        ({"modle": "x"}, "`[llm] modle` is no setting", "did you mean `model`?"),
        ({"command": ["x"]}, "`[llm] command` is no setting", "the keys of [llm] are provider"),
        ({"timeout": "5"}, "`[llm] timeout` = '5': input should be a valid number", "`timeout ="),
        ({"timeout": 0}, "`[llm] timeout` = 0: input should be greater than 0", "120"),
        ({"timeout": True}, "`[llm] timeout` = True", "seconds"),
        ({"timeout": float("nan")}, "`[llm] timeout` = nan", "seconds"),
        ({"api": "chats"}, "`[llm] api` = 'chats': input should be 'auto'", "auto, responses"),
        ({"base_url": "localhost:80"}, "starts with http:// or https://", "http://localhost"),
        ({"base_url": "http://h:port"}, "starts with http:// or https://", "http://localhost"),
        ({"max_output_tokens": 0}, "`[llm] max_output_tokens` = 0", "16000"),
        ({"temperature": -1}, "`[llm] temperature` = -1", "0.2"),
    ],
)
def test_wrong_settings(
    settings: dict[str, object], message: str, hint: str, setup_of: SetupOf
) -> None:
    with pytest.raises(JauntConfigError) as caught:
        create_backend(setup_of(**settings))
    assert str(caught.value).startswith("jaunt.toml: ")
    assert message in str(caught.value)
    assert hint in str(caught.value.hint)


async def test_a_key_in_the_file_is_not_repeated(
    setup_of: SetupOf, canary: str, request_: GenerationRequest
) -> None:
    with pytest.raises(JauntConfigError) as caught:
        create_backend(setup_of(api_key=canary))
    assert canary not in str(caught.value)
    assert "`api_key_env`" in str(caught.value)
    with pytest.raises(JauntConfigError) as caught:
        create_backend(setup_of(base_url=canary))
    assert canary not in str(caught.value)
    with pytest.raises(JauntConfigError) as caught:
        await create_backend(setup_of(key=None, key_env=canary)).generate_module(request_)
    assert canary not in str(caught.value)


async def test_neither_key_nor_address(setup_of: SetupOf, request_: GenerationRequest) -> None:
    backend = create_backend(setup_of(key=None))
    with pytest.raises(JauntConfigError) as caught:
        await backend.generate_module(request_)
    assert "$MY_KEY is not set" in str(caught.value)
    assert "base_url" in str(caught.value.hint)


@pytest.mark.parametrize("key", ["two words", "schlüssel", "a\nb"])
def test_a_key_that_can_not_be_sent(key: str, setup_of: SetupOf) -> None:
    with pytest.raises(JauntConfigError, match=r"\$MY_KEY cannot be sent") as caught:
        create_backend(setup_of(key=key))
    assert key not in str(caught.value)


def test_a_wrong_address_in_the_environment(setup_of: SetupOf) -> None:
    with pytest.raises(JauntConfigError, match=r"\$OPENAI_BASE_URL is no address"):
        create_backend(setup_of(environ={"OPENAI_BASE_URL": "localhost"}))


def test_no_model(setup_of: SetupOf) -> None:
    with pytest.raises(JauntConfigError, match="model"):
        create_backend(setup_of(model=""))
