"""What a failed module advises fits what was wrong with its answer."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import PurePosixPath

import pytest

from jaunt_core.config.loading import Project
from jaunt_core.engine.builder import BuildOptions, build
from jaunt_core.findings.codes import FindingCode
from jaunt_core.findings.hints import hint_for
from jaunt_core.model.generation import Finding, GenerationResult, StopReason
from jaunt_core.model.report import FailedModule
from jaunt_core.model.spec import Kind, SpecModule
from jaunt_core.testing import Scripted, ScriptedBackend, loader_of

MakeProject = Callable[..., Project]

SPEC = '''\
import jaunt


@jaunt.magic
def other(price: int) -> int:
    """A price."""


@jaunt.magic
def half(price: int) -> int:
    """Half of a price, rounded down.

    >>> half(7)
    4

    Raises:
        ValueError: If price < 0.
    """
'''
OTHER = "\n\ndef other(price: int) -> int:\n    return price\n"
HALF = (
    "def half(price: int) -> int:\n"
    "    if price < 0:\n        raise ValueError(price)\n    return (price + 1) // 2\n"
)
CASES: dict[str, tuple[Scripted, str]] = {
    "example": (
        HALF.replace("price + 1", "price"),
        "check the example at example.py:13: it shows 4, the answer gives 3; if the example",
    ),
    "example_raises": (
        HALF.replace("return ", "return 1 / 0 + "),
        "check the example at example_raises.py:13: it shows 4, the answer raises ZeroDivision",
    ),
    "documented": (
        HALF.replace("price < 0", "price < -9"),
        "check the `Raises:` line of half at documented.py:9: half(",
    ),
    "signature": (
        HALF.replace("-> int", "-> float"),
        "compare the answer with the declaration at signature.py:9 (return-annotation)",
    ),
    "stub": ("def half(price: int) -> int:\n    ...\n", "say at stub.py:9 what it does"),
    "module": ("import no_such_module_anywhere\n\n\n" + HALF, "install what the answer imports"),
    "undefined": (
        HALF.replace("price + 1", "price + ONE"),
        "import in undefined.py:9 what the answer is to use",
    ),
    "prose": ("I cannot see the spec.", "the model did not answer with Python code alone"),
    "refused": (
        GenerationResult(text="No.", stop=StopReason.REFUSED),
        "the model refused: say otherwise what refused.py is for",
    ),
    "cut_off": (
        GenerationResult(text=HALF, stop=StopReason.TRUNCATED),
        "split cut_off.py, or allow longer answers",
    ),
}


def test_the_hint_names_place_value_and_remedy(make_project: MakeProject) -> None:
    answers = {
        name: [f"{answer}{OTHER}" if isinstance(answer, str) and name != "prose" else answer]
        for name, (answer, _) in CASES.items()
    }
    project = make_project({f"{name}.py": SPEC for name in CASES}, "[build]\nattempts = 1\n")

    report = build(
        project,
        BuildOptions(),
        sink=lambda _: None,
        environ={"PATH": os.environ["PATH"]},
        load=loader_of(ScriptedBackend(answers)),
    )

    failures = {
        module.module: module.failure or FailedModule(message="") for module in report.modules
    }
    for name, (_, expected) in CASES.items():
        assert failures[name].hint.startswith(expected), name
        assert failures[name].hint.endswith("then build again: it goes on from the last answer")
    (finding,) = failures["undefined"].findings
    assert (finding.symbol, failures["example"].findings[0].place) == ("half", "example.py:13")


BOX = '''\
import jaunt


@jaunt.magic
def half(price: int) -> int:
    """Half of a price, rounded down.

    half(7) == 4
    """


@jaunt.magic
class Box:
    """A box.

    >>> Box().size()
    0
    """

    def size(self) -> int:
        """How many.

        >>> Box().size()
        0
        >>> Box().size()
        1
        >>> Box().size() + sum([
        ...     1,
        ... ])
        3
        """
'''
ROOM = "\n\nclass Box:\n    def size(self) -> int:\n        return 0\n"


def test_each_example_is_found_where_it_stands(make_project: MakeProject) -> None:
    project = make_project({"app.py": BOX}, "[build]\nattempts = 1\n")
    answer = "def half(price: int) -> int:\n    return price // 2\n" + ROOM

    report = build(
        project,
        BuildOptions(),
        sink=lambda _: None,
        environ={"PATH": os.environ["PATH"]},
        load=loader_of(ScriptedBackend({"app": [answer]})),
    )

    failure = report.modules[0].failure
    assert failure is not None
    places = {finding.place for finding in failure.findings}
    assert places == {"app.py:8", "app.py:25", "app.py:27"}


MODULE = SpecModule(name="shop", path=PurePosixPath("shop.py"), kind=Kind.BUILD, is_package=False)


@pytest.mark.parametrize("code", FindingCode)
def test_every_finding_has_a_remedy(code: FindingCode) -> None:
    finding = code.finding("half is wrong", "something else", symbol="half")

    hint = hint_for([finding, finding], MODULE)

    assert len(hint.splitlines()) == 2
    assert "{" not in hint


def test_types_packages_and_unknown_findings() -> None:
    codes = {
        FindingCode.TYPE_ERROR: "the types that shop.py declares",
        FindingCode.IMPORT_UNDECLARED: "declare the package among the dependencies in pyproject",
        FindingCode.IMPORT_FALLBACK: "breaks a rule that the model is told (import-fallback)",
        FindingCode.MAIN_BLOCK: "or ask another model",
        FindingCode.TEST_PROVES_NOTHING: "say at shop.py which values are expected",
    }
    for code, expected in codes.items():
        assert expected in hint_for([code.finding("wrong", "right")], MODULE)
    assert "(of-tomorrow)" in hint_for([Finding(code="of-tomorrow", message="")], MODULE)


def test_a_hint_stays_short() -> None:
    findings = [code.finding("wrong", "right") for code in FindingCode]

    assert len(hint_for(findings, MODULE).splitlines()) == 4
