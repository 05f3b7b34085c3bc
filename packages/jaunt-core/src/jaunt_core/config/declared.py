"""The packages that a project says it needs, from its `pyproject.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from jaunt_core.config.reading import read_regular
from jaunt_core.errors import JauntConfigError
from jaunt_core.findings.import_policy import is_for_tests, normal_name
from jaunt_core.model.spec import Kind

_NAME = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)")
_DEVELOPMENT = frozenset({"all", "ci", "dev", "develop", "development", "lint", "test", "tests"})


def declared_packages(root: Path, kind: Kind) -> tuple[str, ...] | None:
    """The distributions that code of one kind may import, ordered; None where none are declared.

    Code may use the project's dependencies and its extras; tests those for development too. A
    `pyproject.toml` that only holds settings of tools declares nothing.

    Raises:
        JauntConfigError: `pyproject.toml` is no TOML.
    """
    path = root / "pyproject.toml"
    try:
        content = tomllib.loads(read_regular(path).decode())
    except OSError:
        return None
    except (ValueError, RecursionError) as error:
        raise JauntConfigError(f"{path}: this is no TOML: {error}", hint="correct it") from None
    project, poetry = _table(content, "project"), _table(content, "tool", "poetry")
    if not project and not poetry:
        return None
    names = {*_project_dependencies(project), *_poetry_dependencies(poetry)}
    if kind is Kind.TEST:
        for listed in _table(project, "optional-dependencies").values():
            names.update(_distribution_names(listed))
        names.update(_development_dependencies(content, poetry))
    return tuple(sorted(names))


def _project_dependencies(project: Mapping[str, object]) -> Iterator[str]:
    yield from _distribution_names(project.get("dependencies"))
    for extra, listed in _table(project, "optional-dependencies").items():
        names = _distribution_names(listed)
        is_development = normal_name(extra) in _DEVELOPMENT
        # An extra of this name stands where others have a group: pytest there is for tests.
        yield from (name for name in names if not (is_development and is_for_tests(name)))


def _poetry_dependencies(poetry: Mapping[str, object]) -> Iterator[str]:
    yield from _distribution_names(list(_table(poetry, "dependencies")))


def _development_dependencies(
    content: Mapping[str, object], poetry: Mapping[str, object]
) -> Iterator[str]:
    yield "pytest"  # which runs them
    for listed in _table(content, "dependency-groups").values():
        yield from _distribution_names(listed)
    yield from _distribution_names(_table(content, "tool", "uv").get("dev-dependencies"))
    yield from _distribution_names(list(_table(poetry, "dev-dependencies")))
    for group in _table(poetry, "group"):
        yield from _distribution_names(list(_table(poetry, "group", group, "dependencies")))


def _table(content: Mapping[str, object], *path: str) -> Mapping[str, object]:
    table: object = content
    for name in path:
        table = table.get(name) if isinstance(table, Mapping) else None
    return {str(key): value for key, value in table.items()} if isinstance(table, Mapping) else {}


def _distribution_names(requirements: object) -> Iterator[str]:
    """The names in a list of requirements; what is none, such as an included group, is left out."""
    for requirement in requirements if isinstance(requirements, list) else ():
        match = _NAME.match(requirement) if isinstance(requirement, str) else None
        if match:
            yield normal_name(match[1])
