"""What the three functions must do, as test specs."""

import jaunt

from quickstart import human_size, parse_duration, slugify


@jaunt.test(targets=[slugify])
def test_slugify_joins_words() -> None:
    """Words are lower-cased and joined by single hyphens.

    - "Hello World" -> "hello-world"
    - "  --Rock & Roll--  " -> "rock-roll"
    - "Version 2.0 (beta)" -> "version-2-0-beta"
    - "?!" -> "" and "" -> ""
    """
    ...


@jaunt.test(targets=[slugify])
def test_slugify_drops_accents_and_apostrophes() -> None:
    """Accents and both kinds of apostrophe disappear without leaving a hyphen.

    - "Crème brûlée" -> "creme-brulee"
    - "Don't" and "Don’t" -> "dont"
    - "ÅNGSTRÖM" -> "angstrom"
    - "日本 2024" -> "2024", since nothing of the first word is left
    """
    ...


@jaunt.test(targets=[slugify])
def test_slugify_cuts_at_words() -> None:
    """`max_length` keeps whole words where it can.

    - "one two three": 13 -> "one-two-three", 12 -> "one-two", 7 -> "one-two",
      6 -> "one"
    - "extraordinary claims": 5 -> "extra", as not even the first word fits
    - without `max_length`, thirty times "ab " -> twenty times "ab", joined by hyphens
    - `max_length` 0 raises ValueError, "max_length must be at least 1"
    """
    ...


@jaunt.test(targets=[parse_duration])
def test_parse_duration_adds_the_parts() -> None:
    """Every unit counts, alone and together.

    - "45s" -> 45 seconds, "90m" -> 90 minutes, "3h" -> 3 hours, "2d" -> 2 days
    - "1h30m" -> 1 hour 30 minutes
    - "1d2h3m4s" and " 1d 2h  3m 4s " -> 1 day 2 hours 3 minutes 4 seconds
    - "0s" -> no time at all
    """
    ...


@jaunt.test(targets=[parse_duration])
def test_parse_duration_rejects_everything_else() -> None:
    """Anything else raises ValueError, "not a duration: " and the repr of the text.

    Try "", " ", "10", "h", "1 h", "5w", "1H", "1h1h", "30m1h", "-1h", "1.5h", "1h,5m",
    "١h" (an Arabic digit) and "999999999999d" (longer than a timedelta can hold).
    """
    ...


@jaunt.test(targets=[human_size])
def test_human_size_picks_the_unit() -> None:
    """The largest unit that fits is used, with one decimal from KiB on.

    - 0 -> "0 B", 1 -> "1 B", 1023 -> "1023 B"
    - 1024 -> "1.0 KiB", 1536 -> "1.5 KiB"
    - 5 * 1024**2 -> "5.0 MiB", 3 * 1024**3 -> "3.0 GiB", 2 * 1024**4 -> "2.0 TiB"
    - 5000 * 1024**4 -> "5000.0 TiB"
    """
    ...


@jaunt.test(targets=[human_size])
def test_human_size_never_writes_1024_of_a_unit() -> None:
    """A value that would round up to 1024.0 is written in the next unit.

    - 1024**2 - 1 -> "1.0 MiB", 1024**3 - 1 -> "1.0 GiB", 1024**4 - 1 -> "1.0 TiB"
    - 1023 * 1024 -> "1023.0 KiB"
    """
    ...


@jaunt.test(targets=[human_size])
def test_human_size_rejects_negative_sizes() -> None:
    """-1 raises ValueError, "size must not be negative"."""
    ...
