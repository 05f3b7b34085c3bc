"""Specs that somebody edits while a build is under way: nothing old lands as if it were new."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from jaunt_core.config.loading import Project
from jaunt_core.engine.builder import BuildOptions, build
from jaunt_core.model.generation import GenerationRequest, GenerationResult
from jaunt_core.model.report import BuildReport, Outcome
from jaunt_core.testing import ScriptedBackend, loader_of

MakeProject = Callable[..., Project]
Edit = Callable[[Path], object]

FILES = {
    "cents.py": "CENT = 100\n",
    "other.py": "NOTHING = 0\n",
    "net.py": '''
        import jaunt

        @jaunt.magic
        def net(price: int) -> int:
            """The price without tax."""
        ''',
    "shop.py": '''
        import jaunt
        from cents import CENT
        from net import net

        @jaunt.magic(deps=[net])
        def gross(price: int) -> int:
            """The price with tax, in units of `CENT`."""
        ''',
}
ANSWERS = {
    "net": ["def net(price: int) -> int:\n    return price\n"],
    "shop": ["def gross(price: int) -> int:\n    return price\n"],
}


class Meddling(ScriptedBackend):
    """Does something to the project while it is asked for a module."""

    def __init__(self, root: Path, when: str, edit: Edit) -> None:
        super().__init__(ANSWERS)
        self._root = root
        self._when = when
        self._edit = edit

    async def generate_module(self, request: GenerationRequest) -> GenerationResult:
        if request.context.spec_module == self._when:
            self._edit(self._root)
        return await super().generate_module(request)


def run(
    project: Project, when: str = "", edit: Edit = lambda _: None
) -> tuple[BuildReport, list[str]]:
    backend = Meddling(project.root, when, edit)
    report = build(
        project,
        BuildOptions(jobs=1),
        sink=lambda _: None,
        environ={"PATH": os.environ["PATH"]},
        load=loader_of(backend),
    )
    return report, backend.asked


def changing(name: str, old: str, new: str) -> Edit:
    def edit(root: Path) -> None:
        text = (root / name).read_text("utf-8")
        assert old in text
        (root / name).write_text(text.replace(old, new), "utf-8")

    return edit


def outcomes(report: BuildReport) -> dict[str, Outcome]:
    return {module.module: module.outcome for module in report.modules}


@pytest.fixture
def project(make_project: MakeProject) -> Project:
    return make_project(FILES)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("shop.py", "with tax", "with all taxes"),
        ("net.py", "without tax", "without any tax"),
        ("cents.py", "100", "10"),
    ],
)
def test_what_was_asked_for_an_older_spec_is_kept_and_not_landed(
    project: Project, name: str, old: str, new: str
) -> None:
    report, asked = run(project, "shop", changing(name, old, new))

    assert asked == ["net", "shop"]
    assert outcomes(report) == {"net": Outcome.GENERATED, "shop": Outcome.FAILED}
    failure = report.modules[1].failure
    assert failure is not None
    assert failure.message == (
        f"the spec changed while it was being built ({name} is not as it was read), "
        "so nothing was written; its answer is kept"
    )
    assert failure.hint == "build again"
    assert not (project.root / "__generated__/shop.py").exists()

    changing(name, new, old)(project.root)
    report, asked = run(project)
    assert asked == []
    assert outcomes(report) == {"net": Outcome.FRESH, "shop": Outcome.REUSED}


def test_the_next_build_takes_what_is_there_then(project: Project) -> None:
    run(project, "shop", changing("shop.py", "with tax", "with all taxes"))

    report, asked = run(project)

    assert asked == ["shop"]
    assert outcomes(report) == {"net": Outcome.FRESH, "shop": Outcome.GENERATED}
    assert run(project)[1] == []


def test_nothing_is_paid_for_a_spec_that_has_changed_before(project: Project) -> None:
    report, asked = run(project, "net", changing("shop.py", "with tax", "with all taxes"))

    assert asked == ["net"]
    assert outcomes(report) == {"net": Outcome.GENERATED, "shop": Outcome.FAILED}


def test_a_spec_that_vanishes_lands_nothing(project: Project) -> None:
    report, _ = run(project, "shop", lambda root: (root / "shop.py").unlink())

    assert outcomes(report)["shop"] is Outcome.FAILED
    assert not (project.root / "__generated__/shop.py").exists()


@pytest.mark.parametrize("edit", [lambda root: os.utime(root / "shop.py"), lambda root: None])
def test_a_file_that_says_the_same_is_no_change(project: Project, edit: Edit) -> None:
    changing_other = changing("other.py", "0", "1")

    def meddle(root: Path) -> None:
        edit(root)
        changing_other(root)

    assert run(project, "shop", meddle)[0].ok


def test_a_generated_file_that_vanishes_is_written(project: Project) -> None:
    assert run(project)[0].ok
    changing("shop.py", "with tax", "with all taxes")(project.root)

    report, _ = run(project, "shop", lambda root: (root / "__generated__/shop.py").unlink())

    assert report.ok
    assert (project.root / "__generated__/shop.py").exists()
