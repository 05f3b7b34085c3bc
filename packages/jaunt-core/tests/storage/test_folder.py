"""`.jaunt/`: files are replaced wholly or not at all, and nobody writes there in another way."""

from __future__ import annotations

import ast
from importlib.util import find_spec
from pathlib import Path

import pytest

from jaunt_core.errors import LandingError
from jaunt_core.storage.folder import (
    as_landing_error,
    open_file,
    remove_file,
    remove_folder,
    remove_leftovers,
    replace_file,
    state_folder,
)

WRITING = {"write_text", "write_bytes", "unlink", "touch", "rmtree", "fsync", "O_CREAT", "mkstemp"}


def modules_that_know_the_folder() -> list[Path]:
    spec = find_spec("jaunt_core")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    (root,) = map(Path, spec.submodule_search_locations)
    return [
        path
        for path in root.rglob("*.py")
        if path.name != "folder.py" and "STATE_FOLDER" in path.read_text("utf-8")
    ]


def test_all_that_is_written_there_is_written_in_one_way() -> None:
    modules = modules_that_know_the_folder()
    assert len(modules) >= 7
    for path in modules:
        nodes = ast.walk(ast.parse(path.read_text("utf-8")))
        names = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
        assert not names & WRITING, path


def test_a_file_is_replaced_or_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "note"
    replace_file(path, b"first")
    replace_file(str(path), b"second")
    assert path.read_bytes() == b"second"
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError):
        replace_file(tmp_path / "folder", b"third")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["folder", "note"]


def test_what_a_killed_run_left_is_removed(tmp_path: Path) -> None:
    for name in (".note.1.jaunt-tmp", "note.jaunt-tmp", ".note"):
        (tmp_path / name).write_text("")
    remove_leftovers(tmp_path)
    remove_leftovers(tmp_path / "nowhere")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [".note", "note.jaunt-tmp"]


def test_no_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere" / "file")
    for is_new in (True, False):
        with pytest.raises(OSError, match="link"):
            open_file(tmp_path / "link", is_new=is_new)
    (tmp_path / ".jaunt").symlink_to("elsewhere")
    with pytest.raises(LandingError, match="leads elsewhere by a link"):
        state_folder(tmp_path, "answers")
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_removing_what_is_not_there_is_no_fault(tmp_path: Path) -> None:
    remove_file(tmp_path / "nothing")
    remove_folder(tmp_path / "nothing")


def test_what_cannot_be_written_is_named(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "note"
    with pytest.raises(LandingError) as caught, as_landing_error(path, hint="make room"):
        replace_file(path, b"")
    assert caught.value.args[0] == f"{path} cannot be written: No such file or directory"
    assert caught.value.hint == "make room"
