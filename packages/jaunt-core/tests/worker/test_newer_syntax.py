"""Syntax of newer Python versions is told as such, and is never taken for prose."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from jaunt_core import BuildOptions, build
from jaunt_core.config.loading import Project
from jaunt_core.model.generation import Finding
from jaunt_core.testing import ScriptedBackend, loader_of
from jaunt_core.worker.answer.newer_syntax import newer_syntax_in

_SPEC = '''\
import jaunt


@jaunt.magic
def one() -> int:
    """Return 1."""
'''
_CODE = "\n\ndef one() -> int:\n    return 1\n"
NEWER = {
    "type UserId = int": ((3, 12), "`type` statements"),
    "type Pair[T] = tuple[T, T]": ((3, 12), "`type` statements"),
    "def first[T](values: list[T]) -> T: ...": ((3, 12), "type parameters in brackets"),
    "async def first[T](values: list[T]) -> T: ...": ((3, 12), "type parameters in brackets"),
    "class Box[T]: ...": ((3, 12), "type parameters in brackets"),
    'TEXT = f"{d["a"]}"': ((3, 12), "its own quotes inside of an f-string"),
    "class Box[T = int]: ...": ((3, 13), "defaults of type parameters"),
    "    except ValueError, TypeError:": (
        (3, 14),
        "`except` with several errors and no parentheses",
    ),
    'TEXT = t"{d}"': ((3, 14), "template strings"),
    "lazy import json": ((3, 15), "lazy imports"),
    "lazy from json import loads": ((3, 15), "lazy imports"),
}
OLDER = [
    "def one(:",
    "type = int(",
    "lazy = import",
    "print 'x'",
    "values[0] = [1 = 2]",
    'at"x"',
    "def f(x: list[int] = [1) -> int:",
    "TEXT = f\"{d['a']} \"x",
]


@pytest.mark.parametrize("line", NEWER)
def test_the_version_that_a_line_needs(line: str) -> None:
    version, what = NEWER[line]

    is_newer = sys.version_info[:2] < version
    expected = f"{what} need Python {version[0]}.{version[1]}" if is_newer else ""
    assert newer_syntax_in(line).partition(",")[0] == expected


@pytest.mark.parametrize("line", OLDER)
def test_mistakes_need_no_version(line: str) -> None:
    assert newer_syntax_in(line) == ""


@pytest.fixture(scope="module")
def findings(new_project: Callable[..., Project]) -> dict[str, Finding]:
    """What is found in an answer that begins with each of the lines, in one build."""
    lines = [line for line in NEWER if not line.startswith(" ") and newer_syntax_in(line)]
    names = {f"mod_{number}": line for number, line in enumerate(lines)}
    project = new_project(
        {f"{name}.py": _SPEC for name in names},
        '[paths]\nsource_roots = ["."]\n[build]\nattempts = 1\n',
    )
    backend = ScriptedBackend({name: [line + _CODE] for name, line in names.items()})
    report = build(
        project, BuildOptions(), sink=lambda _: None, environ={}, load=loader_of(backend)
    )
    return {
        names[module.module]: module.failure.findings[0]
        for module in report.modules
        if module.failure
    }


def test_newer_syntax_is_no_prose(findings: dict[str, Finding]) -> None:
    for line, finding in findings.items():
        assert (finding.code, finding.line) == ("syntax", 1), line
        assert newer_syntax_in(line) in finding.message
    assert len(findings) >= 3
