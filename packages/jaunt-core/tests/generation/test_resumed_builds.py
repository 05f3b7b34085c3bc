"""A build goes on from the answer that the one before rejected last, edited specs or not."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from jaunt_core.config.loading import Project
from jaunt_core.engine.builder import BuildOptions, build
from jaunt_core.engine.inspector import show_request
from jaunt_core.model.generation import GenerationRequest
from jaunt_core.model.report import BuildReport, Outcome
from jaunt_core.testing import Scripted, ScriptedBackend, loader_of

MakeProject = Callable[..., Project]

SPEC = '''
    import jaunt

    @jaunt.magic
    def half(price: int) -> int:
        """Half of a price, rounded down.

        >>> half(5)
        3

        Prices are whole numbers.
        """

    @jaunt.magic
    def label(price: int) -> str:
        """What stands on the label of half the price: `half` and the currency."""
    '''
HALF = "def half(price: int) -> int:\n    return price // 2\n"
ROUNDED = "def half(price: int) -> int:\n    return (price + 1) // 2\n"
LABEL = '\n\ndef label(price: int) -> str:\n    return f"{half(price)} EUR"\n'
BYTES = LABEL.replace("-> str", "-> bytes")
ANSWER = HALF + LABEL


def run(
    project: Project, *answers: Scripted, **options: object
) -> tuple[BuildReport, list[GenerationRequest]]:
    backend = ScriptedBackend({"shop": answers})
    report = build(
        project,
        BuildOptions(**options),  # ty: ignore[invalid-argument-type]
        sink=lambda _: None,
        environ={"PATH": os.environ["PATH"]},
        load=loader_of(backend),
    )
    return report, backend.requests


def landed(project: Project) -> str:
    return (project.root / "__generated__/shop.py").read_text("utf-8").partition("\n\n")[2]


def edit(project: Project, old: str, new: str) -> None:
    path = project.root / "shop.py"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def outcome(report: BuildReport) -> Outcome:
    return report.modules[0].outcome


@pytest.fixture
def project(make_project: MakeProject) -> Project:
    """A project whose first build has failed: no answer can agree with prose and example."""
    made = make_project({"shop.py": SPEC})
    report, requests = run(made, "nothing = 1\n", ANSWER)
    assert (outcome(report), len(requests)) == (Outcome.FAILED, 2)
    return made


def notes(project: Project) -> list[Path]:
    return list((project.root / ".jaunt/unfinished").rglob("*.json"))


def test_the_next_build_repairs_the_last_answer_and_then_starts_afresh(project: Project) -> None:
    report, (repair, fresh) = run(project, ANSWER)

    assert outcome(report) is Outcome.FAILED
    assert repair.context.previous_answer == ANSWER
    assert repair.context.wanted == ("half",)
    assert [finding.code for finding in repair.context.findings] == ["example-failed"]
    assert fresh.context.previous_answer is None
    # The fresh start has not had its repair.
    report, (repair,) = run(project, ROUNDED)
    assert outcome(report) is Outcome.GENERATED
    assert repair.context.previous_answer == ANSWER
    assert landed(project) == ROUNDED + LABEL
    assert notes(project) == []
    assert outcome(run(project)[0]) is Outcome.FRESH


def test_an_answer_that_an_example_was_wrong_about_lands_unasked(project: Project) -> None:
    edit(project, "    3\n", "    2\n")

    report, requests = run(project, offline=True)

    assert (outcome(report), requests) == (Outcome.REUSED, [])
    assert report.bill.calls == 0
    assert landed(project) == ANSWER
    assert notes(project) == []
    assert outcome(run(project)[0]) is Outcome.FRESH
    shutil.rmtree(project.root / "__generated__")
    assert outcome(run(project)[0]) is Outcome.REUSED


def test_what_the_author_says_otherwise_is_asked_for(project: Project) -> None:
    """The answer has nothing wrong with it by now, and was given for other words."""
    edit(project, "    3\n", "    2\n")
    edit(project, "the currency", "the currency, in front")
    label = LABEL.replace("{half(price)} EUR", "EUR {half(price)}")

    report, (repair,) = run(project, label.strip("\n") + "\n")

    assert outcome(report) is Outcome.GENERATED
    assert (repair.context.findings, repair.context.edited) == ((), ("label",))
    assert (repair.context.wanted, repair.context.standing) == (("label",), ("half",))
    assert "- what is specified for `label` has changed since" in repair.messages[-1].text
    assert "the currency, in front" in repair.messages[1].text
    assert landed(project) == HALF + label


def test_findings_and_edits_are_asked_for_together(project: Project) -> None:
    edit(project, "the currency", "the currency, in front")

    report, requests = run(project, BYTES, ROUNDED + LABEL)

    repair, fresh = requests
    assert outcome(report) is Outcome.GENERATED
    assert repair.context.wanted == ("half", "label")
    assert [finding.code for finding in repair.context.findings] == ["example-failed"]
    assert repair.context.edited == ("label",)
    assert "Answer again with all of it" in repair.messages[-1].text
    assert fresh.context.previous_answer is None


def test_prose_around_an_example_counts_and_examples_count_where_none_is_run(
    project: Project,
) -> None:
    edit(project, "    3\n", "    2\n")
    edit(project, "Prices are whole numbers.", "Prices are in cents.")
    _, (repair, *_) = run(project, BYTES)
    assert repair.context.edited == ("half", "label")  # who calls it, reads what it says

    settings = project.root / "jaunt.toml"
    settings.write_text(settings.read_text() + "[build]\nrun_examples = false\n")
    edit(project, "half(5)\n    2", "half(7)\n    3")
    report, _ = run(project, ANSWER)
    assert outcome(report) is Outcome.GENERATED


def test_what_would_be_sent_next_is_the_repair(project: Project) -> None:
    shown = show_request(
        project,
        "shop",
        environ={"PATH": os.environ["PATH"]},
        load=loader_of(ScriptedBackend({})),
    )

    assert shown.context.previous_answer == ANSWER
    assert shown.context.wanted == ("half",)


def test_words_between_examples_count(project: Project) -> None:
    edit(project, "    3\n", "    2\n    >>> half(4)\n    2\n    Never less than zero.\n")
    report, (repair,) = run(project, ANSWER)
    assert report.ok
    assert repair.context.edited == ("half", "label")


def test_force_asks_from_the_beginning(project: Project) -> None:
    _, requests = run(project, ROUNDED + LABEL, force=True)

    assert requests[0].context.previous_answer is None
    assert notes(project) == []


def test_without_the_stored_answer_it_is_asked_from_the_beginning(project: Project) -> None:
    shutil.rmtree(project.root / ".jaunt/answers")

    _, requests = run(project, ROUNDED + LABEL)

    assert requests[0].context.previous_answer is None


@pytest.mark.parametrize("damage", ["", "{}", "[1]", '{"key": 1, "number": "x", "specs": {}}'])
def test_a_damaged_note_is_none(project: Project, damage: str) -> None:
    (note,) = notes(project)
    note.write_text(damage)

    _, requests = run(project, ROUNDED + LABEL)

    assert requests[0].context.previous_answer is None


def test_specs_that_came_and_went(project: Project) -> None:
    path = project.root / "shop.py"
    text = path.read_text("utf-8")
    text = text[: text.rindex("@jaunt.magic")].replace("    3\n", "    2\n")
    added = '@jaunt.magic\ndef free() -> int:\n    """What costs nothing."""\n'
    path.write_text(text + added, "utf-8")
    free = "def free() -> int:\n    return 0\n"

    report, (repair,) = run(project, free)

    assert outcome(report) is Outcome.GENERATED
    assert repair.context.wanted == ("free",)
    assert "label" not in (repair.context.previous_answer or "")
    assert landed(project) == f"{HALF}\n\n{free}"


def test_a_part_that_was_rejected_is_put_onto_the_code_that_stands(
    make_project: MakeProject,
) -> None:
    project = make_project({"shop.py": SPEC.replace("3\n", "2\n")})
    assert run(project, ANSWER)[0].ok
    edit(project, "the currency", "the currency, in front")
    report, _ = run(project, HALF.replace("// 2", "// 3") + BYTES)
    assert outcome(report) is Outcome.FAILED
    edit(project, "in front", "in front of all")

    report, (repair,) = run(project, LABEL.replace(" EUR", " CHF"))

    assert outcome(report) is Outcome.GENERATED
    assert repair.context.wanted == ("label",)
    assert repair.context.previous_answer == HALF + BYTES
    assert landed(project) == HALF + LABEL.replace(" EUR", " CHF")
