"""All that a user sees of the examples is what it was, byte for byte.

What is compared, and what is not, stands in `scripts/record_golden.py`; it also writes the golden
folder anew after a change on purpose.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import unified_diff
from pathlib import Path

import pytest

from .conftest import NAMES, load_script

golden = load_script("record_golden")


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
