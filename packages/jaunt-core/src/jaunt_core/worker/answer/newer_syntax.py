"""Syntax of Python versions that are newer than the one which reads an answer."""

from __future__ import annotations

import re
import sys
from typing import NamedTuple


class _Syntax(NamedTuple):
    version: tuple[int, int]
    what: str
    pattern: re.Pattern[str]


# The newest first: a `type` statement may have type parameters with defaults.
_NEWER = (
    _Syntax((3, 15), "lazy imports", re.compile(r"^\s*lazy\s+(?:import|from)\s+\w")),
    _Syntax((3, 14), "template strings", re.compile(r"(?<![\w\"'])(?:[rR]?[tT]|[tT][rR])[\"']")),
    _Syntax(
        (3, 14),
        "`except` with several errors and no parentheses",
        re.compile(r"^\s*except\*?\s+[\w.]+\s*(?:,\s*[\w.]+\s*)+:"),
    ),
    _Syntax(
        (3, 13),
        "defaults of type parameters",
        re.compile(r"^\s*(?:(?:async\s+)?def|class|type)\s+\w+\s*\[[^\]=]*=[^\]]*\]"),
    ),
    _Syntax((3, 12), "`type` statements", re.compile(r"^\s*type\s+\w+\s*(?:\[.*\])?\s*=[^=]")),
    _Syntax(
        (3, 12),
        "type parameters in brackets",
        re.compile(r"^\s*(?:(?:async\s+)?def|class)\s+\w+\s*\["),
    ),
    _Syntax(
        (3, 12),
        "its own quotes inside of an f-string",
        re.compile(r"(?<![\w\"'])(?:[rR]?[fF]|[fF][rR])([\"'])(?:(?!\1).)*\{[^{}]*\1"),
    ),
)


def newer_syntax_in(line: str) -> str:
    """What of a line that this Python cannot read needs which version; empty if nothing does."""
    for syntax in _NEWER:
        if sys.version_info[:2] < syntax.version and syntax.pattern.search(line):
            needed, present = (
                ".".join(map(str, v)) for v in (syntax.version, sys.version_info[:2])
            )
            return f"{syntax.what} need Python {needed}, and this is {present}"
    return ""
