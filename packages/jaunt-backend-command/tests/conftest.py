from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from jaunt_backend_command import create_backend
from jaunt_backend_command.backend import CommandBackend
from jaunt_core.backend import BackendSetup, GenerationRequest, Kind, Message
from jaunt_core.testing import sample_request

CANARY = "sk-canary-1234567890-abcdef"


@pytest.fixture
def canary() -> str:
    return CANARY


@pytest.fixture
def setup_of(tmp_path: Path) -> Callable[..., BackendSetup]:
    def build(
        *, environ: dict[str, str] | None = None, key: str | None = CANARY, **settings: object
    ) -> BackendSetup:
        return BackendSetup(
            provider="command",
            model="some-model",
            settings=settings,
            api_key_env="MY_KEY",
            api_key=key,
            environ={"PATH": os.environ["PATH"], **(environ or {})},
            root=tmp_path,
            config=Path("jaunt.toml"),
        )

    return build


@pytest.fixture
def program(setup_of: Callable[..., BackendSetup], tmp_path: Path) -> Callable[..., CommandBackend]:
    """A backend that runs a piece of Python."""

    def build(
        code: str, *, environ: dict[str, str] | None = None, **more: object
    ) -> CommandBackend:
        (tmp_path / "program.py").write_text(code)
        command = [sys.executable, "program.py"]
        return create_backend(setup_of(environ=environ, command=command, **more))

    return build


@pytest.fixture
def ask() -> Callable[..., GenerationRequest]:
    def build(
        *texts: str, kind: Kind = Kind.BUILD, module: str = "app", attempt: int = 1
    ) -> GenerationRequest:
        roles = ("system", "user", "assistant", "user")
        request = sample_request()
        return replace(
            request,
            context=replace(
                request.context,
                kind=kind,
                spec_module=module,
                generated_module=f"__generated__.{module}",
            ),
            messages=tuple(
                Message(role=role, text=text)
                for role, text in zip(roles, texts or ("rules", "task"), strict=False)
            ),
            attempt=attempt,
        )

    return build
