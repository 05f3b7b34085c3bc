"""Comments and their places: inside a spec a comment is intent, so it counts."""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from bisect import bisect
from typing import NamedTuple

from ..source.syntax import docstring_of, is_empty_statement, nodes_in

_STRING_OR_COMMENT = re.compile(
    r"""
    [#][^\n]*
    | \"{3} (?: [^"\\]++ | \\. | "(?!"") )*+ \"{3}
    | '{3} (?: [^'\\]++ | \\. | '(?!'') )*+ '{3}
    | " (?: [^"\\]++ | \\. )*+ "
    | ' (?: [^'\\]++ | \\. )*+ '
    """,
    re.VERBOSE | re.DOTALL,
)
_FORMATTED = re.compile(r"""\b(?:[rR]?[fFtT]|[fFtT][rR])["']""")
_FORMATTED_NEST = sys.version_info >= (3, 12)


class Comment(NamedTuple):
    """A comment without its `#`, and where it stands."""

    line: int
    column: int
    text: str
    alone: bool


def comments_of(text: str) -> list[Comment]:
    """All comments of a module, in order."""
    if "#" not in text:
        return []
    if _FORMATTED_NEST and _FORMATTED.search(text):
        return _tokenized(text)
    found: list[Comment] = []
    line, seen = 1, 0
    for match in _STRING_OR_COMMENT.finditer(text):
        if match[0].startswith("#"):
            start = match.start()
            line, seen = line + text.count("\n", seen, start), start
            before = text[text.rfind("\n", 0, start) + 1 : start]
            found.append(_comment(line, before, match[0]))
    return found


def _tokenized(text: str) -> list[Comment]:
    """The comments of a module that may have strings, and comments, inside of strings."""
    found: list[Comment] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                line, column = token.start
                found.append(_comment(line, token.line[:column], token.string))
    except (tokenize.TokenError, SyntaxError):  # the parser has accepted what is left
        pass
    return found


def _comment(line: int, before: str, text: str) -> Comment:
    return Comment(line, len(before), text.lstrip("#").strip(), not before.strip())


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
    inside = [
        comment
        for comment in comments
        if first <= comment.line <= last and comment.text and comment.line not in skip
    ]
    lines = sorted(_anchor_lines(node)) if inside else []
    return " ".join(f"({bisect(lines, item.line)} {item.text!a})" for item in inside)


def _first_line(node: ast.stmt) -> int:
    decorators = getattr(node, "decorator_list", ())
    return min([node.lineno, *(item.lineno for item in decorators)])


def _anchor_lines(node: ast.stmt) -> list[int]:
    ignored = {id(node)}
    found = []
    for item in nodes_in(node):
        body = getattr(item, "body", None)
        if isinstance(body, list) and body and docstring_of(body) is not None:
            ignored.add(id(body[0]))
        if not isinstance(item, (ast.stmt, ast.arg)) or id(item) in ignored:
            continue
        if isinstance(item, ast.stmt) and is_empty_statement(item):
            continue
        found.append(item.lineno)
    return found
