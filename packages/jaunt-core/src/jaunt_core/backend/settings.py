"""The keys of `[llm]` that belong to a backend, checked by its own model."""

from __future__ import annotations

import difflib
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from jaunt_core.backend.protocol import BackendSetup
from jaunt_core.errors import JauntConfigError

Settings = TypeVar("Settings", bound=BaseModel)

_CORE_KEYS = ("provider", "model", "api_key_env")
_SHOWN = 200


def parse_settings(setup: BackendSetup, model: type[Settings]) -> Settings:
    """The settings that stand in the user's file, as the backend's model.

    The description and the first example of a field make the hint of an error about it. The
    model should forbid extra keys.

    Raises:
        JauntConfigError: A key is missing or unknown, or a value is not of its kind; names
            file, key and remedy. The value of an unknown key is not repeated: it may be a
            secret.
    """
    try:
        return model.model_validate(dict(setup.settings))
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False)
    # A misspelt key makes another one missing, so it is told first.
    problems.sort(key=lambda problem: problem["type"] != "extra_forbidden")
    raise _config_error(problems[0], setup, model)


def _config_error(
    problem: ErrorDetails, setup: BackendSetup, model: type[BaseModel]
) -> JauntConfigError:
    key = str(problem["loc"][0])
    if problem["type"] == "extra_forbidden":
        return JauntConfigError(
            f"{setup.config}: `[llm] {key}` is no setting of provider {setup.provider!r}",
            hint=_nearest_key(key, model),
        )
    field = model.model_fields[key]
    hint = f"write for example `{key} = {(field.examples or [''])[0]}`: {field.description}"
    if problem["type"] == "missing":
        return JauntConfigError(
            f"{setup.config}: `[llm] {key}` is missing, which provider {setup.provider!r} needs",
            hint=hint,
        )
    reason = problem["msg"].removeprefix("Value error, ")
    return JauntConfigError(
        f"{setup.config}: `[llm] {key}` = {_shown_value(setup, key)}: "
        f"{reason[:1].lower()}{reason[1:]}",
        hint=hint,
    )


def _shown_value(setup: BackendSetup, key: str) -> str:
    value = repr(setup.settings[key])
    if setup.api_key and setup.api_key in value:
        return "(it holds the key)"
    return value if len(value) <= _SHOWN else f"{value[:_SHOWN]} …"


def _nearest_key(key: str, model: type[BaseModel]) -> str:
    if key == "api_key":
        return (
            "set the variable that `api_key_env` names and remove the key from the file: "
            "keys do not belong there"
        )
    valid = (*_CORE_KEYS, *model.model_fields)
    near = difflib.get_close_matches(key, valid, n=1)
    known = "the keys of [llm] are " + ", ".join(valid)
    return f"did you mean `{near[0]}`? {known}" if near else known
