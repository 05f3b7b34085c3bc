"""The protocol between core and whatever turns a request into text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

from jaunt_core.model.generation import GenerationRequest, GenerationResult


@runtime_checkable
class GeneratorBackend(Protocol):
    """Turns one request into one answer.

    A backend writes no files, decides nothing about validity and retries nothing: core does.
    """

    @property
    def name(self) -> str:
        """The provider as the user selects it in `[llm] provider`."""
        ...

    @property
    def fingerprint(self) -> str:
        """What changes answers: provider, model, parameters; no versions, paths or keys.

        It is half of the key under which answers are stored, so it must be the same on every
        machine for the same configuration. Reading it makes no request.
        """
        ...

    async def generate_module(self, request: GenerationRequest) -> GenerationResult:
        """The answer to one request.

        Raises:
            BackendError: No answer came; its `kind` tells core whether to try again.
            JauntConfigError: The backend cannot be used as configured, e.g. without a key.
        """
        ...

    async def aclose(self) -> None:
        """Release connections and processes; called once, also after failures."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendSetup:
    """What core hands to a backend when something is generated for the first time.

    `settings` are the keys of `[llm]` that core does not know; the backend validates them and
    raises `JauntConfigError`. `api_key` is the value of the variable named by
    `[llm] api_key_env`, None where it is unset or empty. `environ` is the environment of this
    run. `root` is the project's folder, `config` the file that the settings stand in.
    """

    provider: str
    model: str
    settings: Mapping[str, object]
    api_key_env: str
    api_key: str | None = field(repr=False)
    environ: Mapping[str, str] = field(repr=False)
    root: Path
    config: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUse:
    """What a backend does with the key; it may say so in an attribute `key_use` of its own.

    Where the settings hold an address, the user has to confirm that the key may go there. It is
    not asked for where the key is not taken at all, nor for `default_addresses`, the servers of
    the provider itself.
    """

    is_taken: bool = True
    default_addresses: tuple[str, ...] = ()


BackendFactory = Callable[[BackendSetup], GeneratorBackend]
"""What an entry point in the group `jaunt.backends` loads."""
