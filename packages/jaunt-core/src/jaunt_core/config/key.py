"""The key of the backend: from the environment, else from `.env` in the project's folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from jaunt_core.config.dotenv import DOTENV, DotenvError, find_in_dotenv
from jaunt_core.config.loading import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """The value of the variable that `[llm] api_key_env` names, None where it is not set.

    `problem` says why `.env` could not be asked for it.
    """

    variable: str
    value: str | None = field(default=None, repr=False)
    problem: str = ""


def find_key(project: Project, environ: Mapping[str, str]) -> ApiKey:
    """The key for a project; `.env` is read only where the environment has none."""
    return environment_key(project, environ) or dotenv_key(project)


def environment_key(project: Project, environ: Mapping[str, str]) -> ApiKey | None:
    """The key in the environment, None where there is none or it is empty."""
    variable = project.config.llm.api_key_env
    value = environ.get(variable)
    return ApiKey(variable=variable, value=value) if value else None


def dotenv_key(project: Project) -> ApiKey:
    """The key in `.env`, as far as it can be read there."""
    variable = project.config.llm.api_key_env
    try:
        return ApiKey(variable=variable, value=find_in_dotenv(project.root / DOTENV, variable))
    except DotenvError as error:
        return ApiKey(variable=variable, problem=str(error))
