"""The fenced blocks of a text, as Markdown has them and as models write them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from jaunt_core.findings.python_text import StringSpans, looks_like_code

# At the start of a line; where it says that Python comes, also behind prose.
_OPENING = re.compile(
    r"^(?:(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,})[ \t]*(?P<word>[\w+-]*)(?P<more>[^`\n]*)"
    r"|[^`\n]*[^`\s][ \t]*(?P<late>`{3,})(?P<python>(?:python|py)\w*)[ \t]*)$",
    re.MULTILINE | re.IGNORECASE,
)
_CLOSING = re.compile(r"^[ \t]*(`{3,}|~{3,})[ \t]*$", re.MULTILINE)
_CLOSING_BEHIND_CODE = re.compile(r"(?<=[^\s`~])[ \t]*(`{3,}|~{3,})[ \t]*$", re.MULTILINE)
_PYTHON_WORDS = ("", "python", "py", "python3", "py3")
# More than an answer ever has.
_MOST_BLOCKS = 60
_STATEMENT = re.compile(r"(?:from|import|def|async def|class)\s|@\w")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fenced:
    """The pieces of a text by whether they stand in a fence of Python, in another, or in none."""

    python: tuple[str, ...]
    others: tuple[str, ...]
    outside: tuple[str, ...]


def fenced_blocks(text: str) -> Fenced | None:
    """What a text has inside and outside of its fences; None where there are none.

    A fence inside of a string of the code is no fence. In prose quotes need not come in pairs.
    """
    fenced = _blocks(text, StringSpans(text).has)
    if fenced is None and not looks_like_code(text):
        fenced = _blocks(text, lambda _: False)
    return fenced


def _blocks(text: str, is_string: Callable[[int], bool]) -> Fenced | None:
    python: list[str] = []
    others: list[str] = []
    outside: list[str] = []
    position = searched = 0
    while opening := _OPENING.search(text, searched):
        searched = opening.end()
        if is_string(opening.start()):
            continue
        is_python = _is_python(opening)
        end, behind = _end_of_block(text, opening, is_python=is_python)
        outside.append(_without_introduction(text[position : opening.start()]))
        (python if is_python else others).append(_block(text[opening.end() + 1 : end], opening))
        position = searched = behind
        is_string = StringSpans(text, behind).has
        if len(outside) > _MOST_BLOCKS:
            break
    if position == 0:
        return None
    outside.append(text[position:])
    return Fenced(python=tuple(python), others=tuple(others), outside=tuple(outside))


def _without_introduction(text: str) -> str:
    """A text without a last line such as "Use it so:"."""
    text = text.rstrip()
    before, _, last = text.rpartition("\n")
    return before if last.endswith(":") and last[:1] not in " \t#@" else text


def _is_python(opening: re.Match[str]) -> bool:
    return opening["late"] is not None or opening["word"].lower() in _PYTHON_WORDS


def _end_of_block(text: str, opening: re.Match[str], *, is_python: bool) -> tuple[int, int]:
    """Where a block ends, and where the text goes on behind its fence."""
    fence = opening["fence"] or opening["late"]
    spans = StringSpans(text, opening.end())
    if not is_python:
        return _first_closing(text, opening.end(), fence, lambda _: False) or (
            len(text),
            len(text),
        )
    for pattern in (_CLOSING, _CLOSING_BEHIND_CODE):
        end = _first_closing(text, opening.end(), fence, spans.has, pattern)
        if end is not None:
            return end
    if spans.has(len(text)):  # a string is never closed, so that it hides all that follows
        end = _first_closing(text, opening.end(), fence, lambda _: False)
        if end is not None:
            return end
    return len(text), len(text)


def _first_closing(
    text: str,
    start: int,
    fence: str,
    is_string: Callable[[int], bool],
    pattern: re.Pattern[str] = _CLOSING,
) -> tuple[int, int] | None:
    matches = pattern.finditer(text, start)
    return next(
        (
            (match.start(), match.end())
            for match in matches
            if match[1].startswith(fence) and not is_string(match.start())
        ),
        None,
    )


def _block(block: str, opening: re.Match[str]) -> str:
    """A block without the indentation that its first line shares with the fence."""
    first = block.lstrip("\n")
    width = min(len(opening["indent"] or ""), len(first) - len(first.lstrip(" \t")))
    if width:
        block = re.sub(rf"^[ \t]{{1,{width}}}", "", block, flags=re.MULTILINE)
    more = (opening["more"] or "").strip()
    return f"{more}\n{block}" if _STATEMENT.match(more) else block
