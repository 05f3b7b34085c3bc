"""Three functions that every project needs sooner or later, as specs."""

from datetime import timedelta

import jaunt


@jaunt.magic()
def slugify(title: str, *, max_length: int = 60) -> str:
    """Turn a title into the last part of a web address.

    In this order:

    1. Apostrophes (' and ’) are removed.
    2. Accents are dropped: decompose by Unicode NFKD and remove the combining marks.
    3. Letters are lower-cased.
    4. Each run of characters other than a-z and 0-9 becomes one hyphen.
    5. Hyphens at the beginning and at the end are removed.

    A slug longer than `max_length` is cut at the end of the last word that still fits
    whole; if not even the first word fits, the first `max_length` characters of that
    word are the slug. A title that leaves nothing gives the empty string.

    >>> slugify("Crème brûlée, for 2!")
    'creme-brulee-for-2'
    >>> slugify("Don't panic")
    'dont-panic'
    >>> slugify("one two three", max_length=9)
    'one-two'

    Raises:
        ValueError: "max_length must be at least 1", if it is smaller.
    """
    raise NotImplementedError


@jaunt.magic()
def parse_duration(text: str) -> timedelta:
    """Read a duration as people write it in config files.

    A duration is one or more parts. Each part is a whole number in ASCII digits,
    directly followed by its unit: d (days), h (hours), m (minutes) or s (seconds), in
    lower case. Larger units come first, each unit at most once. Blanks may stand
    around the parts, but not inside one. A number may be larger than its unit usually
    allows.

    >>> parse_duration("1h30m")
    datetime.timedelta(seconds=5400)
    >>> parse_duration("2d 12h")
    datetime.timedelta(days=2, seconds=43200)
    >>> parse_duration("90m") == parse_duration("1h 30m")
    True

    Raises:
        ValueError: "not a duration: " and the repr of `text`, for anything else: empty
            text, a number without unit, an unknown or repeated unit, units out of
            order, signs, fractions, and durations too long for a timedelta.
    """
    raise NotImplementedError


@jaunt.magic()
def human_size(size: int) -> str:
    """Write a number of bytes so that people can read it.

    Below 1024 it is the number itself and "B". From there on it is one decimal (as the
    format ".1f" rounds) and the largest fitting unit of KiB, MiB, GiB and TiB, each
    1024 times the one before. TiB is the last unit: larger sizes stay in it.

    >>> human_size(0)
    '0 B'
    >>> human_size(1536)
    '1.5 KiB'

    Raises:
        ValueError: "size must not be negative", if it is.
    """
    # below 1024: done, no decimals
    # value = size in KiB
    # while value would be written as 1024.0 or more, and there is a larger unit:
    #     go on to that unit       (so 1024 * 1024 - 1 is "1.0 MiB", not "1024.0 KiB")
    raise NotImplementedError
