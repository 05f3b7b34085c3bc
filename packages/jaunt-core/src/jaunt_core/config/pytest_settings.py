"""The settings of the project's pytest that the author of a test has to know."""

from __future__ import annotations

import configparser
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

from jaunt_core.config.reading import read_regular

Settings = Mapping[str, object]

_SECTIONS = {
    "pytest.ini": "pytest",
    ".pytest.ini": "pytest",
    "pyproject.toml": "tool.pytest",
    "tox.ini": "pytest",
    "setup.cfg": "tool:pytest",
}
PYTEST_FILES = tuple(_SECTIONS)
"""Where settings of pytest may stand, in the order in which it looks."""

_OF_ASYNCHRONOUS = ("asyncio_mode", "anyio_mode", "asyncio_default_fixture_loop_scope")


def describe_pytest(root: Path, *, is_asynchronous: bool) -> Iterator[str]:
    """Lines about settings that decide how tests run.

    Args:
        root: The project's folder.
        is_asynchronous: Whether any of the tests, or what they are given, is.
    """
    settings = _read_settings(root)
    names = _OF_ASYNCHRONOUS if is_asynchronous else ()
    shown = [f"{name} = {settings[name]}" for name in names if settings.get(name)]
    if shown:
        yield f"pytest runs asynchronous tests with {', '.join(shown)}."
    elif is_asynchronous:
        yield "No setting runs asynchronous tests; a marker has to (`pytestmark = …`)."
    filters = settings.get("filterwarnings")
    lines = filters.split("\n") if isinstance(filters, str) else filters
    if isinstance(lines, list) and "error" in [str(line).strip() for line in lines]:
        yield "Warnings are errors in tests."


def _read_settings(root: Path) -> Settings:
    """The settings of the first file that pytest would take; empty where nobody can read them."""
    for name in PYTEST_FILES:
        try:
            text = read_regular(root / name).decode("utf-8")
            settings = _settings_in(name, text)
        except (OSError, ValueError, configparser.Error, RecursionError):
            continue
        if settings is not None:
            return settings
    return {}


def _settings_in(name: str, text: str) -> Settings | None:
    if name == "pyproject.toml":
        tools = tomllib.loads(text).get("tool")
        own = tools.get("pytest") if isinstance(tools, dict) else None
        if not isinstance(own, dict):
            return None
        return cast("Settings", own.get("ini_options", own))
    parser = configparser.RawConfigParser()
    parser.read_string(text)
    section = _SECTIONS[name]
    if section in parser:
        return dict(parser[section])
    return {} if name.endswith("pytest.ini") else None
