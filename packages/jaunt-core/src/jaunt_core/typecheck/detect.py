"""Find the type checker that the project has installed, and its settings."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from jaunt_core.config.loading import Project
from jaunt_core.config.reading import read_regular
from jaunt_core.errors import JauntConfigError
from jaunt_core.model.typecheck import Checker
from jaunt_core.project.interpreter import Interpreter, program_beside

_SETTINGS_FILES = {
    Checker.TY: ("ty.toml",),
    Checker.MYPY: ("mypy.ini", ".mypy.ini"),
    Checker.PYRIGHT: ("pyrightconfig.json",),
}
_IN_SETUP_CFG = re.compile(r"^\[mypy\]", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledChecker:
    """A type checker of the project.

    `settings` is the file that holds its settings, None where no file does; `top` is the folder
    up to which files may matter to it: the repository's, or the project's own.
    """

    checker: Checker
    program: Path
    settings: Path | None
    top: Path


def find_checker(project: Project, interpreter: Interpreter) -> InstalledChecker | None:
    """The type checker that `[build] type_check` asks for, None where there is none.

    Raises:
        JauntConfigError: It names one that the project's environment does not have.
    """
    wanted = project.config.build.type_check
    if wanted == "off" or (wanted == "auto" and not interpreter.is_own):
        return None
    top = _repository_around(project.root)
    if wanted == "auto":
        installed = [*_find_installed(Checker, interpreter, project.root, top)]
        configured = [checker for checker in installed if checker.settings is not None]
        return next(iter([*configured, *installed]), None)
    installed = [*_find_installed([Checker(wanted)], interpreter, project.root, top)]
    if not installed:
        raise JauntConfigError(
            f"{project.config_path}: [build] type_check = {wanted!r}, and the environment of "
            f"{interpreter.path} has no {wanted}",
            hint=f"add it to the project: uv add --dev {wanted}",
        )
    return installed[0]


def _find_installed(
    checkers: Iterable[Checker], interpreter: Interpreter, root: Path, top: Path
) -> Iterator[InstalledChecker]:
    for checker in checkers:
        program = program_beside(interpreter, checker)
        if program is not None:
            settings = _settings_of(checker, root, top)
            yield InstalledChecker(checker=checker, program=program, settings=settings, top=top)


def _repository_around(root: Path) -> Path:
    """The nearest folder that holds a repository, else the project's own."""
    return next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), root)


def _settings_of(checker: Checker, root: Path, top: Path) -> Path | None:
    """The nearest file with settings of a checker, from the project's folder upwards."""
    folder = root
    while True:
        for name in _SETTINGS_FILES[checker]:
            if (folder / name).is_file():
                return folder / name
        if _is_in_pyproject(checker, folder / "pyproject.toml"):
            return folder / "pyproject.toml"
        if checker is Checker.MYPY and _IN_SETUP_CFG.search(_text_of(folder / "setup.cfg")):
            return folder / "setup.cfg"
        if folder == top:
            return None
        folder = folder.parent


def _is_in_pyproject(checker: Checker, path: Path) -> bool:
    try:
        tools = tomllib.loads(_text_of(path)).get("tool")
    except (ValueError, RecursionError):  # the checker itself reports it
        return False
    return isinstance(tools, dict) and checker.value in tools


def _text_of(path: Path) -> str:
    try:
        return read_regular(path).decode("utf-8", "replace")
    except OSError:
        return ""
