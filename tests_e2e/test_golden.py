"""All that a user sees of the examples is what it was, byte for byte.

What is compared, and what is not, stands in `scripts/record_golden.py`; it also writes the golden
folder anew after a change on purpose.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import NAMES, load_script

golden = load_script("record_golden")


@pytest.mark.parametrize("name", NAMES)
def test_an_example_looks_and_leaves_what_it_did(name: str, tmp_path: Path) -> None:
    recorded = golden.record(name, tmp_path)
    expected = golden.read_golden(name)
    assert sorted(recorded) == sorted(expected)
    for place, text in expected.items():
        assert recorded[place] == text, place


def test_each_example_is_pinned() -> None:
    assert sorted(golden.PLAYS) == sorted(NAMES)
    assert sorted(path.name for path in golden.GOLDEN.iterdir()) == sorted(NAMES)
