"""The backend as core sees it; the SDK is imported with the first call."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from jaunt_backend_openai.redaction import public_address
from jaunt_backend_openai.settings import OpenAISettings, is_address
from jaunt_core.backend import (
    BackendSetup,
    GenerationRequest,
    GenerationResult,
    JauntConfigError,
    KeyUse,
    is_known_address,
    parse_settings,
)

if TYPE_CHECKING:
    from jaunt_backend_openai.endpoint import Endpoint

_DEFAULT_ADDRESS = "https://api.openai.com/v1"
_BASE_URL_VARIABLE = "OPENAI_BASE_URL"
# The SDK insists on a key; servers that need none ignore it.
_NO_KEY = "no-key"


def create_backend(setup: BackendSetup) -> OpenAIBackend:
    """Make a backend for the model and server that the settings name; nothing is sent yet.

    Raises:
        JauntConfigError: A setting is wrong. That a key is missing is said by the first request,
            since a run whose answers are all stored needs none.
    """
    settings = parse_settings(setup, OpenAISettings)
    if not setup.model:
        raise JauntConfigError(
            f"{setup.config}: `[llm] model` is empty",
            hint='name the model that is to be asked, e.g. `model = "gpt-5.2"`',
        )
    base_url = settings.base_url or _base_url_of(setup)
    return OpenAIBackend(
        provider=setup.provider,
        model=setup.model,
        settings=settings,
        server=_Server(
            address=base_url or _DEFAULT_ADDRESS,
            custom=bool(base_url),
            key=_key_of(setup),
            key_env=setup.api_key_env,
            config=setup.config,
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Server:
    """Where requests go, and the key that goes with them, empty where there is none."""

    address: str = field(repr=False)
    custom: bool
    key: str = field(repr=False)
    key_env: str
    config: Path

    def require_key(self, model: str) -> None:
        """Raise a `JauntConfigError` where a request would need a key and there is none."""
        if self.key or self.custom:
            return
        if not self.key_env.isidentifier():
            raise JauntConfigError(
                f"{self.config}: `[llm] api_key_env` names no environment variable",
                hint='write the name of the variable that holds the key, e.g. "OPENAI_API_KEY"',
            )
        raise JauntConfigError(
            f"no key for the model {model!r}: ${self.key_env} is not set",
            hint=f"set {self.key_env} to a key of OpenAI, in the environment or in the file .env "
            f"beside {self.config.name}; or set `[llm] base_url` in "
            f"{self.config} to an OpenAI-compatible server, for which no key is needed",
        )


class OpenAIBackend:
    """Asks one model on one server; made by `create_backend`."""

    key_use = KeyUse(default_addresses=(_DEFAULT_ADDRESS,))

    def __init__(
        self, *, provider: str, model: str, settings: OpenAISettings, server: _Server
    ) -> None:
        self._provider = provider
        self._model = model
        self._settings = settings
        self._server = server
        self._endpoint: Endpoint | None = None

    @property
    def name(self) -> str:
        """The provider as the user selects it in `[llm] provider`."""
        return self._provider

    @property
    def fingerprint(self) -> str:
        """Provider, model and the set parameters that change answers, as sorted JSON.

        The address and the API are the way to the model and not the model, so they do not
        count: an answer that was paid for is found again behind another gateway.
        """
        settings = self._settings
        parts = {
            "provider": self._provider,
            "model": self._model,
            "temperature": settings.temperature,
            "reasoning_effort": settings.reasoning_effort,
            "max_output_tokens": settings.max_output_tokens,
        }
        set_parts = {name: value for name, value in parts.items() if value is not None}
        return json.dumps(set_parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    async def generate_module(self, request: GenerationRequest) -> GenerationResult:
        """The model's answer to the messages of the request.

        Raises:
            BackendError: No answer came; its `kind` tells whether to try again.
            JauntConfigError: There is neither a key nor a `base_url`.
        """
        self._server.require_key(self._model)
        if self._endpoint is None:
            self._endpoint = self._connect()
        return await self._endpoint.ask(request.messages, most_output=request.max_output_tokens)

    async def aclose(self) -> None:
        """Close the connections, where there are any."""
        if self._endpoint is not None:
            await self._endpoint.aclose()

    def _connect(self) -> Endpoint:
        # Importing `openai` takes half a second and more: a run that asks nothing skips it.
        from jaunt_backend_openai.endpoint import Endpoint, make_client  # noqa: PLC0415
        from jaunt_backend_openai.faults import Route  # noqa: PLC0415

        server = self._server
        client = make_client(
            base_url=server.address,
            api_key=server.key or _NO_KEY,
            timeout=self._settings.timeout,
            takes_headers=self._takes_headers(),
        )
        route = Route(
            address=public_address(server.address),
            custom=server.custom,
            model=self._model,
            key_env=server.key_env if server.key else "",
            timeout=self._settings.timeout,
            secrets=(server.key,),
        )
        return Endpoint(client, settings=self._settings, route=route)

    def _takes_headers(self) -> bool:
        """Whether headers that the user's environment has for OpenAI may go to the server.

        It may hold a key. Core asks the user about an address in the settings only where the
        key itself would go there; where none does, nobody has confirmed anything.
        """
        named = self._settings.base_url
        return (
            not named
            or bool(self._server.key)
            or is_known_address(named, self.key_use.default_addresses)
        )


def _base_url_of(setup: BackendSetup) -> str:
    address = setup.environ.get(_BASE_URL_VARIABLE, "").strip()
    if address and not is_address(address):
        raise JauntConfigError(
            f"${_BASE_URL_VARIABLE} is no address that a request can be sent to",
            hint="it should start with http:// or https:// and name a host; "
            f"unset it, or set `[llm] base_url` in {setup.config}, which counts first",
        )
    return address


def _key_of(setup: BackendSetup) -> str:
    key = (setup.api_key or "").strip()
    # Whoever pastes the key itself into `api_key_env` must not find it in a log.
    variable = setup.api_key_env if setup.api_key_env.isidentifier() else ""
    if not (key.isascii() and key.isprintable() and " " not in key):
        raise JauntConfigError(
            f"the key in ${variable} cannot be sent: it holds spaces or characters outside ASCII",
            hint=f"set {variable} to the key alone, without quotes or line breaks",
        )
    return key
