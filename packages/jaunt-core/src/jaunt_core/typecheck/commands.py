"""The command lines that make each type checker check some modules and print readably."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jaunt_core.model.typecheck import Checker
from jaunt_core.typecheck.detect import InstalledChecker

_DERIVED = "pyrightconfig.jaunt.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A module to check, and its file."""

    module: str
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckerCommand:
    """A command line, and the environment variables that it needs besides."""

    arguments: tuple[str, ...]
    variables: Mapping[str, str]


def checker_command(
    installed: InstalledChecker,
    targets: Sequence[Target],
    *,
    python: Path,
    folder: Path,
    prefix: Sequence[Path],
    cache: Path,
    environ: Mapping[str, str],
) -> CheckerCommand:
    """The command that checks `targets`, none of which the settings leave out.

    Args:
        installed: The checker.
        targets: The modules to check.
        python: The interpreter in whose environment it finds packages.
        folder: Where it runs: the folder of its settings, where it has any.
        prefix: The folders that the project imports from.
        cache: A folder for its cache.
        environ: The environment that it will run in.
    """
    program = str(installed.program)
    match installed.checker:
        case Checker.TY:
            return _ty(program, targets, python, prefix)
        case Checker.MYPY:
            return _mypy(program, targets, python, prefix, cache, environ)
        case Checker.PYRIGHT:
            _derive_settings(installed, targets, folder)
            return _pyright(program, python, prefix, folder, environ)


def _ty(
    program: str, targets: Sequence[Target], python: Path, prefix: Sequence[Path]
) -> CheckerCommand:
    arguments = [program, "check", "--output-format", "gitlab", "--no-progress"]
    arguments += ["--force-exclude"]  # the settings decide, also about files that are named
    arguments += ["--python", str(python)]
    for path in prefix:
        arguments += ["--extra-search-path", str(path)]
    arguments += ["--", *(str(target.path) for target in targets)]
    return CheckerCommand(arguments=tuple(arguments), variables={})


def _mypy(
    program: str,
    targets: Sequence[Target],
    python: Path,
    prefix: Sequence[Path],
    cache: Path,
    environ: Mapping[str, str],
) -> CheckerCommand:
    arguments = [
        program,
        "--output",
        "json",
        "--no-error-summary",
        "--python-executable",
        str(python),
    ]
    arguments += ["--cache-dir", str(cache)]
    for target in targets:  # by name: a file may be below several roots
        arguments += ["-m", target.module]
    return CheckerCommand(
        arguments=tuple(arguments), variables=_with_paths("MYPYPATH", prefix, environ)
    )


def _pyright(
    program: str,
    python: Path,
    prefix: Sequence[Path],
    folder: Path,
    environ: Mapping[str, str],
) -> CheckerCommand:
    arguments = (program, "--outputjson", "--pythonpath", str(python), "-p", str(folder / _DERIVED))
    # It asks the interpreter where to import from; `extraPaths` stays the settings' own.
    return CheckerCommand(arguments=arguments, variables=_with_paths("PYTHONPATH", prefix, environ))


def _derive_settings(installed: InstalledChecker, targets: Sequence[Target], folder: Path) -> None:
    """Write settings that extend the project's: files in the command line may be excluded."""
    # It ignores absolute paths.
    included = [os.path.relpath(target.path, folder) for target in targets]
    derived: dict[str, object] = {"include": included, "exclude": []}
    if installed.settings is not None:
        derived["extends"] = f"./{installed.settings.name}"
    (folder / _DERIVED).unlink(missing_ok=True)  # it would be a link to somebody's file
    (folder / _DERIVED).write_text(json.dumps(derived), encoding="utf-8")


def _with_paths(name: str, paths: Sequence[Path], environ: Mapping[str, str]) -> dict[str, str]:
    inherited = environ.get(name, "")
    return {name: os.pathsep.join([*map(str, paths), *([inherited] if inherited else [])])}
