"""The keys of `[llm]` that belong to this backend."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

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
