"""Numbers in words."""

from __future__ import annotations

import pytest

from jaunt_cli.words.quantities import size_text


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
