"""The interpreter that reads, checks and tests a project, and the environment that it gets."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jaunt_core.backend.masking import Masker
from jaunt_core.config.key import ApiKey
from jaunt_core.config.loading import Project
from jaunt_core.errors import JauntConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreter:
    """An interpreter, and whether it is of the project's own environment.

    It is not where nothing but the interpreter that runs jaunt could be found.
    """

    path: Path
    is_own: bool


def project_interpreter(project: Project, environ: Mapping[str, str]) -> Interpreter:
    """The interpreter of the project.

    `[paths] python`, else the active virtual environment, else `.venv` in the project, else the
    interpreter that runs jaunt.

    Raises:
        JauntConfigError: `[paths] python` names no interpreter.
    """
    named = project.config.paths.python
    if named:
        path = project.root / _expanded(named)
        for candidate in (path, *(_inside(path))):
            if candidate.is_file() and os.access(candidate, os.X_OK):
                return Interpreter(path=candidate, is_own=True)
        raise JauntConfigError(
            f"{project.config_path}: [paths] python = {named!r} is no interpreter",
            hint="name a python executable or the folder of a virtual environment",
        )
    for folder in (environ.get("VIRTUAL_ENV"), str(project.root / ".venv")):
        for candidate in _inside(Path(folder)) if folder else ():
            if candidate.is_file():
                return Interpreter(path=candidate, is_own=True)
    return Interpreter(path=Path(sys.executable), is_own=False)


def _expanded(named: str) -> Path:
    try:
        return Path(named).expanduser()
    except RuntimeError:  # `~name` of nobody
        return Path(named)


def _inside(environment: Path) -> tuple[Path, ...]:
    return (environment / "bin" / "python", environment / "Scripts" / "python.exe")


def program_beside(interpreter: Interpreter, name: str) -> Path | None:
    """A program of the environment that an interpreter belongs to, None where it has none."""
    for candidate in (interpreter.path.parent / name, interpreter.path.parent / f"{name}.exe"):
        if candidate.is_file() and os.access(candidate, os.X_OK):
            return candidate
    return None


def child_environment(key: ApiKey, environ: Mapping[str, str]) -> dict[str, str]:
    """The environment for processes that run user code: without the key.

    Every variable that holds the key too is left out, under whatever name and in whatever form,
    also where the key itself stands in `.env`.
    """
    # Whoever pastes the key itself into `api_key_env` has it in the environment, too.
    pasted = None if key.variable.isidentifier() else key.variable
    masker = Masker([key.value, pasted])
    return {
        name: text
        for name, text in environ.items()
        if name != key.variable and text != (key.value or None) and not masker.finds(text)
    }
