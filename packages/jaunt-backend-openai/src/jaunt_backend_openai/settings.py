"""The keys of `[llm]` that belong to this backend, checked."""

from __future__ import annotations

import difflib
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import ErrorDetails

from jaunt_backend_openai.redaction import shown
from jaunt_core.backend.protocol import BackendSetup
from jaunt_core.errors import JauntConfigError

_CORE_KEYS = ("provider", "model", "api_key_env")
_BASE_URL_FORM = "should be an address that starts with http:// or https:// and names a host"


class OpenAISettings(BaseModel):
    """What a user may write in `[llm]` besides provider, model and api_key_env."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

    base_url: str = Field(
        default="",
        description="the address of an OpenAI-compatible server",
        examples=['"http://localhost:11434/v1"'],
    )
    timeout: float = Field(
        default=120,
        gt=0,
        description="the seconds that one call may take in total",
        examples=["120"],
    )
    api: Literal["auto", "responses", "chat"] = Field(
        default="auto",
        description="the API that the server speaks: auto, responses or chat",
        examples=['"auto"'],
    )
    temperature: float | None = Field(
        default=None,
        ge=0,
        description="the sampling temperature, left to the model where it is not set",
        examples=["0.2"],
    )
    reasoning_effort: str | None = Field(
        default=None,
        min_length=1,
        description="how long a reasoning model thinks, in the words of the model's provider",
        examples=['"medium"'],
    )
    max_output_tokens: int | None = Field(
        default=None,
        ge=1,
        description="the most tokens that one answer may have",
        examples=["16000"],
    )

    @field_validator("base_url")
    @classmethod
    def _check_base_url(cls, value: str) -> str:
        """The address without surrounding space, empty where it is not set."""
        address = value.strip()
        if address and not is_address(address):
            raise ValueError(_BASE_URL_FORM)
        return address


def is_address(text: str) -> bool:
    """Whether a request can be sent to `text`: http or https, a host, a port that is a number."""
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def parse_settings(setup: BackendSetup) -> OpenAISettings:
    """The settings that stand in the user's file.

    Raises:
        JauntConfigError: A key is unknown or a value is not of its kind; names file, key and
            remedy. The value of an unknown key is not repeated: it may be a secret.
    """
    try:
        return OpenAISettings.model_validate(dict(setup.settings))
    except ValidationError as exc:
        problems = exc.errors(include_url=False, include_context=False)
    # An unknown key is often the cause of the other problems, so it is told first.
    problems.sort(key=lambda problem: problem["type"] != "extra_forbidden")
    raise _config_error(problems[0], setup)


def _config_error(problem: ErrorDetails, setup: BackendSetup) -> JauntConfigError:
    key = str(problem["loc"][0])
    if problem["type"] == "extra_forbidden":
        return JauntConfigError(
            f"{setup.config}: `[llm] {key}` is no setting of provider {setup.provider!r}",
            hint=_nearest_key(key),
        )
    field = OpenAISettings.model_fields[key]
    reason = problem["msg"].removeprefix("Value error, ")
    value = shown(repr(problem["input"]), secrets=(setup.api_key or "",))
    example = (field.examples or [""])[0]
    return JauntConfigError(
        f"{setup.config}: `[llm] {key}` = {value}: {reason[:1].lower()}{reason[1:]}",
        hint=f"write for example `{key} = {example}`: {field.description}",
    )


def _nearest_key(key: str) -> str:
    valid = (*_CORE_KEYS, *OpenAISettings.model_fields)
    if key == "api_key":
        return (
            "set the variable that `api_key_env` names and remove the key from the file: "
            "keys do not belong there"
        )
    near = difflib.get_close_matches(key, valid, n=1)
    known = "the keys of [llm] are " + ", ".join(valid)
    return f"did you mean `{near[0]}`? {known}" if near else known


__all__ = ["OpenAISettings", "is_address", "parse_settings"]
