"""The keys of `[llm]` that belong to this backend, checked."""

from __future__ import annotations

import difflib

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import ErrorDetails

from jaunt_core.backend.protocol import BackendSetup
from jaunt_core.errors import JauntConfigError

_CORE_KEYS = ("provider", "model", "api_key_env")
_SHOWN = 200


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


def parse_settings(setup: BackendSetup) -> CommandSettings:
    """The settings that stand in the user's file.

    Raises:
        JauntConfigError: A key is missing or unknown, or a value is not of its kind; names
            file, key and remedy. The value of an unknown key is not repeated: it may be a
            secret.
    """
    try:
        return CommandSettings.model_validate(dict(setup.settings))
    except ValidationError as exc:
        problems = exc.errors(include_url=False, include_context=False)
    # A misspelt key makes another one missing, so it is told first.
    problems.sort(key=lambda problem: problem["type"] != "extra_forbidden")
    raise _config_error(problems[0], setup)


def _config_error(problem: ErrorDetails, setup: BackendSetup) -> JauntConfigError:
    key = str(problem["loc"][0])
    if problem["type"] == "extra_forbidden":
        return JauntConfigError(
            f"{setup.config}: `[llm] {key}` is no setting of provider {setup.provider!r}",
            hint=_nearest_key(key),
        )
    field = CommandSettings.model_fields[key]
    hint = f"write for example `{key} = {(field.examples or [''])[0]}`: {field.description}"
    if problem["type"] == "missing":
        return JauntConfigError(
            f"{setup.config}: `[llm] {key}` is missing, which provider {setup.provider!r} needs",
            hint=hint,
        )
    reason = problem["msg"].removeprefix("Value error, ")
    value = repr(setup.settings[key])
    value = value if len(value) <= _SHOWN else f"{value[:_SHOWN]} …"
    return JauntConfigError(
        f"{setup.config}: `[llm] {key}` = {value}: {reason[:1].lower()}{reason[1:]}", hint=hint
    )


def _nearest_key(key: str) -> str:
    valid = (*_CORE_KEYS, *CommandSettings.model_fields)
    near = difflib.get_close_matches(key, valid, n=1)
    known = "the keys of [llm] are " + ", ".join(valid)
    return f"did you mean `{near[0]}`? {known}" if near else known


__all__ = ["CommandSettings", "parse_settings"]
