# fails: test_slugify_drops_accents_and_apostrophes
# wrong: accented letters are cut out instead of losing their accent
"""Slugs, durations and sizes."""

import re
import unicodedata
from datetime import timedelta

_DURATION = re.compile(
    r"\s*(?:([0-9]+)d\s*)?(?:([0-9]+)h\s*)?(?:([0-9]+)m\s*)?(?:([0-9]+)s\s*)?"
)
_SIZE_UNITS = ("KiB", "MiB", "GiB", "TiB")


def slugify(title: str, *, max_length: int = 60) -> str:
    """Turn a title into the last part of a web address."""
    if max_length < 1:
        raise ValueError("max_length must be at least 1")
    text = title.replace("'", "").replace("’", "")
    decomposed = unicodedata.normalize("NFC", text)
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    words = re.findall(r"[a-z0-9]+", plain.lower())
    return _join_words(words, max_length)


def _join_words(words: list[str], max_length: int) -> str:
    """Join as many whole words as fit, but at least a piece of the first one."""
    slug = ""
    for word in words:
        longer = f"{slug}-{word}" if slug else word
        if len(longer) > max_length:
            return slug or word[:max_length]
        slug = longer
    return slug


def parse_duration(text: str) -> timedelta:
    """Read a duration as people write it in config files."""
    match = _DURATION.fullmatch(text)
    if match is None or not any(match.groups()):
        raise ValueError(f"not a duration: {text!r}")
    try:
        days, hours, minutes, seconds = (int(part or "0") for part in match.groups())
        return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    except (OverflowError, ValueError):
        raise ValueError(f"not a duration: {text!r}") from None


def human_size(size: int) -> str:
    """Write a number of bytes so that people can read it."""
    if size < 0:
        raise ValueError("size must not be negative")
    if size < 1024:
        return f"{size} B"
    scale = 1
    for unit in _SIZE_UNITS:
        scale *= 1024
        written = f"{size / scale:.1f}"
        if float(written) < 1024 or unit == _SIZE_UNITS[-1]:
            break
    return f"{written} {unit}"
