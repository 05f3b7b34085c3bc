"""The corpus of right and wrong answers: it is well formed, and the pipeline reaches enough."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def run_corpus(*arguments: str) -> tuple[int, str]:
    """The exit code and what was printed."""
    done = subprocess.run(
        [sys.executable, "-m", "scripts.corpus", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_it_is_well_formed() -> None:
    assert run_corpus("--check") == (0, "the corpus is well formed\n")


@pytest.mark.slow
def test_a_sample() -> None:
    code, said = run_corpus("--sample", "1", "--no-costs")

    assert code == 0, said


@pytest.mark.slow
def test_all_of_it() -> None:
    """The reach is kept, and the page tells of the same answers."""
    code, said = run_corpus("--no-costs")

    assert code == 0, said
    page = (ROOT / "docs/reference/quality.md").read_text("utf-8")
    assert kinds_in(said) == kinds_in(page) != []


def kinds_in(page: str) -> list[tuple[str, str]]:
    """The kinds of wrong answers, and how many there are of each."""
    return re.findall(r"^\| ([a-z][^|`]*) \| (\d+) \|", page, re.MULTILINE)
