"""`clean`, `cache` and `--offline`: what goes, what stays, and what it then costs."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jaunt_cli.commands.cache import parse_size
from jaunt_cli.render.words import size

from .conftest import Project, Ran

Json = Callable[..., tuple[int, Any]]
FILES = [
    "src/__generated__/cart.py",
    "src/__generated__/tax.py",
    "tests/__generated__/test_tax.py",
]


@pytest.fixture
def built(shop: Project, jaunt: Callable[..., Ran]) -> Project:
    assert jaunt("test", "--no-run")[0] == 0
    (shop.root / "calls.txt").unlink()
    return shop


def generated_in(root: Path) -> list[str]:
    found = (path for path in root.rglob("__generated__/*.py"))
    return sorted(path.relative_to(root).as_posix() for path in found)


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


def test_the_cache_is_looked_at_shrunk_and_emptied(
    built: Project, jaunt: Callable[..., Ran], jaunt_json: Json
) -> None:
    code, document = jaunt_json("cache", "info")
    assert (code, document["action"], document["removed"]) == (0, "info", None)
    stored = document["stored"]
    assert stored["answers"] == 3
    _, out, _ = jaunt("cache", "info")
    assert out == f"3 stored answers, {size(stored['bytes'])} in .jaunt/answers/\n"
    assert jaunt("cache", "gc", "--max-size", "1GiB")[1].startswith("removed 0 stored answers, ")
    answers = sorted((built.root / ".jaunt/answers").rglob("*.json"))
    os.utime(answers[1], ns=(1, 1))
    _, document = jaunt_json("cache", "gc", "--max-size", str(stored["bytes"] - 1))
    assert document["removed"]["answers"] == 1
    assert document["stored"]["bytes"] + document["removed"]["bytes"] == stored["bytes"]
    assert list(answers[1].parent.iterdir()) == []
    code, out, err = jaunt("cache", "clear")
    assert (code, err) == (0, "")
    assert out.startswith("removed 2 stored answers, ")
    assert out.endswith("\nleft: 0 stored answers, 0 bytes in .jaunt/answers/\n")
    assert jaunt("check")[0] == 0  # generated files stay
    assert jaunt("clean")[0] == 0
    assert jaunt("plan")[1].splitlines()[-1].startswith("cost: 3 model calls ")


@pytest.mark.parametrize("command", [["clean"], ["cache", "info"], ["cache", "clear"]])
def test_errors(
    tmp_path: Path, jaunt: Callable[..., Ran], jaunt_json: Json, command: list[str]
) -> None:
    code, out, err = jaunt(*command, "--root", str(tmp_path))
    assert (code, out) == (2, "")
    assert "error: no jaunt.toml in " in err
    assert "  hint: create a jaunt.toml" in err
    code, document = jaunt_json(*command, "--root", str(tmp_path))
    assert (code, document["error"]["kind"]) == (2, "config")
    assert document["warnings"] == []


def test_offline_uses_what_is_stored_and_names_what_is_not(
    built: Project, jaunt: Callable[..., Ran], jaunt_json: Json
) -> None:
    jaunt("clean")
    assert jaunt("test", "--offline", "--no-run")[0] == 0
    path = built.root / "src/tax.py"
    path.write_text(path.read_text().replace("else 0", "else 7"))
    for command in ("build", "test"):
        code, _, err = jaunt(command, "--offline")
        assert code == 3
        assert "no stored answer fits tax, and this run is offline\n  hint: run " in err
    code, document = jaunt_json("build", "--offline")
    failures = {item["module"]: item["outcome"] for item in document["modules"]}
    assert failures == {"tax": "failed", "cart": "skipped"}
    assert built.calls == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("4096", 4096),
        ("7B", 7),
        ("500MB", 500_000_000),
        ("500 mb", 500_000_000),
        ("1GiB", 1 << 30),
        ("1.5kB", 1500),
        ("2 TiB", 2 << 40),
    ],
)
def test_sizes(text: str, number: int) -> None:
    assert parse_size(text) == number


@pytest.mark.parametrize("text", ["", "MB", "1M", "-1", "1e3", "1,5MB", "\u0661MB", "1.MB"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="write it as 500MB or 1GiB"):
        parse_size(text)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_960, "1.0 MB"),
        (5_000_000_000, "5.0 GB"),
        (5_000_000_000_000_000, "5,000.0 TB"),
    ],
)
def test_sizes_in_words(number: int, text: str) -> None:
    assert size(number) == text
