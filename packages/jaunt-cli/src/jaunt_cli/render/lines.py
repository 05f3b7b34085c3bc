"""Lines made of spans; whatever a span holds, no control character leaves this module."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

# Escape sequences go as a whole (a window title must not become text), and then every control
# character but the tab; also those that reorder what is read (bidirectional overrides).
_SEQUENCE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"
    r"|\x9b[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]"
)
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


class Style(StrEnum):
    """How a span stands out, by what it means; the values are styles of rich too."""

    PLAIN = ""
    GOOD = "green"
    BAD = "red"
    CAUTION = "yellow"
    NAME = "bold"
    QUIET = "dim"


_CODES = {
    Style.GOOD: "32",
    Style.BAD: "31",
    Style.CAUTION: "33",
    Style.NAME: "1",
    Style.QUIET: "2",
}


class Span(NamedTuple):  # a dataclass would cost the run without work half of its time
    """A piece of a line; its text may come from anywhere."""

    text: str
    style: Style = Style.PLAIN

    @property
    def shown(self) -> str:
        """The text without anything that a terminal would obey."""
        return _CONTROL.sub("", _SEQUENCE.sub("", self.text))


Line = tuple[Span, ...]


def line_of(*parts: str | Span) -> Line:
    """A line of spans; strings are plain ones."""
    return tuple(part if isinstance(part, Span) else Span(part) for part in parts)


def block_of(text: str, *, first: Line = (), indent: str = "") -> list[Line]:
    """A text that may have several lines, each behind `indent`, the first behind `first` too."""
    rows = [row.rstrip() for row in re.split(r"\r\n|\r|\n", text.strip())]
    head, *rest = rows
    return [(Span(indent), *first, Span(head)), *(line_of(indent, row) for row in rest)]


def render_lines(lines: Iterable[Line], *, color: bool) -> str:
    """The lines as text that ends in a newline; empty where there are none."""
    return "".join(_render_line(line, color=color) + "\n" for line in lines)


def _render_line(line: Line, *, color: bool) -> str:
    if not color:
        return "".join(span.shown for span in line)
    return "".join(
        f"\x1b[{_CODES[span.style]}m{span.shown}\x1b[0m" if span.style in _CODES else span.shown
        for span in line
    )
