"""The keys of `[llm]` that belong to this backend, checked."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, field_validator


class CommandSettings(BaseModel):
    """What a user may write in `[llm]` besides provider, model and api_key_env."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

    command: list[str] = Field(
        min_length=1,
        description="the program and its arguments, each a string of its own",
        examples=['["program", "argument"]'],
    )
    timeout: float = Field(
        default=600,
        gt=0,
        description="the seconds that one answer may take",
        examples=["600"],
    )

    @field_validator("command")
    @classmethod
    def _check_command(cls, value: list[str]) -> list[str]:
        if value and not value[0].strip():
            raise ValueError("the program has no name")
        if any("\0" in part for part in value):
            raise ValueError("an argument holds a null byte")
        return value
