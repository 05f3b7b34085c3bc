"""Prose around the code of an answer, as opposed to code with a mistake in it."""

from __future__ import annotations

import ast
import re

_WORD = re.compile(r"[^\W\d_][\w'’/-]*[.,:;!?…]?|`[^`]*`[.,:;!?]?|[-*•–—]|\d+[.)]?")  # noqa: RUF001 - as people write
_CODE_STARTS = re.compile(
    r"(?:from|import)\s+[\w.]+|(?:async\s+)?def\s+\w+\s*[\[(]|class\s+\w+\s*[\[(:]|@\w|#|[\"']{3}"
    r"|if\s+\w.*:\s*$|try:|type\s+\w+\s*(?:\[.*\])?\s*=|lazy\s+(?:from|import)\s|[A-Za-z_]\w*(?::[^=]+)?\s*=[^=]"
)
_LEAST_WORDS = 3
_MOST_CUTS = 40


def prose_in(text: str) -> tuple[int, str] | None:
    """Line and words of the first prose, where an answer does not parse because of prose.

    None where the text is wrong in another way: without the prose the rest has to parse, and each
    line that counts as prose has to read as words.
    """
    lines = text.split("\n")
    starts = (index for index, line in enumerate(lines) if _CODE_STARTS.match(line))
    first = next(starts, len(lines))
    if not all(_is_prose(line) for line in lines[:first]):
        return None
    end = _end_of_code(lines, first)
    if end is None:
        return None
    around = (*range(first), *range(end, len(lines)))
    outside = [index for index in around if lines[index].strip()]
    # A word or two without any code may as well be code that is cut off.
    is_alone = first == end and sum(len(lines[index].split()) for index in outside) < _LEAST_WORDS
    return (outside[0] + 1, lines[outside[0]].strip()) if outside and not is_alone else None


def _end_of_code(lines: list[str], first: int) -> int | None:
    """The line at which the code from `first` on ends and prose begins; None if there is none."""
    end = len(lines)
    for _ in range(_MOST_CUTS):
        if _parses("\n".join(lines[first:end])):
            return end
        end = _without_last_paragraph(lines, first, end)
        if end <= first or not all(_is_prose(line) for line in lines[end:]):
            return None
    return None


def _without_last_paragraph(lines: list[str], first: int, end: int) -> int:
    while end > first and not lines[end - 1].strip():
        end -= 1
    while end > first and _is_prose(lines[end - 1]) and lines[end - 1].strip():
        end -= 1
    return end if end > first and not lines[end - 1].strip() else first


def _is_prose(line: str) -> bool:
    """Whether a line reads as words or is empty; a line that Python accepts does not count."""
    words = line.split()
    if not words:
        return True
    word_count = sum(_WORD.fullmatch(word.strip("()\"'*_")) is not None for word in words)
    return not line[0].isspace() and word_count >= 0.7 * len(words) and not _parses(line)


def _parses(code: str) -> bool:
    try:
        ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
