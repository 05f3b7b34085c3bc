"""The entries in the sections of a docstring, and the names that it mentions in backticks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_HEAD = re.compile(r"^(\s*)(Args|Arguments|Parameters|Raises|Exceptions):\s*$")
_UNDERLINE = re.compile(r"^\s*-{3,}\s*$")
_NUMPY = re.compile(r"^(\s*)(Parameters|Raises)\s*$")
_RAISES_ENTRY = re.compile(r"^\s*`*([\w.]+(?:`*(?:,| or| and) *`*[\w.]+)*)`*\s*(?::\s*(.*))?$")
_ARGUMENT_ENTRY = re.compile(r"^\s*`*\*{0,2}([^\W\d]\w*)`*\s*(?:\([^)]*\))?\s*:\s*(.*)$")
_SPHINX_RAISES = re.compile(r"^\s*:raises?\s+([\w.]+)\s*:\s*(.*)$")
_RETURNS = re.compile(r"^\s*(?:Returns|Return|Yields|Yield):\s*$")
_RETURNED_TYPE = re.compile(r"^\s*([A-Z][\w.\[\], |]*):(?:\s|$)")
_ARGUMENT_TYPE = re.compile(r"^\s*`*\*{0,2}[^\W\d]\w*`*\s*\(([^)]*)\)\s*:")
_SPHINX_TYPE = re.compile(r"^\s*:(?:rtype|type\s+\w+):\s*(.+)$")
_RAISED_IN_PROSE = re.compile(
    r"\b[Rr]ais(?:es?|ed|ing):?\s+(?:an?\s+)?`{0,2}([A-Z]\w*[a-z]\w*[A-Z]\w*(?:\.\w+)*)"
    r"|\bRaises: ([A-Z]\w+)"
)
_SPAN = re.compile(r"(`+)([^`\n]+)\1")
_NAME = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_CALL = re.compile(rf"({_NAME.pattern})\(.*\)", re.DOTALL)
_ALTERNATIVES = re.compile(r",| or | and ")


class Entry(NamedTuple):
    """A name in a section, and the text about it; `line` counts from 0."""

    section: str
    line: int
    name: str
    text: str


class Mention(NamedTuple):
    """A name in backticks, and whether it is written as a call; `line` counts from 0."""

    line: int
    name: str
    called: bool


def entries_of(docstring: str) -> Iterator[Entry]:
    """The entries of the sections of a docstring in Google's, numpy's or Sphinx' style."""
    lines = docstring.expandtabs().split("\n")
    for number, line in enumerate(lines):
        google = _HEAD.match(line)
        numpy = _NUMPY.match(line) if number + 1 < len(lines) else None
        sphinx = _SPHINX_RAISES.match(line)
        if google:
            yield from _google_entries(lines, number + 1, len(google[1]), google[2])
        elif numpy and _UNDERLINE.match(lines[number + 1]):
            yield from _numpy_entries(lines, number + 2, numpy[2])
        elif sphinx:
            yield Entry("Raises", number, sphinx[1], _with_continuation(lines, number, sphinx[2]))


def _google_entries(lines: list[str], start: int, margin: int, head: str) -> Iterator[Entry]:
    section = "Raises" if head in ("Raises", "Exceptions") else "Args"
    depth = 0
    for number, line in enumerate(lines[start:], start):
        if not line.strip():
            continue
        indent = _indent(line)
        if indent <= margin:
            return
        depth = depth or indent
        if indent == depth:  # deeper lines go on with the entry above
            yield from _entries_in(section, number, lines)


def _numpy_entries(lines: list[str], start: int, head: str) -> Iterator[Entry]:
    if head != "Raises":
        return
    margin = _indent(lines[start - 1])
    for number, line in enumerate(lines[start:], start):
        is_outside = bool(line.strip()) and _indent(line) < margin
        if is_outside or (number + 1 < len(lines) and _UNDERLINE.match(lines[number + 1])):
            return
        if line.strip() and _indent(line) == margin:
            yield from _entries_in("Raises", number, lines)


def _entries_in(section: str, number: int, lines: list[str]) -> Iterator[Entry]:
    pattern = _RAISES_ENTRY if section == "Raises" else _ARGUMENT_ENTRY
    match = pattern.match(lines[number])
    if match is None:
        return
    text = _with_continuation(lines, number, match[2] or "")
    for name in _ALTERNATIVES.split(match[1]):
        yield Entry(section, number, name.strip(" `"), text)


def raised_in_prose(docstring: str) -> Iterator[tuple[int, str]]:
    """The errors that a sentence says are raised, with their lines, counted from 0.

    `Raises SoldOut if …`; behind a colon plain words count as well: `Raises: Conflict`.
    """
    for number, line in enumerate(docstring.split("\n")):
        for match in _RAISED_IN_PROSE.finditer(line):
            yield number, match[1] or match[2]


def type_names_in(docstring: str) -> Iterator[tuple[int, str]]:
    """The capitalised names where docstrings have types, with their lines, counted from 0."""
    lines = docstring.expandtabs().split("\n")
    for number, line in enumerate(lines):
        is_returned = number > 0 and _RETURNS.match(lines[number - 1])
        patterns = [_ARGUMENT_TYPE, _SPHINX_TYPE, *([_RETURNED_TYPE] if is_returned else [])]
        for match in (pattern.match(line) for pattern in patterns):
            for name in _NAME.findall(match[1]) if match else ():
                if name[0].isupper():
                    yield number, name


def _with_continuation(lines: list[str], number: int, first: str) -> str:
    """The text of an entry, with the lines below it that are indented further."""
    parts = [first]
    for line in lines[number + 1 :]:
        if not line.strip() or _indent(line) <= _indent(lines[number]):
            break
        parts.append(line.strip())
    return " ".join(part for part in parts if part)


def mentions_in(docstring: str) -> Iterator[Mention]:
    """The names that are alone in backticks, as `name`, `dotted.name` or `name(...)`."""
    for number, line in enumerate(docstring.split("\n")):
        if line.lstrip().startswith((">>>", "...")):
            continue
        for match in _SPAN.finditer(line):
            text = match[2].strip()
            call = _CALL.fullmatch(text)
            if line[match.end() :].lstrip().startswith("of "):
                continue  # a member of something that prose names: `line_num` of the reader
            if call or _NAME.fullmatch(text):
                yield Mention(number, call[1] if call else text, called=call is not None)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
