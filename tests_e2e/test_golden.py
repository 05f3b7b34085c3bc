"""All that a user sees of the examples is what it was, byte for byte.

What is compared, and what is not, stands in `scripts/record_golden.py`; it also writes the golden
folder anew after a change on purpose.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from difflib import unified_diff
from pathlib import Path

import pytest

import jaunt as runtime

from .conftest import NAMES, Jaunt, copy_example, edit, load_script

golden = load_script("record_golden")
interpreters = load_script("interpreters")


def diff_of(place: str, expected: Mapping[str, str], recorded: Mapping[str, str]) -> str:
    old, new = (texts[place].splitlines() for texts in (expected, recorded))
    return "\n".join(unified_diff(old, new, f"golden/{place}", f"now/{place}", lineterm=""))


@pytest.mark.parametrize("name", NAMES)
def test_an_example_looks_and_leaves_what_it_did(name: str, tmp_path: Path) -> None:
    recorded = golden.record(name, tmp_path)
    expected = golden.read_golden(name)
    assert sorted(recorded) == sorted(expected)
    changed = [place for place, text in expected.items() if recorded[place] != text]
    assert not changed, "\n".join(diff_of(place, expected, recorded) for place in changed)


def test_each_example_is_pinned() -> None:
    assert sorted(golden.PLAYS) == sorted(NAMES)
    assert sorted(path.name for path in golden.GOLDEN.iterdir()) == sorted(NAMES)


@pytest.mark.slow
def test_every_interpreter_of_this_machine_reads_the_same(jaunt: Jaunt, tmp_path: Path) -> None:
    project = copy_example("quickstart", tmp_path)
    (status,) = golden.GOLDEN.glob("quickstart/01-status-json.json")
    expected = json.loads(status.read_text("utf-8"))["stdout"]
    before = "[paths]"
    for interpreter in interpreters.find_interpreters():
        now = f'[paths]\npython = "{interpreter.path}"'
        edit(project / "jaunt.toml", before, now)
        before = now
        source = str(Path(runtime.__file__).parents[1])
        ran = jaunt.run("status", "--json", cwd=project, PYTHONPATH=source)
        assert ran.document == expected, interpreter.version
