"""Stubs that say so in a comment: `return None  # TODO` and the like."""

from __future__ import annotations

import ast
import re

from ..source.syntax import FunctionNode, docstring_of
from .comments import comments_of

_TODO_COMMENT = re.compile(
    r"\b(?:TODO|FIXME)\b|^(?:to be |not (?:yet )?)?implement(?:ed)?\b(?! \w+ed\b)"
    r"|\b(?:implementation|code|logic) (?:goes )?here\b|^placeholder\b",
    re.IGNORECASE,
)


def is_todo_stub(node: FunctionNode, text: str) -> bool:
    """Whether a body does nothing but return None, and a comment says that it is to be written."""
    body = node.body[1:] if docstring_of(node.body) is not None else node.body
    if not body or not all(map(_does_nothing, body)):
        return False
    # The comment may stand on the line below the last statement, where the body ends for Python.
    first, last = node.lineno, node.end_lineno or node.lineno
    return any(
        first < comment.line <= last + 1 and _TODO_COMMENT.search(comment.text)
        for comment in comments_of(text)
        if comment.column > node.col_offset or not comment.alone
    )


def _does_nothing(node: ast.stmt) -> bool:
    if isinstance(node, ast.Return):
        return node.value is None or (
            isinstance(node.value, ast.Constant) and node.value.value is None
        )
    return isinstance(node, ast.Pass)
