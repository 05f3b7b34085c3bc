"""Of a stale module only what changed is asked for, and only that moves."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest

from jaunt_core.config.loading import Project
from jaunt_core.engine.builder import BuildOptions, build
from jaunt_core.model.report import BuildReport, Outcome
from jaunt_core.testing import ScriptedBackend, loader_of

MakeProject = Callable[..., Project]

SPEC = '''
    import jaunt

    CENT = 100

    @jaunt.magic
    def net(price: int) -> int:
        """The price without tax."""

    @jaunt.magic
    def gross(price: int) -> int:
        """The price with tax, in units of `CENT`."""

    @jaunt.magic
    def label(price: int) -> str:
        """What stands on the label."""
    '''
FIRST = """\
def _rounded(price: float) -> int:
    return round( price )      # spelt as nobody else would


def net(price: int) -> int:
    return _rounded(price / 1.19)


def gross(price: int) -> int:
    return _rounded(price * 1.19)


def _euros(price: int) -> str:
    return f"{price} EUR"


def label(price: int) -> str:
    return _euros(price)
"""
MOVED = FIRST.replace("1.19", "1.07").replace("EUR", "USD")
"""An answer in which everything but the shared helper is another thing."""


def run(project: Project, *answers: str, **options: object) -> tuple[BuildReport, ScriptedBackend]:
    backend = ScriptedBackend({"shop": answers})
    report = build(
        project,
        BuildOptions(**options),  # ty: ignore[invalid-argument-type]
        sink=lambda _: None,
        environ={},
        load=loader_of(backend),
    )
    return report, backend


def landed(project: Project) -> str:
    text = (project.root / "__generated__/shop.py").read_text("utf-8")
    return text.partition("\n\n")[2]


def edit(project: Project, old: str, new: str) -> None:
    path = project.root / "shop.py"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


@pytest.fixture
def project(make_project: MakeProject) -> Project:
    made = make_project({"shop.py": SPEC})
    report, _ = run(made, FIRST)
    assert report.ok
    assert landed(made) == FIRST
    return made


def test_only_the_changed_spec_is_asked_for_and_moves(project: Project) -> None:
    edit(project, "on the label", "on the label, with the currency")

    report, backend = run(project, MOVED)

    assert report.modules[0].outcome is Outcome.GENERATED
    assert report.modules[0].written == ("label",)
    assert landed(project) == FIRST.replace("EUR", "USD")
    (request,) = backend.requests
    assert request.context.wanted == ("label",)
    task = request.messages[-1].text.partition("## What to write")[2]
    assert "Only these names are asked for: `label`." in task
    assert "The code of `net`, `gross` is fixed" in task
    assert "def label(price: int) -> str" in task
    assert "def gross" not in task
    assert FIRST in request.messages[-1].text


def test_an_answer_that_holds_the_asked_names_only_is_enough(project: Project) -> None:
    edit(project, "on the label", "on the label, with the currency")

    report, _ = run(project, 'def label(price: int) -> str:\n    return f"{price} CHF"\n')

    assert report.ok
    old = FIRST[FIRST.index("def _euros") :]
    new = 'def label(price: int) -> str:\n    return f"{price} CHF"\n'
    assert landed(project) == FIRST.replace(old, new)


def test_what_changed_around_a_spec_is_a_change_of_those_that_name_it(project: Project) -> None:
    edit(project, "CENT = 100", "CENT = 1000")

    _, backend = run(project, MOVED)

    assert backend.requests[0].context.wanted == ("gross",)
    assert landed(project) == FIRST.replace("* 1.19", "* 1.07")


def test_a_new_spec_is_asked_for_alone(project: Project) -> None:
    text = (project.root / "shop.py").read_text("utf-8")
    spec = '\n@jaunt.magic\ndef free() -> int:\n    """What costs nothing."""\n'
    (project.root / "shop.py").write_text(text + spec, "utf-8")

    _, backend = run(project, "def free() -> int:\n    return 0\n")

    assert backend.requests[0].context.wanted == ("free",)
    assert landed(project) == f"{FIRST}\n\ndef free() -> int:\n    return 0\n"


def test_a_removed_spec_costs_nothing(project: Project) -> None:
    text = (project.root / "shop.py").read_text("utf-8")
    (project.root / "shop.py").write_text(text[: text.rindex("@jaunt.magic")], "utf-8")

    report, backend = run(project)

    assert report.modules[0].outcome is Outcome.KEPT
    assert backend.requests == []
    assert landed(project) == FIRST[: FIRST.index("def _euros")].rstrip("\n") + "\n"


def test_a_shared_helper_may_not_change(project: Project) -> None:
    edit(project, "The price without tax", "The price without any tax")
    changed = FIRST.replace("round( price )", "int(price)")
    mended = changed.replace("_rounded", "_cut")

    report, backend = run(project, changed, mended)

    assert report.ok
    first, repair = backend.requests
    assert [item.code for item in repair.context.findings] == ["shared-name"]
    (finding,) = repair.context.findings
    assert "_rounded belongs to the code of gross, label, which stays as it is" in finding.message
    assert repair.context.wanted == first.context.wanted == ("net",)
    new = FIRST.replace(
        "def net",
        "def _cut(price: float) -> int:\n    return int(price)"
        "      # spelt as nobody else would\n\n\ndef net",
    )
    assert landed(project) == new.replace("_rounded(price / 1.19)", "_cut(price / 1.19)")


def test_a_repair_is_about_the_whole_that_an_answer_makes(project: Project) -> None:
    edit(project, "on the label", "on the label, with the currency")
    wrong = "def label(price: int) -> bytes:\n    return b''\n"

    report, backend = run(project, wrong, MOVED)

    assert report.ok
    _, repair = backend.requests
    (finding,) = repair.context.findings
    assert finding.code == "return-annotation"
    assert "Asked for again: `label`. The rest stays as it is." in repair.messages[-1].text
    whole = repair.context.previous_answer or ""
    assert whole.splitlines()[finding.line - 1] == "def label(price: int) -> bytes:"
    assert "def net" in whole


def test_a_rejected_part_is_kept_as_the_whole_that_it_makes(project: Project) -> None:
    edit(project, "on the label", "on the label, with the currency")

    report, _ = run(project, "def label(price: int) -> bytes:\n    return b''\n")

    failure = report.modules[0].failure
    assert failure is not None
    assert failure.rejected is not None
    kept = (project.root / failure.rejected).read_text("utf-8").splitlines()
    first = int(kept[0].split("line ")[-1].split()[0])
    line = failure.findings[0].line
    assert kept[first - 1 + line - 1] == "def label(price: int) -> bytes:"
    assert landed(project) == FIRST


def test_a_stored_part_is_whole_wherever_it_is_needed(project: Project) -> None:
    edit(project, "on the label", "on the label, with the currency")
    run(project, MOVED)
    expected = landed(project)
    shutil.rmtree(project.root / "__generated__")

    report, backend = run(project)

    assert report.modules[0].outcome is Outcome.REUSED
    assert backend.requests == []
    assert landed(project) == expected


def test_what_is_reused_moves_only_what_changed(project: Project) -> None:
    edit(project, "on the label", "on the label, with the currency")
    shutil.rmtree(project.root / "__generated__")
    run(project, MOVED)  # a branch on which all was written anew
    assert landed(project) == MOVED
    edit(project, "on the label, with the currency", "on the label")
    shutil.rmtree(project.root / "__generated__")
    run(project)
    assert landed(project) == FIRST
    edit(project, "on the label", "on the label, with the currency")

    report, _ = run(project)

    assert report.modules[0].outcome is Outcome.REUSED
    assert landed(project) == FIRST.replace("EUR", "USD")


def test_force_is_about_the_whole_module(project: Project) -> None:
    report, backend = run(project, MOVED, force=True)

    assert report.ok
    assert backend.requests[0].context.wanted == ("net", "gross", "label")
    assert "The whole module." in backend.requests[0].messages[-1].text
    assert landed(project) == MOVED


def test_a_damaged_file_is_asked_for_whole(project: Project) -> None:
    path = project.root / "__generated__/shop.py"
    path.write_text(path.read_text("utf-8") + "def broken(:\n", "utf-8")
    edit(project, "on the label", "on the label, with the currency")

    _, backend = run(project, MOVED)

    assert backend.requests[0].context.wanted == ("net", "gross", "label")
    assert landed(project) == MOVED


def test_what_is_spliced_is_checked_whole(project: Project) -> None:
    """The fixed code may be wrong by now, and then all of it is asked for."""
    edit(project, "on the label", "on the label, with the currency")
    edit(project, "def net(price: int)", "def net(price: int, /)")

    report, backend = run(project, MOVED.replace("def net(price: int)", "def net(price: int, /)"))

    assert report.ok
    assert backend.requests[0].context.wanted == ("net", "label")
    assert "def gross(price: int) -> int:\n    return _rounded(price * 1.19)" in landed(project)
