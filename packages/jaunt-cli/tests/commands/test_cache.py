"""`cache`: counting the stored answers, and removing some."""

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

from ..conftest import Project, Ran

Json = Callable[..., tuple[int, Any]]


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
    remaining = {path.parent for path in answers} - {answers[1].parent}
    folders = set((built.root / ".jaunt/answers").glob("*/*"))
    assert folders == remaining
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
