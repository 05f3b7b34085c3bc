"""A project shown with other files in it, again and again."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import pytest

from jaunt_core.typecheck.shadow_tree import ShadowTree

from ..conftest import write_files

FILES = {
    "jaunt.toml": "version = 1\n",
    "src/app/__init__.py": "",
    "src/app/one.py": "ONE = 1\n",
    "src/app/__generated__/one.py": "landed = 1\n",
    "src/app/__generated__/two.py": "landed = 2\n",
    "src/other/deep/file.py": "x = 1\n",
    ".jaunt/answers/x": "",
}


@pytest.fixture
def top(tmp_path: Path) -> Path:
    write_files(tmp_path / "top", FILES)
    return tmp_path / "top"


def seen(shadow: Path) -> dict[str, str]:
    """All that whoever looks there would read."""
    paths = [
        Path(folder, name)
        for folder, _, names in os.walk(shadow, followlinks=True)
        for name in names
    ]
    return {path.relative_to(shadow).as_posix(): path.read_text() for path in paths}


def test_what_is_placed_stands_in_for_what_is_there(top: Path, tmp_path: Path) -> None:
    into = tmp_path / "into"
    into.mkdir()
    shadow = ShadowTree(top, into, folders=[])
    one, two = (PurePosixPath(f"src/app/__generated__/{name}.py") for name in ("one", "two"))
    expected = {name: text for name, text in FILES.items() if not name.startswith(".jaunt")}

    shadow.show_files({one: "on trial"})
    assert seen(into) == {**expected, str(one): "on trial"}

    shadow.show_files({two: "on trial", one.with_name("three.py"): "new"})
    assert seen(into) == {
        **expected,
        str(two): "on trial",
        str(one.with_name("three.py")): "new",
    }

    # What has landed meanwhile is shown, what was rejected is not, and folders come along.
    (top / one).write_text("landed again\n")
    shadow.show_files({PurePosixPath("src/other/deep/__generated__/a.py"): "there"})
    assert seen(into) == {
        **expected,
        str(one): "landed again\n",
        "src/other/deep/__generated__/a.py": "there",
    }
    assert {name: (top / name).read_text() for name in expected} == {
        **expected,
        str(one): "landed again\n",
    }


def test_the_next_time_costs_no_more_than_what_is_placed(top: Path, tmp_path: Path) -> None:
    generated = top / "src/app/__generated__"
    for number in range(30):
        (generated / f"part{number}.py").write_text("")
    into = tmp_path / "into"
    into.mkdir()
    shadow = ShadowTree(top, into, folders=[])
    one = PurePosixPath("src/app/__generated__/one.py")
    shadow.show_files({one: "first"})
    shown = into / "src/app/__generated__"
    before = {path.name: path.lstat().st_ino for path in shown.iterdir()}

    shadow.show_files({one: "second"})

    after = {path.name: path.lstat().st_ino for path in shown.iterdir()}
    assert before.keys() == after.keys()
    assert {name for name in before if before[name] != after[name]} <= {one.name}
