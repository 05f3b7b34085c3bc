"""Prose that an answer holds around its code, told apart from code with a mistake in it."""

from __future__ import annotations

import ast
import re

_WORD = re.compile(r"[^\W\d_][\w'’/-]*[.,:;!?…]?|`[^`]*`[.,:;!?]?|[-*•–—]|\d+[.)]?")  # noqa: RUF001 - as people write
_CODE_STARTS = re.compile(
    r"(?:from|import)\s+[\w.]+|(?:async\s+)?def\s+\w+\s*[\[(]|class\s+\w+\s*[\[(:]|@\w|#|[\"']{3}"
    r"|if\s+\w.*:\s*$|try:|[A-Za-z_]\w*(?::[^=]+)?\s*=[^=]"
)
_LEAST_WORDS = 3
_MOST_CUTS = 40


def prose_in(text: str) -> tuple[int, str] | None:
    """Line and words of the first prose of an answer that does not parse because of it.

    None where the text is wrong in another way: what is left without the prose has to parse, and
    each line that is taken for prose has to read as words.
    """
    lines = text.split("\n")
    first = next((n for n, line in enumerate(lines) if _CODE_STARTS.match(line)), len(lines))
    if not all(_is_prose(line) for line in lines[:first]):
        return None
    end = _end_of_code(lines, first)
    if end is None:
        return None
    outside = [n for n in (*range(first), *range(end, len(lines))) if lines[n].strip()]
    is_alone = first == end and sum(len(lines[n].split()) for n in outside) < _LEAST_WORDS
    return (outside[0] + 1, lines[outside[0]].strip()) if outside and not is_alone else None


def _end_of_code(lines: list[str], first: int) -> int | None:
    """Where the code that starts at `first` ends, and nothing but prose follows."""
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
    """Whether a line reads as words, or is empty; one that Python accepts is none."""
    words = line.split()
    if not words:
        return True
    fitting = sum(_WORD.fullmatch(word.strip("()\"'*_")) is not None for word in words)
    return not line[0].isspace() and fitting >= 0.7 * len(words) and not _parses(line)


def _parses(code: str) -> bool:
    try:
        ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
