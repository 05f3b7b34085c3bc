"""Python source as text: what can be seen of it without parsing it.

Answers are cut out of texts by the same rules wherever Jaunt runs, and may be in a newer Python.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator
from itertools import takewhile

_QUOTE = re.compile(r"#[^\n]*|\"{3}|'{3}|\"(?:\\.|[^\"\\\n])*\"?|'(?:\\.|[^'\\\n])*'?")
_CLOSING = {quote: re.compile(rf"\\.|{quote}", re.DOTALL) for quote in ('"""', "'''")}
_DEFINITION = re.compile(r"^(?:(?:async[ \t]+)?def|class)[ \t]+(\w+)", re.MULTILINE)
_BINDING = re.compile(
    r"^[ \t]*(?:(?:async[ \t]+)?def|class|type)[ \t]+(\w+)|^(\w+)[ \t]*(?::[^=\n]*)?=(?!=)"
    r"|\bimport[ \t]+(?:[^\n]{0,200}[ \t,])?(\w+)[ \t]*$",
    re.MULTILINE,
)
_CODE_START = re.compile(
    r"(?:from|import)\s+[\w.]+|(?:async\s+)?def\s+\w+\s*[\[(]|class\s+\w+\s*[\[(:]|@\w|#"
    r"|[rRuU]?[\"']{3}|if\s+\w.*:\s*$|try:|[A-Za-z_]\w*(?::[^=\n]+)?\s*=[^=]",
    re.MULTILINE,
)
_TAGS = re.compile(r"\A(?:\s*<[^<>\n]+>)+")


class StringSpans:
    """Where the strings and the comments of a text stand, if Python begins at `start`."""

    def __init__(self, text: str, start: int = 0) -> None:
        self._text = text
        self._position = start
        self._starts: list[int] = []
        self._ends: list[int] = []

    def has(self, position: int) -> bool:
        """Whether a position lies inside of a string or a comment."""
        while self._position <= position:
            match = _QUOTE.search(self._text, self._position)
            self._position = self._end_of(match) if match else len(self._text) + 1
            if match:
                self._starts.append(match.start())
                self._ends.append(self._position)
        index = bisect_right(self._starts, position) - 1
        return index >= 0 and self._starts[index] < position < self._ends[index]

    def _end_of(self, match: re.Match[str]) -> int:
        """Where a string ends; one that is never closed goes on behind the end of the text."""
        closing = _CLOSING.get(match[0])
        if closing is None:
            return match.end()
        position = match.end()
        while end := closing.search(self._text, position):
            position = end.end()
            if end[0] == match[0]:
                return position
        return len(self._text) + 1


def looks_like_code(text: str) -> bool:
    """Whether the first words of a text, tags left out, are Python rather than prose."""
    return _CODE_START.match(_TAGS.sub("", text).lstrip()) is not None


def defined_names(text: str, names: Collection[str]) -> frozenset[str]:
    """Which of the names a text defines at its top level."""
    return frozenset(names) & frozenset(_DEFINITION.findall(text))


def top_level_names(text: str) -> frozenset[str]:
    """All names that a text defines at its top level."""
    return frozenset(_DEFINITION.findall(text))


def bound_names(text: str, names: Collection[str]) -> frozenset[str]:
    """Which of the names a text gives a meaning in any way: also in a block, by `=`, by import."""
    bound = {name for match in _BINDING.finditer(text) for name in match.groups() if name}
    return frozenset(names) & bound


def dedented(text: str) -> str:
    """A text without the indentation that all of its code has.

    Lines of strings that have less of it stay as they are. The indentation of the first line may
    have been lost on the way.
    """
    lines = text.split("\n")
    full = [index for index, line in enumerate(lines) if line.strip()]
    if not full:
        return text
    first = full[0]
    if _indent(lines[first]):
        width = _indent(lines[first])
    elif len(full) > 1 and re.match(r"(?:from|import|#|@)\b|#", lines[first]):
        first, width = full[1], _indent(lines[full[1]])
    else:
        return text
    inside = set(_string_lines(text))
    margin = lines[first][:width]
    code = [index for index in full if index >= first and index not in inside]
    if not width or not all(lines[index].startswith(margin) for index in code):
        return text
    return "\n".join(
        line.removeprefix(margin) if index >= first else line for index, line in enumerate(lines)
    )


def _indent(line: str) -> int:
    return len(list(takewhile(str.isspace, line)))


def _string_lines(text: str) -> Iterator[int]:
    """The numbers of lines that begin inside of a string."""
    spans, position = StringSpans(text), 0
    for number, line in enumerate(text.split("\n")):
        if spans.has(position):
            yield number
        position += len(line) + 1
