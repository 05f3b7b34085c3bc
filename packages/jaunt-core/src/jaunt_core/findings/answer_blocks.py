"""The pieces of an answer that may be its code: in fences, tags, calls of tools, patches."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Sequence
from html import unescape

from jaunt_core.findings.answer_fences import fenced_blocks
from jaunt_core.findings.python_text import (
    StringSpans,
    bound_names,
    dedented,
    defined_names,
    looks_like_code,
)

# XML around code, and the marks between what an edit takes away and what comes in its place.
_TAG = r"</?[A-Za-z_][\w.:-]*(?:[=\s][^<>\n]*)?/?>"
_WRAPPERS = re.compile(
    rf"^(?:{_TAG})|(?:{_TAG})[ \t]*$|^<!\[CDATA\[|\]\]>[ \t]*$"
    r"|<\|\w+\|>|^<{5,9}(?: .*)?$|^={5,9}$|^>{5,9}(?: .*)?$",
    re.MULTILINE,
)
# In HTML `<` and `>` are written as entities.
_PREFORMATTED = re.compile(r"^<pre\b", re.MULTILINE)
_NUMBERED = re.compile(r"[ \t]*\d+(?:[ \t]*[|→:](?: |$)|\t)")
_HERE_DOCUMENT = re.compile(
    r"<<-?[ \t]*['\"]?(\w+)['\"]?[^\n]*\n(.*?)^[ \t]*\1[ \t]*$", re.DOTALL | re.MULTILINE
)
_PATCH_HEAD = re.compile(
    r"\*{3} (?:Begin|End|Add|Update)\b|(?:---|\+\+\+) |@@|diff --git |index |new file mode |\\ No "
)
# What is left of a fence where somebody took off the backticks, or of a notebook.
_FIRST_LINE = re.compile(
    r"\A\s*(?:(?:`{3,}\w*|python3?|py|assistant|(?:python\s*)?copy code)[ \t]*|%%writefile .*)\n",
    re.IGNORECASE,
)
_DEEPEST = 4
_MOST_PIECES = 300
_MOST_DOCUMENTS = 50


def blocks_of(text: str, names: Collection[str], depth: int = _DEEPEST) -> list[str]:
    """The pieces of a text that may be its code, in their order.

    Of the kinds of pieces that it has, the first counts that defines any of the names, else the
    first that gives a meaning to any; then the blocks of Python, and the text as a whole.
    """
    fenced = fenced_blocks(text)
    if fenced is None or not depth:
        return _unfenced_blocks(text, names, depth)
    python, others, outside = (
        _parts_of(pieces, names, depth, is_fenced=is_fenced)
        for pieces, is_fenced in (
            (fenced.python, False),
            (fenced.others, True),
            (fenced.outside, False),
        )
    )
    of_names = _first_kind([python, others, outside], names)
    return of_names or python or ([""] if fenced.python else [text])


def _unfenced_blocks(text: str, names: Collection[str], depth: int) -> list[str]:
    kinds = [list(_called(text)), list(_documents(text)), list(_wrapped(text))] if depth else []
    parts = [_parts_of(pieces, names, depth, is_fenced=True) for pieces in kinds]
    return _first_kind(parts, names) or [_plain(text, names)]


def _parts_of(
    pieces: Sequence[str], names: Collection[str], depth: int, *, is_fenced: bool
) -> list[str]:
    """The pieces of pieces, unless there are more than an answer ever has."""
    full = [piece for piece in pieces if piece.strip()]
    if len(full) > _MOST_PIECES:
        return []
    reader = blocks_of if is_fenced else _unfenced_blocks
    return [part for piece in full for part in reader(piece, names, depth - 1)]


def _first_kind(kinds: Sequence[list[str]], names: Collection[str]) -> list[str] | None:
    for names_in in (defined_names, bound_names):
        for pieces in kinds:
            if any(names_in(piece, names) for piece in pieces):
                return pieces
    return None


def _called(text: str) -> Iterator[str]:
    """The texts in JSON, as the arguments of a tool are."""
    start = text.lstrip()
    if not start.startswith(("{", "[")):
        return
    try:
        pending, _ = json.JSONDecoder(strict=False).raw_decode(start)
    except (ValueError, RecursionError):
        return
    values: list[object] = [pending]
    while values:
        value = values.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            values += reversed(list(value.values()))
        elif isinstance(value, list):
            values += reversed(value)


def _documents(text: str) -> Iterator[str]:
    """What shell commands write into files."""
    if text.count("<<") < _MOST_DOCUMENTS and not looks_like_code(text):
        yield from (match[2] for match in _HERE_DOCUMENT.finditer(text))


def _wrapped(text: str) -> Iterator[str]:
    """What stands between tags and marks, where there are any outside of strings."""
    spans, position = StringSpans(text), 0
    read = unescape if _PREFORMATTED.search(text) else str
    for match in _WRAPPERS.finditer(text):
        if not spans.has(match.start()):
            yield read(text[position : match.start()])
            position = match.end()
    if position:
        yield read(text[position:])


def _plain(text: str, names: Collection[str]) -> str:
    """A text without what all its lines have before them, and without a first line of no use."""
    lines = text.strip("\n").split("\n")
    changed = [line for line in lines if line.strip() and not _PATCH_HEAD.match(line)]
    if changed and len(changed) < len(lines) and all(line.startswith("+") for line in changed):
        lines = [line[1:] for line in lines if not _PATCH_HEAD.match(line)]
    if all(_NUMBERED.match(line) for line in lines if line.strip()):
        lines = [_NUMBERED.sub("", line, count=1) for line in lines]
    text = dedented("\n".join(lines))
    rest = _FIRST_LINE.sub("", text, count=1)
    return rest if rest != text and bound_names(rest, names) else text
