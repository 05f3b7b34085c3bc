"""Read `jaunt.toml`, and report every error in it with file and line."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from jaunt_core.config.locate import find_config
from jaunt_core.config.models import Config
from jaunt_core.config.reading import read_regular
from jaunt_core.errors import JauntConfigError

_LONGEST_VALUE = 80
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_KEY_PART = re.compile(r""""[^"]*"|'[^']*'|[^\s."']+""")
_LARGEST = 100_000
_MOST_DOTS = 1_000
_EXPECTED = {
    "tuple_type": "a list",
    "string_type": "text in quotes",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "float_type": "a number",
    "finite_number": "a number",
}


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
    path = find_config(root=root, config=config)
    return Project(root=path.parent, config_path=path, config=load_config(path))


def load_config(path: Path) -> Config:
    """The configuration in a file.

    Raises:
        JauntConfigError: It cannot be read, is no TOML, or has an unknown or wrong key.
    """
    try:
        content = read_regular(path, largest=_LARGEST)
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise JauntConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise JauntConfigError(
            f"{path}:{line}: this is no UTF-8", hint="save the file as UTF-8"
        ) from None
    try:
        _check_keys(path, text)
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # also for numbers of too many digits
        raise _toml_error(error, path) from None
    if "version" not in table:
        raise JauntConfigError(
            f"{path}: the key version is missing", hint="write `version = 1` as its first line"
        )
    try:
        return Config.model_validate(table)
    except ValidationError as error:
        raise _config_error(error, path, text) from None


def require_prices(project: Project) -> None:
    """Make sure that all calls have a cost, where it is limited.

    Raises:
        JauntConfigError: A model that may be asked has no price.
    """
    config, path = project.config, project.config_path
    unpriced = [model for model in config.models if model not in config.prices]
    if config.budget.max_cost is None or not unpriced:
        return
    keys = ["prices", unpriced[0]]
    raise JauntConfigError(
        f"{place_of(path, ['budget', 'max_cost'])}: [budget] max_cost = "
        f"{config.budget.max_cost:g} cannot be kept to: the price of {unpriced[0]} is unknown",
        hint=f"write it into [{_section_text(keys)}], as input and output for a million tokens "
        "each; or limit max_tokens instead",
    )


def _check_keys(path: Path, text: str) -> None:
    """Refuse keys that the parser would take minutes for: its time grows with their square."""
    for number, line in enumerate(text.split("\n"), start=1):
        if line.count(".") > _MOST_DOTS:
            raise JauntConfigError(
                f"{path}:{number}: a line with more than {_MOST_DOTS:,} dots",
                hint="break the line, or shorten the key",
            )


def _toml_error(error: Exception, path: Path) -> JauntConfigError:
    message = str(error)
    place = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)$", message)
    if place is None:
        return JauntConfigError(f"{path}: no valid TOML: {message}")
    where = f"{path}:{place[1]}" if place[1] else str(path)
    message = message[: place.start()] if place[1] else message
    return JauntConfigError(f"{where}: no valid TOML: {message[0].lower()}{message[1:]}")


def _config_error(error: ValidationError, path: Path, text: str) -> JauntConfigError:
    """The first mistake, as one message with the line, the key, the value and the remedy."""
    # A misspelt key explains a missing one.
    detail = min(error.errors(), key=lambda problem: problem["type"] != "extra_forbidden")
    keys = [str(part) for part in detail["loc"] if isinstance(part, str)]
    line = line_of(text, keys)
    where = f"{path}:{line}" if line else str(path)
    if detail["type"] == "extra_forbidden":
        return _unknown_key(where, keys)
    name = _key_text(keys)
    if detail["type"] == "missing":
        return JauntConfigError(f"{where}: {name} is missing", hint=f"write {keys[-1]} there")
    value = json.dumps(detail["input"], ensure_ascii=False, default=str)
    value = value if len(value) <= _LONGEST_VALUE else f"{value[:_LONGEST_VALUE]}…"
    return JauntConfigError(
        f"{where}: {name} = {value} is not valid: {_expectation_text(detail)}",
        hint=f"correct {name}",
    )


def _unknown_key(where: str, keys: list[str]) -> JauntConfigError:
    model: type[BaseModel] = Config
    for key in keys[:-1]:
        field = model.model_fields.get(key)
        if field is not None:  # else it is the name of an item in a table of tables
            annotation = (get_args(field.annotation) or (field.annotation,))[-1]
            if isinstance(annotation, type) and issubclass(annotation, BaseModel):
                model = annotation
    what = "section or key" if len(keys) == 1 else "key"
    valid = sorted(field.alias or name for name, field in model.model_fields.items())
    hint = nearest_hint(keys[-1], valid)
    if keys[0] == "prices" and not hint.startswith("did you mean"):
        hint = f'{hint}; write the name of a model in quotes, as in [prices."gpt-5.2"]'
    return JauntConfigError(f"{where}: unknown {what} {_key_text(keys)}", hint=hint)


def nearest_hint(name: str, valid: list[str]) -> str:
    """A hint that names the nearest valid name, or all of them."""
    close = get_close_matches(name, valid, n=1)
    return f"did you mean {close[0]}?" if close else f"valid here: {', '.join(valid)}"


def _key_text(keys: list[str]) -> str:
    return f"[{_section_text(keys[:-1])}] {keys[-1]}" if len(keys) > 1 else keys[0]


def _section_text(keys: list[str]) -> str:
    return ".".join(key if _BARE_KEY.fullmatch(key) else json.dumps(key) for key in keys)


def _expectation_text(detail: ErrorDetails) -> str:
    if detail["type"] in ("model_type", "model_attributes_type", "mapping_type"):
        keys = [str(part) for part in detail["loc"]]
        if keys[0] == "prices" and len(keys) > 1:
            return 'prices belong to a model, as in [prices."gpt-5.2"]'
        return f"it must be a section, [{_section_text(keys)}]"
    if detail["type"] == "greater_than":
        return f"it must be more than {detail.get('ctx', {})['gt']:g}"
    if detail["type"] == "greater_than_equal":
        return f"it must be {detail.get('ctx', {})['ge']:g} or more"
    if detail["type"] == "literal_error":
        return f"it must be {detail.get('ctx', {})['expected']}"
    if detail["type"] in _EXPECTED:
        return f"it must be {_EXPECTED[detail['type']]}"
    message = detail["msg"].removeprefix("Value error, ")
    return message[0].lower() + message[1:]


def place_of(path: Path, keys: list[str]) -> str:
    """The file and the line of a key in it, as messages show them; without a line if need be."""
    try:
        line = line_of(path.read_text("utf-8-sig", "replace"), keys)
    except OSError:  # it has gone since
        line = 0
    return f"{path}:{line}" if line else str(path)


def line_of(text: str, keys: list[str]) -> int:
    """The line that a key, or the table around it, stands on; 0 where it cannot be told."""
    section: list[str] = []
    lines: dict[tuple[str, ...], int] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        header = re.match(r"\s*\[+([^\]]+)\]", line)
        key = re.match(r"\s*([\w.\"' \t-]+?)\s*=", line)
        if header:
            section = _key_parts(header[1])
            lines.setdefault(tuple(section), number)
        elif key:
            lines.setdefault((*section, *_key_parts(key[1])), number)
    around = (tuple(keys[:count]) for count in range(len(keys), 0, -1))
    return next((lines[place] for place in around if place in lines), 0)


def _key_parts(dotted: str) -> list[str]:
    return [part.strip("\"'") for part in _KEY_PART.findall(dotted)]
