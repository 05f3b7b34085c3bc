"""Bodies that a comment says are still to be written."""

from __future__ import annotations

import ast
import re

from ..source.syntax import FunctionNode, docstring_of
from .comments import comments_of

_SAYS_SO = re.compile(
    r"\b(?:TODO|FIXME)\b|^(?:to be |not (?:yet )?)?implement(?:ed)?\b(?! \w+ed\b)"
    r"|\b(?:implementation|code|logic) (?:goes )?here\b|^placeholder\b",
    re.IGNORECASE,
)


def is_todo_stub(node: FunctionNode, text: str) -> bool:
    """Whether a body returns nothing at once, and a comment in it says that this is not all."""
    body = node.body[1:] if docstring_of(node.body) is not None else node.body
    if not body or not all(_does_nothing(item) for item in body):
        return False
    first, last = node.lineno, node.end_lineno or node.lineno
    return any(
        first < comment.line <= last + 1 and _SAYS_SO.search(comment.text)
        for comment in comments_of(text)
        if comment.column > node.col_offset or not comment.alone
    )


def _does_nothing(node: ast.stmt) -> bool:
    if isinstance(node, ast.Return):
        return node.value is None or (
            isinstance(node.value, ast.Constant) and node.value.value is None
        )
    return isinstance(node, ast.Pass)
