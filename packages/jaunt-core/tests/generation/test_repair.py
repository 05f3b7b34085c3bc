"""`jaunt test --repair`: code that fails its tests is asked for anew; tests are never touched."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from jaunt_core.config.loading import Project
from jaunt_core.engine.tester import TestOptions, run_tests
from jaunt_core.model.events import Event, WarningRaised
from jaunt_core.model.report import Outcome, TestReport
from jaunt_core.testing import ScriptedBackend, loader_of

MakeProject = Callable[..., Project]

FILES = {
    "shop.py": '''
        import jaunt

        @jaunt.magic
        def half(price: int) -> int:
            """Half of a price, rounded down.

            >>> half(4)
            2
            """

        @jaunt.magic
        def label(price: int) -> str:
            """The price, and "EUR" behind it."""
        ''',
    "tests/test_shop.py": '''
        import jaunt
        from shop import half, label

        @jaunt.test(targets=[half])
        def test_half() -> None:
            """Half of 5 is 2."""

        @jaunt.test(targets=[half])
        def test_whole() -> None:
            """Half of 8 is 4."""

        @jaunt.test(targets=[label])
        def test_label() -> None:
            """The label of 5 is "5 EUR"."""
        ''',
}
LABEL = "\n\ndef label(price: int) -> str:\n    return f'{price}'  # wrong\n"
RIGHT_LABEL = 'def label(price: int) -> str:\n    return f"{price} EUR"\n'
CODE = "def half(price: int) -> int:\n    return price // 2\n" + LABEL
TESTS = """\
from shop import half, label


def test_half() -> None:
    assert half(5) == {half}


def test_whole() -> None:
    assert half(8) == 4


def test_label() -> None:
    assert label(5) == "5 EUR"
"""


def run(
    project: Project, *code: str, half: int = 2, repair: bool = True
) -> tuple[TestReport, ScriptedBackend, list[str]]:
    tests = TESTS.format(half=half)
    backend = ScriptedBackend({"shop": code, "tests.test_shop": [tests]})
    events: list[Event] = []
    report = run_tests(
        project,
        TestOptions(repair=repair, pytest_args=("-p", "no:xdist", "-p", "no:hypothesispytest")),
        sink=events.append,
        environ={"PATH": os.environ["PATH"]},
        load=loader_of(backend),
    )
    said = [event.message for event in events if isinstance(event, WarningRaised)]
    return report, backend, said


def landed(project: Project, path: str = "__generated__/shop.py") -> str:
    return (project.root / path).read_text("utf-8").partition("\n\n")[2]


def failed(report: TestReport) -> list[str]:
    assert report.pytest is not None
    return [item.node_id.rpartition("::")[2] for item in report.pytest.failures]


@pytest.fixture
def project(make_project: MakeProject) -> Project:
    return make_project(FILES, "[test]\nrun_trials = false\n")


def test_without_it_nothing_is_asked(project: Project) -> None:
    report, backend, _ = run(project, CODE, RIGHT_LABEL, repair=False)

    assert failed(report) == ["test_label"]
    assert backend.asked == ["shop", "tests.test_shop"]


def test_the_code_of_a_failing_test_is_mended(project: Project) -> None:
    report, backend, _ = run(project, CODE, RIGHT_LABEL)

    assert failed(report) == []
    assert backend.asked == ["shop", "tests.test_shop", "shop"]
    assert landed(project) == CODE.replace(LABEL, "\n\n" + RIGHT_LABEL)
    assert landed(project, "tests/__generated__/test_shop.py") == TESTS.format(half=2)
    request = backend.requests[-1]
    assert request.context.wanted == ("label",)
    (finding,) = request.context.findings
    assert finding.code == "test-failed"
    assert "test_label" in finding.message
    assert "5 EUR" in finding.message
    assert 'def test_label() -> None:\n    assert label(5) == "5 EUR"' in finding.message
    assert "  def test_label() -> None:" in request.messages[-1].text
    sent = "".join(message.text for message in request.messages)
    assert sent.count("return price // 2") == 1, "no source is sent twice"
    assert "The code of `half` is fixed, with all that it uses: it stays as you are shown" in sent
    assert report.build is not None
    (module,) = report.build.modules
    assert (module.outcome, module.bill.calls) == (Outcome.GENERATED, 2)
    again, backend, _ = run(project, CODE)
    assert failed(again) == []
    assert backend.asked == []


def test_code_that_does_not_help_is_taken_back(project: Project) -> None:
    wrong = RIGHT_LABEL.replace("EUR", "USD")

    report, backend, said = run(project, CODE, wrong)

    assert failed(report) == ["test_label"]
    assert backend.asked == ["shop", "tests.test_shop", "shop"]
    assert landed(project) == CODE
    (warning,) = said
    assert "shop was not repaired, and its code is as it was" in warning


def test_code_that_breaks_another_test_is_taken_back(project: Project) -> None:
    run(project, CODE, repair=False)
    both = CODE.replace("// 2", "// 2 + (price > 7)").replace(LABEL, "\n\n" + RIGHT_LABEL)

    report, _, _ = run(project, both)

    # `half` is fixed code for this request, so the answer's own version of it is put back.
    assert failed(report) == []
    assert "price > 7" not in landed(project)


def test_a_test_never_outvotes_an_example(project: Project) -> None:
    """The test wants 3 for half of 5 and is wrong; what pleases it breaks the example."""
    code = "def half(price: int) -> int:\n    return price // 2\n\n\n" + RIGHT_LABEL
    pleasing = "def half(price: int) -> int:\n    return price // 2 + 1\n"

    report, backend, said = run(project, code, pleasing, half=3)

    assert failed(report) == ["test_half"]
    assert backend.asked == ["shop", "tests.test_shop", "shop"]
    assert landed(project) == code
    assert "was not repaired" in said[0]
    kept = sorted((project.root / ".jaunt/rejected/build").iterdir())
    assert "example-failed" in kept[-1].read_text("utf-8")
    assert landed(project, "tests/__generated__/test_shop.py") == TESTS.format(half=3)


def test_code_that_was_edited_by_hand_is_left_alone(project: Project) -> None:
    run(project, CODE, repair=False)
    path = project.root / "__generated__/shop.py"
    path.write_text(path.read_text("utf-8").replace("// 2", "// 3"), "utf-8")

    report, backend, _ = run(project, RIGHT_LABEL)

    assert backend.asked == []
    assert report.build is not None
    assert report.build.modules[0].outcome is Outcome.FAILED
    assert "// 3" in path.read_text("utf-8")
