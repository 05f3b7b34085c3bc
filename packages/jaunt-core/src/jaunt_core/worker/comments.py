"""Comments and their places: inside a spec a comment is intent, so it counts."""

from __future__ import annotations

import ast
import io
import tokenize
from dataclasses import dataclass

from .syntax import docstring_of, is_empty_statement


@dataclass(frozen=True)
class Comment:
    """A comment without its `#`, and where it stands."""

    line: int
    column: int
    text: str
    alone: bool


def comments_of(text: str) -> list[Comment]:
    """All comments of a module, in order."""
    found: list[Comment] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                line, column = token.start
                alone = not token.line[:column].strip()
                found.append(Comment(line, column, token.string.lstrip("#").strip(), alone))
    except (tokenize.TokenError, SyntaxError):  # the parser has accepted what is left
        pass
    return found


def last_line_of(node: ast.stmt, comments: list[Comment], following: ast.stmt | None) -> int:
    """The last line of a definition, with the comment lines that close its body."""
    last = node.end_lineno or node.lineno
    stop = _first_line(following) if following is not None else None
    for comment in comments:
        if comment.line <= last:
            continue
        inside = comment.alone and comment.column > node.col_offset
        if not inside or (stop is not None and comment.line >= stop):
            break
        last = comment.line
    return last


def comments_form(
    node: ast.stmt, comments: list[Comment], *, last: int, skip: frozenset[int]
) -> str:
    """The comments inside a definition, each with the place it has among the code.

    A place is the number of parameters and statements before it, so that formatting does not
    move a comment. Lines in `skip` (our own decorator) do not count.
    """
    first = _first_line(node)
    lines = _anchor_lines(node)
    listed = []
    for comment in comments:
        if comment.text and first <= comment.line <= last and comment.line not in skip:
            place = sum(line <= comment.line for line in lines)
            listed.append(f"({place} {comment.text!a})")
    return " ".join(listed)


def _first_line(node: ast.stmt) -> int:
    decorators = getattr(node, "decorator_list", ())
    return min([node.lineno, *(item.lineno for item in decorators)])


def _anchor_lines(node: ast.stmt) -> list[int]:
    ignored = {id(node)}
    found = []
    for item in ast.walk(node):
        body = getattr(item, "body", None)
        if isinstance(body, list) and body and docstring_of(body) is not None:
            ignored.add(id(body[0]))
        if not isinstance(item, (ast.stmt, ast.arg)) or id(item) in ignored:
            continue
        if isinstance(item, ast.stmt) and is_empty_statement(item):
            continue
        found.append(item.lineno)
    return found
