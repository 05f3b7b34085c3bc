"""What the linter reports about specs, and what it accepts: each case in a real project."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from jaunt_core.config.loading import Project, load_project
from jaunt_core.engine.linter import lint_project
from jaunt_core.errors import JauntConfigError
from jaunt_core.model.lint import LintCode, LintFinding

_SUPPORT = {
    "case_support.py": """\
from case_errors import SoldOut, refuse

class Conflict(Exception): ...

class Ledger: ...

LIMIT = 3

def buy(): ...

def entries(amount): ...
""",
    "case_errors.py": """\
class SoldOut(Exception): ...

class Refused(Exception): ...

def refuse(): ...
""",
}
"""Modules that cases import."""

_ROOTS = '[paths]\nsource_roots = ["."]\n'


@dataclass(frozen=True, kw_only=True)
class Case:
    """A module of specs, and the codes and lines that the linter reports for it."""

    title: str
    module: str
    expected: str
    text: str

    @property
    def code(self) -> str:
        return self.title.partition(",")[0]


def _cases() -> list[Case]:
    text = (Path(__file__).parent / "cases.txt").read_text("utf-8")
    _, *blocks = re.split(r"^=== ", text, flags=re.MULTILINE)
    cases = []
    for number, block in enumerate(blocks):
        head, _, spec = block.partition("\n")
        title, _, expected = (part.strip() for part in head.partition("|"))
        cases.append(Case(title=title, module=f"case_{number}", expected=expected, text=spec))
    return cases


CASES = _cases()


@pytest.fixture(scope="module")
def project(new_project: Callable[..., Project]) -> Project:
    root = new_project(_SUPPORT, _ROOTS).root
    for case in CASES:
        (root / f"{case.module}.py").write_text(case.text, "utf-8")
    return load_project(root=root)


def environ() -> dict[str, str]:
    return {"PATH": os.environ["PATH"]}


@pytest.fixture(scope="module")
def findings(project: Project) -> Mapping[str, list[LintFinding]]:
    report = lint_project(project, environ=environ())
    assert report.modules == len(CASES)
    by_module: dict[str, list[LintFinding]] = {case.module: [] for case in CASES}
    for finding in report.findings:
        by_module[finding.spec.module].append(finding)
    return by_module


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_findings_of_a_case(case: Case, findings: Mapping[str, list[LintFinding]]) -> None:
    mine = findings[case.module]

    reported = ", ".join(f"{finding.code} {finding.line}" for finding in mine)
    assert reported == case.expected, [f"{finding.line} {finding.message}" for finding in mine]
    assert all(finding.message and finding.remedy for finding in mine)
    assert {finding.path.as_posix() for finding in mine} <= {f"{case.module}.py"}


@pytest.mark.parametrize("code", LintCode)
def test_every_code_has_a_case_and_one_near_it(code: LintCode) -> None:
    mine = [case for case in CASES if case.code == code.value]

    assert any(f"{code} " in case.expected for case in mine)
    assert any(not case.expected for case in mine)


@pytest.mark.parametrize("code", LintCode)
def test_a_code_can_be_switched_off(code: LintCode, new_project: Callable[..., Project]) -> None:
    case = next(
        case for case in CASES if case.code == code.value and case.expected.startswith(code.value)
    )
    root = new_project(_SUPPORT, f"{_ROOTS}[lint]\n{code.value} = false\n").root
    (root / "specs.py").write_text(case.text, "utf-8")

    report = lint_project(load_project(root=root), environ=environ())

    assert code not in {finding.code for finding in report.findings}


def test_a_wrong_switch_is_an_error(new_project: Callable[..., Project]) -> None:
    with pytest.raises(JauntConfigError, match=r"unknown key \[lint\] no_docstring") as caught:
        new_project({}, "[lint]\nno_docstring = false\n")
    assert caught.value.hint == "did you mean no-docstring?"


def test_targets(project: Project) -> None:
    wrong = next(case for case in CASES if case.expected == "no-docstring 4")

    whole = lint_project(project, environ=environ(), targets=(wrong.module,))
    one = lint_project(project, environ=environ(), targets=(f"{wrong.module}:total",))

    assert [finding.code for finding in whole.findings] == [LintCode.NO_DOCSTRING]
    assert (whole.modules, whole.specs) == (1, 1)
    assert one == whole
    with pytest.raises(JauntConfigError, match="nowhere names no spec"):
        lint_project(project, environ=environ(), targets=("nowhere",))


def test_inference_is_switched_off_for_all(new_project: Callable[..., Project]) -> None:
    title = "undeclared-dependency, declared or inferred"
    case = next(case for case in CASES if case.title == title)
    root = new_project({}, f"{_ROOTS}[build]\ninfer_deps = false\n").root
    (root / "specs.py").write_text(case.text, "utf-8")

    report = lint_project(load_project(root=root), environ=environ())

    assert [(finding.spec.qualname, finding.line) for finding in report.findings] == [("duty", 16)]
