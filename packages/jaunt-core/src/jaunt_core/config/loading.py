"""Find and read `jaunt.toml`; whatever is wrong with it is said with file and line."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from jaunt_core.config.models import Config
from jaunt_core.errors import JauntConfigError

CONFIG_NAME = "jaunt.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project: its folder (links resolved), its configuration, and the file that holds it."""

    root: Path
    config_path: Path
    config: Config


def load_project(*, root: Path | None = None, config: Path | None = None) -> Project:
    """The project at or above a folder.

    Args:
        root: Where to look for `jaunt.toml`, upwards; the working directory where None.
        config: The file itself; its folder is the project's.

    Raises:
        JauntConfigError: There is no such file, or it is not valid.
    """
    path = _existing(config) if config is not None else find_config(root or Path.cwd())
    path = path.resolve()
    return Project(root=path.parent, config_path=path, config=load_config(path))


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise JauntConfigError(
            f"{path} is no file", hint="pass the path of a jaunt.toml to --config"
        )
    return path


def find_config(start: Path) -> Path:
    """The nearest `jaunt.toml` at `start` or above it.

    Raises:
        JauntConfigError: `start` is no folder, or there is no such file on the way up.
    """
    if not start.is_dir():
        raise JauntConfigError(f"{start} is no folder", hint="pass the project's folder to --root")
    resolved = start.resolve()
    for folder in (resolved, *resolved.parents):
        if (folder / CONFIG_NAME).is_file():
            return folder / CONFIG_NAME
    raise JauntConfigError(
        f"no {CONFIG_NAME} in {resolved} or above it",
        hint=f"create a {CONFIG_NAME} with the line `version = 1` in the project's folder, "
        "or pass --root",
    )


def load_config(path: Path) -> Config:
    """The configuration in a file.

    Raises:
        JauntConfigError: It cannot be read, is no TOML, or has an unknown or wrong key.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise JauntConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise JauntConfigError(
            f"{path}: byte {error.start} is no UTF-8", hint="save the file as UTF-8"
        ) from None
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise JauntConfigError(f"{path}: no valid TOML: {error}") from None
    if "version" not in table:
        raise JauntConfigError(
            f"{path}: the key version is missing", hint="write `version = 1` as its first line"
        )
    try:
        return Config.model_validate(table)
    except ValidationError as error:
        raise _translated(error, path, text) from None


def _translated(error: ValidationError, path: Path, text: str) -> JauntConfigError:
    """The first mistake, as one message with the line, the key, the value and the remedy."""
    detail = error.errors()[0]
    keys = [str(part) for part in detail["loc"] if isinstance(part, str)]
    line = line_of(text, keys)
    where = f"{path}:{line}" if line else str(path)
    if detail["type"] == "extra_forbidden":
        return _unknown_key(where, keys)
    name = _dotted(keys)
    value = detail["input"]
    return JauntConfigError(
        f"{where}: {name} = {value!r} is not valid: {_said(detail)}",
        hint=f"correct {name}",
    )


def _unknown_key(where: str, keys: list[str]) -> JauntConfigError:
    model: type[BaseModel] = Config
    for key in keys[:-1]:
        annotation = model.model_fields[key].annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            model = annotation
    what = "section or key" if len(keys) == 1 else "key"
    valid = sorted(model.model_fields)
    return JauntConfigError(
        f"{where}: unknown {what} {_dotted(keys)}", hint=nearest_hint(keys[-1], valid)
    )


def nearest_hint(name: str, valid: list[str]) -> str:
    """A hint that names the nearest valid name, or all of them."""
    close = get_close_matches(name, valid, n=1)
    return f"did you mean {close[0]}?" if close else f"valid here: {', '.join(valid)}"


def _dotted(keys: list[str]) -> str:
    return f"[{keys[0]}] {'.'.join(keys[1:])}" if len(keys) > 1 else keys[0]


def _said(detail: ErrorDetails) -> str:
    message = detail["msg"].removeprefix("Value error, ")
    return message[0].lower() + message[1:]


def line_of(text: str, keys: list[str]) -> int:
    """The line that a key stands on, 0 where it cannot be told."""
    section = ""
    wanted = ".".join(keys[:-1])
    for number, line in enumerate(text.splitlines(), start=1):
        header = re.match(r"\s*\[+\s*([^\]]+?)\s*\]", line)
        if header:
            section = header[1].strip()
            if section == ".".join(keys):
                return number
            continue
        key = re.match(r"\s*[\"']?([\w.-]+)[\"']?\s*=", line)
        if key and section == wanted and key[1] == keys[-1]:
            return number
    return 0


__all__ = [
    "CONFIG_NAME",
    "Project",
    "find_config",
    "line_of",
    "load_config",
    "load_project",
    "nearest_hint",
]
