"""The JSON that is promised, key by key."""

from __future__ import annotations

import json
from pathlib import PurePosixPath

import pytest

from jaunt_cli.wire.document import Json, Problem, problem_of, render_document
from jaunt_cli.wire.reports import document_of_build, document_of_test
from jaunt_core import errors
from jaunt_core.model.generation import Finding, TokenUsage
from jaunt_core.model.judgement import CheckName, Unjudged
from jaunt_core.model.reason import Place, Reason, ReasonKind
from jaunt_core.model.report import (
    Bill,
    BuildReport,
    FailedModule,
    ModuleReport,
    Outcome,
    PytestResult,
    TestFailure,
)
from jaunt_core.model.spec import Kind, SpecRef

REPORT = BuildReport(
    kind=Kind.BUILD,
    modules=(
        ModuleReport(
            module="shop.tax",
            path=PurePosixPath("src/shop/__generated__/tax.py"),
            outcome=Outcome.FAILED,
            reasons=(
                Reason(
                    kind=ReasonKind.DEPENDENCY,
                    spec=SpecRef("shop.tax:rate"),
                    old="1",
                    new="2",
                    place=Place(path=PurePosixPath("src/shop/money.py"), line=3),
                    path=(SpecRef("shop.tax:rate"), SpecRef("shop.money:Money")),
                    causes=(
                        Reason(
                            kind=ReasonKind.CHANGED,
                            spec=SpecRef("shop.money:Money"),
                            part="context shop.units:Unit",
                            old="3",
                            new="4",
                            place=Place(path=PurePosixPath("src/shop/units.py")),
                            path=(SpecRef("shop.money:Money"),),
                        ),
                    ),
                    detail="more",
                ),
                Reason(kind=ReasonKind.FORCED),
            ),
            failure=FailedModule(
                message="bad",
                hint="better",
                findings=(
                    Finding(code="syntax", message="worse"),
                    Finding(code="missing-name", line=3, message="no rate", expected="def rate"),
                ),
                rejected=PurePosixPath(".jaunt/rejected/tax.py"),
                blocked_by="shop.money",
            ),
            bill=Bill(
                calls=2,
                retries=1,
                usage=TokenUsage(input=10, cached=4, output=5),
                cost=0.01234567,
            ),
            seconds=1.23456,
            replaced=True,
        ),
        ModuleReport(
            module="shop.x",
            path=PurePosixPath("x.py"),
            outcome=Outcome.FRESH,
            unjudged=(Unjudged(module="shop.x", check=CheckName.TYPES, why="no reason"),),
        ),
    ),
    warnings=("careful",),
    seconds=2.0004,
)
CAUSE_TEXT = "context shop.units:Unit of shop.money:Money changed in src/shop/units.py"
CONTENT = {
    "modules": [
        {
            "module": "shop.tax",
            "path": "src/shop/__generated__/tax.py",
            "outcome": "failed",
            "reasons": [
                {
                    "kind": "dependency",
                    "spec": "shop.tax:rate",
                    "part": None,
                    "definition": None,
                    "old": "1",
                    "new": "2",
                    "place": "src/shop/money.py:3",
                    "path": ["shop.tax:rate", "shop.money:Money"],
                    "omitted": 0,
                    "causes": [
                        {
                            "kind": "changed",
                            "spec": "shop.money:Money",
                            "part": "context shop.units:Unit",
                            "definition": "shop.units:Unit",
                            "old": "3",
                            "new": "4",
                            "place": "src/shop/units.py",
                            "path": ["shop.money:Money"],
                            "omitted": 0,
                            "causes": [],
                            "detail": None,
                            "text": CAUSE_TEXT,
                        }
                    ],
                    "detail": "more",
                    "text": f"dependency changed: shop.tax:rate -> shop.money:Money ({CAUSE_TEXT})",
                },
                {
                    "kind": "forced",
                    "spec": None,
                    "part": None,
                    "definition": None,
                    "old": None,
                    "new": None,
                    "place": None,
                    "path": [],
                    "omitted": 0,
                    "causes": [],
                    "detail": None,
                    "text": "forced",
                },
            ],
            "failure": {
                "message": "bad",
                "hint": "better",
                "findings": [
                    {"code": "syntax", "line": None, "message": "worse", "expected": None},
                    {
                        "code": "missing-name",
                        "line": 3,
                        "message": "no rate",
                        "expected": "def rate",
                    },
                ],
                "rejected": ".jaunt/rejected/tax.py",
                "blocked_by": "shop.money",
            },
            "usage": {"input": 10, "cached": 4, "output": 5},
            "calls": 2,
            "retries": 1,
            "cost": 0.012346,
            "seconds": 1.235,
            "replaced": True,
            "written": None,
        },
        {
            "module": "shop.x",
            "path": "x.py",
            "outcome": "fresh",
            "reasons": [],
            "failure": None,
            "usage": {"input": 0, "cached": 0, "output": 0},
            "calls": 0,
            "retries": 0,
            "cost": 0.0,
            "seconds": 0.0,
            "replaced": False,
            "written": None,
        },
    ],
    "counts": {
        "generated": 0,
        "reused": 0,
        "kept": 0,
        "fresh": 1,
        "failed": 1,
        "skipped": 0,
    },
    "usage": {"input": 10, "cached": 4, "output": 5},
    "calls": 2,
    "retries": 1,
    "cost": 0.012346,
    "unjudged": [{"module": "shop.x", "check": "types", "why": "no reason"}],
    "warnings": ["careful"],
    "seconds": 2.0,
}


def same(document: Json, expected: object) -> bool:
    """Equal, the order of keys included."""
    return json.dumps(document) == json.dumps(expected)


def test_a_build() -> None:
    document = document_of_build(ok=False, problem=None, report=REPORT)
    head = {"schema": 1, "command": "build", "ok": False, "error": None}
    assert same(document, {**head, **CONTENT})


def test_a_test_run() -> None:
    result = PytestResult(
        exit_code=1,
        passed=2,
        failed=1,
        failures=(TestFailure(node_id="t.py::test_a", message="no", location="t.py:3"),),
    )
    document = document_of_test(ok=False, problem=None, build=None, tests=REPORT, pytest=result)
    assert same(
        document,
        {
            "schema": 1,
            "command": "test",
            "ok": False,
            "error": None,
            "build": None,
            "tests": CONTENT,
            "pytest": {
                "exit_code": 1,
                "passed": 2,
                "failed": 1,
                "failures": [{"node_id": "t.py::test_a", "message": "no", "location": "t.py:3"}],
            },
            "strength": None,
        },
    )


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (errors.JauntConfigError, "config"),
        (errors.JauntDiscoveryError, "discovery"),
        (errors.JauntDependencyCycleError, "cycle"),
        (errors.JauntGenerationError, "generation"),
        (errors.LandingError, "landing"),
        (errors.JauntError, "error"),
    ],
)
def test_problems(error: type[errors.JauntError], kind: str) -> None:
    problem = problem_of(error("what", hint="how"))
    assert (problem.kind, problem.message, problem.hint) == (kind, "what", "how")
    document = document_of_build(
        ok=False, problem=problem, report=BuildReport(kind=Kind.BUILD, modules=())
    )
    assert isinstance(document, dict)
    assert document["error"] == {"kind": kind, "message": "what", "hint": "how"}
    assert document["modules"] == []


def test_a_backend_fault_is_told_from_other_generation_errors() -> None:
    fault = errors.BackendError("no quota", kind=errors.FaultKind.QUOTA)
    assert problem_of(fault) == Problem(kind="backend", message="no quota")


def test_a_document_is_one_line_of_ascii() -> None:
    text = render_document({"evil": "\x1b[2J\nnaïve \ud800"})
    assert text.isascii()
    assert text.count("\n") == 1
    assert "\x1b" not in text
    assert json.loads(text)["evil"] == "\x1b[2J\nnaïve \ud800"
