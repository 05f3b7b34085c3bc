"""What a killed repair left on trial, and records of one that nobody has to believe."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest

from jaunt_core.config.loading import Project, load_project
from jaunt_core.engine.builder import BuildOptions, build
from jaunt_core.engine.inspector import clean_project
from jaunt_core.landing.rollback import save_rollback
from jaunt_core.model.events import WarningRaised
from jaunt_core.project.fingerprints import digest_of_content
from jaunt_core.testing import ScriptedBackend, loader_of

from ..conftest import MakeProject

SPEC = '''
    import jaunt

    @jaunt.magic
    def one() -> int:
        """Return 1."""
    '''
ANSWER = "def one() -> int:\n    return 1\n"
FILE = "__generated__/app.py"
RECORD = ".jaunt/unverified.json"
ENVIRON = {"PATH": os.environ["PATH"]}


def built(project: Project) -> list[str]:
    """The warnings of a build that has to come to a good end."""
    warnings: list[str] = []

    def sink(event: object) -> None:
        if isinstance(event, WarningRaised):
            warnings.append(event.message)

    backend = ScriptedBackend({"app": [ANSWER]})
    report = build(project, BuildOptions(), sink=sink, environ=ENVIRON, load=loader_of(backend))
    assert report.ok
    return warnings


def kill(root: Path) -> None:
    """Have it look as if the run before had been killed."""
    (root / ".jaunt").mkdir(exist_ok=True)
    (root / ".jaunt/lock").write_text("999")


def put_on_trial(root: Path) -> str:
    """Leave what a killed repair leaves; returns what stood there before."""
    before = (root / FILE).read_text()
    trial = before.replace("return 1", "return 2")
    save_rollback(root, PurePosixPath(FILE), before=before, text=trial)
    (root / FILE).write_text(trial)
    kill(root)
    return before


@pytest.fixture
def project(make_project: MakeProject) -> Project:
    project = make_project({"app.py": SPEC})
    assert built(project) == []
    return project


def test_what_stood_there_before_is_put_back(project: Project) -> None:
    before = put_on_trial(project.root)
    assert built(project) == []
    assert (project.root / FILE).read_text() == before
    assert not (project.root / RECORD).exists()


def test_no_warning_where_the_run_was_killed_before_the_trial_began(project: Project) -> None:
    before = put_on_trial(project.root)
    (project.root / FILE).write_text(before)
    assert built(project) == []
    assert not (project.root / RECORD).exists()


def test_a_warning_where_the_file_was_changed_since(project: Project) -> None:
    put_on_trial(project.root)
    with (project.root / FILE).open("a") as file:
        file.write("# by hand\n")
    warnings: list[str] = []
    clean_project(
        project,
        environ=ENVIRON,
        orphans_only=True,
        dry_run=False,
        sink=lambda warning: warnings.append(str(warning)),
    )
    assert FILE in warnings[0]
    assert "it was changed since" in warnings[0]
    assert (project.root / FILE).read_text().endswith("# by hand\n")


def test_one_warning_where_the_folder_is_not_ours_any_more(project: Project) -> None:
    put_on_trial(project.root)
    on_trial = (project.root / FILE).read_text()
    config = project.root / "jaunt.toml"
    config.write_text(f'{config.read_text()}\n[paths]\ngenerated_dir = "made"\n')
    spec = project.root / "app.py"
    spec.write_text(f'__jaunt_generated__ = "made"\n{spec.read_text()}')
    moved = load_project(root=project.root)
    first = built(moved)
    assert any(f"{FILE} was on trial" in warning and "named made" in warning for warning in first)
    assert not any("on trial" in warning for warning in built(moved))
    assert (project.root / FILE).read_text() == on_trial


def record(path: str, before: str = "x", content: str = "") -> str:
    digest = digest_of_content(content.encode())
    return json.dumps({"path": path, "before": before, "digest": digest})


UNREADABLE = {
    "nothing": "",
    "deeply nested": "[" * 100_000,
    "a list": "[]",
    "a list for a path": '{"path": [], "before": "", "digest": ""}',
    "no text before": record(FILE).replace('"x"', "1"),
    "too large": record(FILE) + " " * 17_000_000,
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_record_that_names_nothing_is_dropped(name: str, make_project: MakeProject) -> None:
    project = make_project({"app.py": SPEC, RECORD: UNREADABLE[name]})
    kill(project.root)
    assert built(project) == []
    assert not (project.root / RECORD).exists()


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _link(path: Path) -> None:
    elsewhere = path.with_name("elsewhere.json")
    elsewhere.write_text(record("app.py"))
    path.symlink_to(elsewhere)


@pytest.mark.parametrize("make", [_pipe, _link])
def test_a_record_that_is_no_file_is_dropped(
    make: Callable[[Path], None], make_project: MakeProject
) -> None:
    project = make_project({"app.py": SPEC})
    kill(project.root)
    make(project.root / RECORD)
    assert built(project) == []
    assert not os.path.lexists(project.root / RECORD)


HAND = "__generated__/hand.py"
WRITTEN = "# by hand\n"
NAMED = {
    "a spec": (record("app.py", content=WRITTEN), "app.py"),
    "by hand": (record(HAND, content=WRITTEN), "it was not written by jaunt"),
    "no header before": (record("__generated__/ours.py", content="# Generated"), "changed since"),
    "out of the project": (record("../__generated__/hand.py"), "../__generated__/hand.py"),
    "absolute": (record("/__generated__/hand.py"), "/__generated__/hand.py"),
    "NUL": (record("a\0b"), "a\\x00b"),
    "NUL in a generated folder": (record("__generated__/a\0b"), "no file can have this name"),
    "surrogate": (record("__generated__/a\ud800b"), "a\\ud800b"),
    "long": (record("a" * 5000), "a" * 200 + "…"),
    "no path": (record(""), "."),
    "other kind": (record("tests/__generated__/app.py"), "tests/__generated__/app.py"),
}


@pytest.mark.parametrize("name", NAMED)
def test_a_record_of_anything_is_warned_of_and_dropped(
    name: str, make_project: MakeProject
) -> None:
    text, reason = NAMED[name]
    files = {"app.py": SPEC, HAND: WRITTEN, "__generated__/ours.py": "# else\n"}
    project = make_project({**files, "tests/.keep": ""})
    kill(project.root)
    (project.root / RECORD).write_text(text)
    spec = (project.root / "app.py").read_text()
    warnings = built(project)
    assert any(
        "was on trial" in warning and reason in warning and warning.isprintable()
        for warning in warnings
    )
    assert not (project.root / RECORD).exists()
    assert not any("was on trial" in warning for warning in built(project))
    assert (project.root / HAND).read_text() == WRITTEN
    assert (project.root / "app.py").read_text() == spec


@pytest.mark.parametrize("content", [None, ""])
def test_a_record_makes_no_file(content: str | None, make_project: MakeProject) -> None:
    project = make_project({"app.py": SPEC, RECORD: record("__generated__/new.py", "import os\n")})
    new = project.root / "__generated__/new.py"
    if content is not None:
        new.parent.mkdir()
        new.write_text(content)
    kill(project.root)
    built(project)
    assert (new.read_text() if new.exists() else None) == content


def test_a_record_puts_no_other_text_in_the_place_of_ours(project: Project) -> None:
    whole = (project.root / FILE).read_text()
    (project.root / RECORD).write_text(record(FILE, "import os\n", content=whole))
    kill(project.root)
    assert any("it was not written by jaunt" in warning for warning in built(project))
    assert (project.root / FILE).read_text() == whole
