"""Comments and where they stand; inside a spec they are part of the contract."""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from bisect import bisect
from collections.abc import Container
from contextlib import suppress
from functools import lru_cache
from typing import NamedTuple

from ..source.syntax import docstring_of, first_line_of, is_empty_statement, nodes_in

# Strings are matched so that a `#` inside of one is not taken for a comment. The quantifiers are
# possessive: a quote that nothing closes must not make the search backtrack. Groups have none,
# since those of CPython before 3.11.5 miss what they should match.
_STRING_OR_COMMENT = re.compile(
    r"""
    [#][^\n]*
    | \"{3} [^"\\]*+ (?: (?: \\. | "(?!"") ) [^"\\]*+ )* \"{3}
    | '{3} [^'\\]*+ (?: (?: \\. | '(?!'') ) [^'\\]*+ )* '{3}
    | " [^"\\]*+ (?: \\. [^"\\]*+ )* "
    | ' [^'\\]*+ (?: \\. [^'\\]*+ )* '
    """,
    re.VERBOSE | re.DOTALL,
)
_FORMATTED = re.compile(r"""\b(?:[rR]?[fFtT]|[fFtT][rR])["']""")
_FORMATTED_NEST = sys.version_info >= (3, 12)
"""Whether an f-string may hold strings with quotes of its own kind, and comments."""


class Comment(NamedTuple):
    """A comment without its `#`, its place, and whether it is `alone` on its line."""

    line: int
    column: int
    text: str
    alone: bool


@lru_cache(maxsize=256)  # context is read from the same modules for one spec after the other
def comments_of(text: str) -> list[Comment]:
    """All comments of a module, in order."""
    if "#" not in text:
        return []
    if _FORMATTED_NEST and _FORMATTED.search(text):
        return _tokenized_comments(text)
    comments: list[Comment] = []
    line, counted = 1, 0  # the line of the text's position `counted`
    for match in _STRING_OR_COMMENT.finditer(text):
        if match[0].startswith("#"):
            start = match.start()
            line, counted = line + text.count("\n", counted, start), start
            before = text[text.rfind("\n", 0, start) + 1 : start]
            comments.append(_comment(line, before, match[0]))
    return comments


def _tokenized_comments(text: str) -> list[Comment]:
    """The comments of a module that may have strings, and comments, inside of f-strings."""
    comments: list[Comment] = []
    with suppress(tokenize.TokenError, SyntaxError):  # the parser has accepted the rest
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                line, column = token.start
                comments.append(_comment(line, token.line[:column], token.string))
    return comments


def _comment(line: int, before: str, text: str) -> Comment:
    return Comment(line, len(before), text.lstrip("#").strip(), not before.strip())


def last_line_of(node: ast.stmt, comments: list[Comment], following: ast.stmt | None) -> int:
    """The last line of a definition, with the comment lines that close its body.

    The parser ends a body at its last statement. An indented comment below that still belongs to
    it, up to the statement that is `following`.
    """
    last = node.end_lineno or node.lineno
    stop = first_line_of(following) if following is not None else None
    for comment in comments:
        if comment.line <= last:
            continue
        inside = comment.alone and comment.column > node.col_offset
        if not inside or (stop is not None and comment.line >= stop):
            break
        last = comment.line
    return last


def comments_form(
    node: ast.stmt, comments: list[Comment], *, last: int, skip: Container[int] = ()
) -> str:
    """The canonical form of the comments inside a definition, each with its place in the code.

    A place is the number of parameters and statements before the comment, so that formatting does
    not move it. Comments at lines in `skip` (our own decorator) do not count.
    """
    first = first_line_of(node)
    inside = [
        comment
        for comment in comments
        if first <= comment.line <= last and comment.text and comment.line not in skip
    ]
    lines = sorted(_anchor_lines(node)) if inside else []
    return " ".join(f"({bisect(lines, comment.line)} {comment.text!a})" for comment in inside)


def _anchor_lines(definition: ast.stmt) -> list[int]:
    """The lines of the parameters and statements that the place of a comment is counted by.

    Docstrings and empty bodies are not counted: how they are written is no change of a contract.
    """
    ignored = {id(definition)}
    lines = []
    for node in nodes_in(definition):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and docstring_of(body) is not None:
            ignored.add(id(body[0]))
        is_statement = isinstance(node, ast.stmt) and not is_empty_statement(node)
        if (is_statement or isinstance(node, ast.arg)) and id(node) not in ignored:
            lines.append(node.lineno)
    return lines
