from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from jaunt_backend_openai import OpenAIBackend, create_backend
from jaunt_core.backend import BackendSetup, GenerationRequest, Message
from jaunt_core.testing import sample_request

CANARY = "sk-canary-1234567890-abcdef"

SetupOf = Callable[..., BackendSetup]
Connect = Callable[..., OpenAIBackend]


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("OPENAI_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture
def canary() -> str:
    return CANARY


@pytest.fixture
def setup_of() -> SetupOf:
    def build(
        *,
        key: str | None = CANARY,
        model: str = "gpt-test",
        key_env: str = "MY_KEY",
        environ: dict[str, str] | None = None,
        **settings: object,
    ) -> BackendSetup:
        return BackendSetup(
            provider="openai",
            model=model,
            settings=settings,
            api_key_env=key_env,
            api_key=key,
            environ=environ or {},
            root=Path("/project"),
            config=Path("jaunt.toml"),
        )

    return build


@pytest.fixture
async def connect(setup_of: SetupOf) -> AsyncIterator[Connect]:
    backends: list[OpenAIBackend] = []

    def build(**settings: object) -> OpenAIBackend:
        backend = create_backend(setup_of(**settings))
        backends.append(backend)
        return backend

    yield build
    for backend in backends:
        await backend.aclose()


@pytest.fixture
def request_() -> GenerationRequest:
    return replace(
        sample_request(),
        messages=(
            Message(role="system", text="write code"),
            Message(role="user", text="def f() -> int: ..."),
            Message(role="assistant", text="def f(): pass"),
            Message(role="user", text="line 1: a stub is left"),
        ),
    )
