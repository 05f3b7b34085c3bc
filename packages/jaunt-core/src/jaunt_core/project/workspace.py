"""A project together with the environment of a run, and what follows from both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from jaunt_core.config.key import ApiKey, dotenv_key, environment_key
from jaunt_core.config.loading import Project
from jaunt_core.config.models import Config
from jaunt_core.project.interpreter import Interpreter, child_environment, project_interpreter
from jaunt_core.project.roots import Roots, find_roots


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """One project in one run; whatever is asked of it is found out once.

    Attributes:
        project: The project.
        environ: The environment of the run, which may hold the key.
    """

    project: Project
    environ: Mapping[str, str] = field(repr=False)

    @property
    def root(self) -> Path:
        """The folder of the project, links resolved."""
        return self.project.root

    @property
    def config(self) -> Config:
        """The configuration of the project."""
        return self.project.config

    @cached_property
    def roots(self) -> Roots:
        """The folders that hold specs.

        Raises:
            JauntConfigError: A root that was named does not exist, or none exists at all.
        """
        return find_roots(self.project)

    @cached_property
    def interpreter(self) -> Interpreter:
        """The interpreter that reads, checks and tests the project.

        Raises:
            JauntConfigError: `[paths] python` names no interpreter.
        """
        return project_interpreter(self.project, self.environ)

    @cached_property
    def dotenv_key(self) -> ApiKey:
        """The key in `.env`, whether or not the environment has one."""
        return dotenv_key(self.project)

    @cached_property
    def key(self) -> ApiKey:
        """The key of the backend; `.env` is read only where the environment has none."""
        return environment_key(self.project, self.environ) or self.dotenv_key

    @cached_property
    def child_environ(self) -> Mapping[str, str]:
        """The environment for processes that run user code: without the key."""
        return child_environment(self.key, self.environ)
