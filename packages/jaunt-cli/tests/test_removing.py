"""`clean`, `cache` and `--offline`: what goes, what stays, and what it then costs."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jaunt_cli.commands.cache import parse_size
from jaunt_cli.words.quantities import size_text

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


def test_the_cache_is_looked_at_shrunk_and_emptied(
    built: Project, jaunt: Callable[..., Ran], jaunt_json: Json
) -> None:
    code, document = jaunt_json("cache", "info")
    assert (code, document["action"], document["removed"]) == (0, "info", None)
    stored = document["stored"]
    assert stored["answers"] == 3
    _, out, _ = jaunt("cache", "info")
    assert out == f"3 stored answers, {size_text(stored['bytes'])} in .jaunt/answers/\n"
    assert jaunt("cache", "gc", "--max-size", "1GiB")[1].startswith("removed 0 stored answers, ")
    answers = sorted((built.root / ".jaunt/answers").rglob("*.json"))
    os.utime(answers[1], ns=(1, 1))
    _, document = jaunt_json("cache", "gc", "--max-size", str(stored["bytes"] - 1))
    assert document["removed"]["answers"] == 1
    assert document["stored"]["bytes"] + document["removed"]["bytes"] == stored["bytes"]
    assert not answers[1].exists()
    # A key without answers leaves no folder, and what a killed build left there goes with it.
    left = {path.parent for path in answers} - {answers[1].parent}
    folders = set((built.root / ".jaunt/answers").glob("*/*"))
    assert folders == left
    assert {path.parent for path in folders} == set((built.root / ".jaunt/answers").iterdir())
    code, out, err = jaunt("cache", "clear")
    assert (code, err) == (0, "")
    assert out.startswith("removed 2 stored answers, ")
    assert out.endswith("\nleft: 0 stored answers, 0 bytes in .jaunt/answers/\n")
    assert jaunt("check")[0] == 0  # generated files stay
    assert jaunt("clean")[0] == 0
    assert jaunt("plan")[1].splitlines()[-1].startswith("cost: 3 model calls ")


def test_what_a_killed_build_left_in_the_cache_goes(
    built: Project, jaunt: Callable[..., Ran]
) -> None:
    folder = built.root / ".jaunt/answers/ab/abc"
    folder.mkdir(parents=True)
    (folder / ".0001.json.1.jaunt-tmp").write_text("{")
    (folder / "0001.accepted").touch()
    assert jaunt("cache", "gc", "--max-size", "1GiB")[0] == 0
    assert not folder.parent.exists()
    assert jaunt("check")[0] == 0


def test_an_answer_that_goes_meanwhile_is_not_counted(built: Project, jaunt_json: Json) -> None:
    """A link to nothing is to us what a file is that was removed since its folder was listed."""
    answer = next((built.root / ".jaunt/answers").rglob("*.json"))
    answer.with_name("0009.json").symlink_to("gone")
    assert jaunt_json("cache", "info")[1]["stored"]["answers"] == 3


def test_the_cache_is_left_alone_while_a_build_writes(
    shop: Project, jaunt: Callable[..., Ran], start: Callable[..., subprocess.Popen[str]]
) -> None:
    """`cache clear` waits for the build, and says for whom."""
    shop.write({"slow": ""})
    build = start("build")
    calls = shop.root / "calls.txt"
    while not calls.exists() and build.poll() is None:
        pass
    clear = start("cache", "clear")
    assert clear.stderr is not None
    waiting = clear.stderr.readline()
    assert f"another jaunt (process {build.pid}) works on this project; waiting" in waiting
    build.send_signal(signal.SIGINT)
    assert build.wait() == 130
    out, _ = clear.communicate()
    assert (clear.returncode, out.splitlines()[-1]) == (
        *(0, "left: 0 stored answers, 0 bytes in .jaunt/answers/"),
    )


def test_the_cache_needs_no_more_of_a_project_than_its_folder(
    built: Project, jaunt: Callable[..., Ran]
) -> None:
    (built.root / "jaunt.toml").write_text("version = 1\nno toml\n")
    assert jaunt("cache", "info")[1].startswith("3 stored answers, ")


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


@pytest.mark.parametrize("command", ["build", "test"])
def test_offline_without_the_backend(
    built: Project, jaunt: Callable[..., Ran], jaunt_json: Json, command: str
) -> None:
    """What is fresh needs no backend; what is stored can only be found with it."""
    config = built.root / "jaunt.toml"
    config.write_text(config.read_text().replace('"command"', '"nowhere"'))
    options = ("--offline", "--no-run") if command == "test" else ("--offline",)
    assert jaunt(command, *options)[0] == 0
    (built.root / FILES[0]).unlink()
    code, out, err = jaunt(command, *options)
    assert (code, out) == (2, "")
    assert "[llm] provider = 'nowhere' names no installed backend; an offline run asks no" in err
    assert "stored answers are filed under the fingerprint that only the backend can tell\n" in err
    assert '\n  hint: install it, e.g. pip install "jaunt-cli[nowhere]" (installed' in err
    code, document = jaunt_json(command, *options)
    assert (code, document["error"]["kind"]) == (2, "config")


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
    assert size_text(number) == text
