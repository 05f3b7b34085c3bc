"""`clean`: which generated files go and which stay, and what that costs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ..conftest import Project, Ran

Json = Callable[..., tuple[int, Any]]


FILES = [
    "src/__generated__/cart.py",
    "src/__generated__/tax.py",
    "tests/__generated__/test_tax.py",
]


def generated_in(root: Path) -> list[str]:
    paths = (path for path in root.rglob("__generated__/*.py"))
    return sorted(path.relative_to(root).as_posix() for path in paths)


def test_clean_and_build_again_for_nothing(
    built: Project, jaunt: Callable[..., Ran], jaunt_json: Json
) -> None:
    (built.root / "src/__generated__/mine.py").write_text("mine = 1\n")
    code, out, err = jaunt("clean", "--dry-run")
    assert (code, err) == (0, "")
    assert out == (
        "".join(f"would remove {name}\n" for name in FILES)
        + "3 files would be removed by `jaunt clean`; stored answers would stay\n"
    )
    code, document = jaunt_json("clean", "--dry-run")
    assert (code, document["files"], document["dry_run"]) == (0, FILES, True)
    assert len(generated_in(built.root)) == 4
    code, out, _ = jaunt("clean")
    assert code == 0
    assert out.endswith(
        "3 files removed; stored answers stay, and `jaunt build` and `jaunt test` use them\n"
    )
    assert generated_in(built.root) == ["src/__generated__/mine.py"]
    assert jaunt("clean")[1] == "nothing to remove: no file is jaunt's\n"
    assert jaunt("test", "--no-run")[0] == 0
    assert set(generated_in(built.root)) >= set(FILES)
    assert built.calls == []


@pytest.mark.parametrize("trouble", ["1 / 0", "import nowhere", "def f(:", "while True: pass"])
def test_clean_reads_no_spec(
    built: Project, jaunt: Callable[..., Ran], jaunt_json: Json, trouble: str
) -> None:
    path = built.root / "src/tax.py"
    path.write_text(f"{path.read_text()}\n{trouble}\n")
    edited = built.root / FILES[0]
    edited.write_text(edited.read_text() + "EXTRA = 1\n")
    assert jaunt_json("clean", "--dry-run")[1]["files"] == FILES
    assert generated_in(built.root) == FILES
    assert jaunt_json("clean")[1]["files"] == FILES
    assert generated_in(built.root / "src") == generated_in(built.root / "tests") == []
    copies = [file for file in (built.root / ".jaunt/overwritten").rglob("*") if file.is_file()]
    assert [file.read_text().endswith("EXTRA = 1\n") for file in copies] == [True]


def test_clean_orphans_needs_the_specs(built: Project, jaunt: Callable[..., Ran]) -> None:
    path = built.root / "src/tax.py"
    path.write_text(f"{path.read_text()}\n1 / 0\n")
    code, _, err = jaunt("clean", "--orphans")
    assert (code, generated_in(built.root)) == (2, FILES)
    assert "tax.py" in err


def test_what_does_not_begin_with_our_header_stays(
    built: Project, jaunt: Callable[..., Ran]
) -> None:
    """An empty file in a generated folder may be anybody's."""
    (built.root / "src/__generated__/__init__.py").write_text("")
    assert jaunt("check")[0] == 0
    assert jaunt("clean")[0] == 0
    assert generated_in(built.root) == ["src/__generated__/__init__.py"]


def test_clean_orphans(built: Project, jaunt: Callable[..., Ran], jaunt_json: Json) -> None:
    assert jaunt("clean", "--orphans") == (
        *(0, "nothing to remove: every generated file belongs to a spec\n", ""),
    )
    (built.root / "src/cart.py").unlink()
    _, out, _ = jaunt("clean", "--orphans", "--dry-run")
    assert out.endswith("removed by `jaunt clean --orphans`; stored answers would stay\n")
    _, document = jaunt_json("clean", "--orphans")
    assert list(document) == [
        *("schema", "command", "ok", "error", "files", "orphans", "dry_run", "warnings")
    ]
    assert (document["files"], document["orphans"]) == (FILES[:1], True)
    assert generated_in(built.root) == FILES[1:]
    assert jaunt("check")[0] == 0


def test_the_last_spec_of_a_package(project: Project, jaunt: Callable[..., Ran]) -> None:
    """The `__init__.py` that was made for its code goes with it, and the folder."""
    project.write({"src/pkg/__init__.py": ""})
    project.spec(
        "pkg.one",
        'import jaunt\n@jaunt.magic()\ndef one() -> int:\n    """Return 1."""\n    ...\n',
        "def one() -> int:\n    return 1\n",
    )
    assert jaunt("build")[0] == jaunt("check")[0] == 0
    (project.root / "src/pkg/one.py").unlink()
    code, out, _ = jaunt("check")
    assert code == 4
    assert "0 modules: 2 orphans\n" in out
    assert "__init__.py\n        nothing generated stands beside it (any more)\n" in out
    assert jaunt("clean", "--orphans")[1].endswith("2 files removed; stored answers stay\n")
    assert not (project.root / "src/pkg/__generated__").exists()
    assert not (project.root / ".jaunt/overwritten").exists()
    assert jaunt("check")[0] == 0


def test_a_hand_edit_is_kept(built: Project, jaunt: Callable[..., Ran]) -> None:
    path = built.root / FILES[0]
    path.write_text(path.read_text() + "EXTRA = 1\n")
    assert jaunt("clean")[0] == 0
    copies = [file for file in (built.root / ".jaunt/overwritten").rglob("*") if file.is_file()]
    assert [file.read_text().endswith("EXTRA = 1\n") for file in copies] == [True]
