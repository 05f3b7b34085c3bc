"""Tests of slugs, durations and sizes."""

import re
from datetime import timedelta

import pytest

from quickstart import human_size, parse_duration, slugify


def test_slugify_joins_words() -> None:
    """Words are lower-cased and joined by single hyphens."""
    assert slugify("Hello World") == "hello-world"
    assert slugify("  --Rock & Roll--  ") == "rock-roll"
    assert slugify("Version 2.0 (beta)") == "version-2-0-beta"
    assert slugify("?!") == ""
    assert slugify("") == ""


def test_slugify_drops_accents_and_apostrophes() -> None:
    """Accents and both kinds of apostrophe disappear without leaving a hyphen."""
    assert slugify("Crème brûlée") == "creme-brulee"
    assert slugify("Don't") == "dont"
    assert slugify("Don’t") == "dont"
    assert slugify("ÅNGSTRÖM") == "angstrom"
    assert slugify("日本 2024") == "2024"


def test_slugify_cuts_at_words() -> None:
    """`max_length` keeps whole words where it can."""
    assert slugify("one two three", max_length=13) == "one-two-three"
    assert slugify("one two three", max_length=12) == "one-two"
    assert slugify("one two three", max_length=7) == "one-two"
    assert slugify("one two three", max_length=6) == "one"
    assert slugify("extraordinary claims", max_length=5) == "extra"
    assert slugify("ab " * 30) == "-".join(["ab"] * 20)
    with pytest.raises(ValueError, match=r"^max_length must be at least 1$"):
        slugify("title", max_length=0)


def test_parse_duration_adds_the_parts() -> None:
    """Every unit counts, alone and together."""
    assert parse_duration("45s") == timedelta(seconds=45)
    assert parse_duration("90m") == timedelta(minutes=90)
    assert parse_duration("3h") == timedelta(hours=3)
    assert parse_duration("2d") == timedelta(days=2)
    assert parse_duration("1h30m") == timedelta(hours=1, minutes=30)
    everything = timedelta(days=1, hours=2, minutes=3, seconds=4)
    assert parse_duration("1d2h3m4s") == everything
    assert parse_duration(" 1d 2h  3m 4s ") == everything
    assert parse_duration("0s") == timedelta(0)


def test_parse_duration_rejects_everything_else() -> None:
    """Anything else raises ValueError with the repr of the text."""
    no_durations = ["", " ", "10", "h", "1 h", "5w", "1H", "1h1h", "30m1h"]
    no_durations += ["-1h", "1.5h", "1h,5m", "١h", "999999999999d"]
    for text in no_durations:
        message = re.escape(f"not a duration: {text!r}")
        with pytest.raises(ValueError, match=rf"^{message}$"):
            parse_duration(text)


def test_human_size_picks_the_unit() -> None:
    """The largest unit that fits is used, with one decimal from KiB on."""
    assert human_size(0) == "0 B"
    assert human_size(1) == "1 B"
    assert human_size(1023) == "1023 B"
    assert human_size(1024) == "1.0 KiB"
    assert human_size(1536) == "1.5 KiB"
    assert human_size(5 * 1024**2) == "5.0 MiB"
    assert human_size(3 * 1024**3) == "3.0 GiB"
    assert human_size(2 * 1024**4) == "2.0 TiB"
    assert human_size(5000 * 1024**4) == "5000.0 TiB"


def test_human_size_never_writes_1024_of_a_unit() -> None:
    """A value that would round up to 1024.0 is written in the next unit."""
    assert human_size(1024**2 - 1) == "1.0 MiB"
    assert human_size(1024**3 - 1) == "1.0 GiB"
    assert human_size(1024**4 - 1) == "1.0 TiB"
    assert human_size(1023 * 1024) == "1023.0 KiB"


def test_human_size_rejects_negative_sizes() -> None:
    """A negative size is an error."""
    with pytest.raises(ValueError, match=r"^size must not be negative$"):
        human_size(-1)
