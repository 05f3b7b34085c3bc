"""Expressions that stand in running text: where they end, and what they show."""

from __future__ import annotations

import ast
import re

_OPEN, _CLOSE = "([{", ")]}"
_STRING = re.compile(
    r"""(?:\"\"\"|''')|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'""",
)
_JSON_NAMES = {"true": "True", "false": "False", "null": "None"}
_JSON_NAME = re.compile(r"\b(?:true|false|null)\b")
_MAKERS = re.compile(r"(?:[a-z_]\w*\.)*(?:[A-Z]\w*|set|frozenset|dict|list|tuple|date|timedelta)$")
_TRAILING = re.compile(r"[\s.,;:!`]+$")
_REMARK = re.compile(
    r"\s+#.*$|[\s,]+(?:because|since)\s.*$"
    r"|\s+\((?!mod|approx|about|in |or |if|when|for|any|round|unless|only)\w[^()]*\s[^()]*\)\.?$"
)


def end_of_expression(text: str, start: int) -> int | None:
    """Where a call that begins at `start` ends, with all that hangs on it; None if nowhere."""
    depth, position = 0, start
    while position < len(text):
        char = text[position]
        if char in "\"'":
            match = _STRING.match(text, position)
            if match is None:
                return None
            position = match.end()
            continue
        depth += (char in _OPEN) - (char in _CLOSE)
        if depth < 0:
            return None
        position += 1
        if depth == 0 and char in _CLOSE and text[position : position + 1] not in ("(", "[", "."):
            return position
        if depth == 0 and char == "." and not text[position : position + 1].isidentifier():
            return position - 1 if position - 1 > start else None
        if depth == 0 and _ends_attribute(text, position):
            return position
    return None


def _ends_attribute(text: str, position: int) -> bool:
    """Whether an attribute of a call ends here, without being called."""
    before, char = text[position - 1], text[position : position + 1]
    return (before.isalnum() or before == "_") and not (char and (char.isalnum() or char in "_.(["))


def is_balanced(text: str) -> bool:
    """Whether all brackets of a text are closed, those in strings left aside."""
    bare = _STRING.sub("", text)
    return sum(bare.count(char) for char in _OPEN) <= sum(bare.count(char) for char in _CLOSE)


def parsed_expression(text: str) -> ast.expr | None:
    """The tree of one expression, None for anything else."""
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


def shown_value(text: str) -> str | None:
    """The text of the value that a text begins with and consists of; None where it is none.

    Punctuation and remarks behind it do not count, and JSON's names are Python's.
    """
    text = text.strip()
    for candidate in (_TRAILING.sub("", text), text, _TRAILING.sub("", _REMARK.sub("", text))):
        has_strings = _STRING.search(candidate) is not None
        named = candidate if has_strings else _JSON_NAME.sub(_name_in_python, candidate)
        node = parsed_expression(named)
        if node is not None and _is_value(node) and not _is_open_tuple(node, candidate):
            return ast.unparse(node)
    return None


def _name_in_python(match: re.Match[str]) -> str:
    return _JSON_NAMES[match[0]]


def _is_open_tuple(node: ast.expr, text: str) -> bool:
    """Whether commas alone make a tuple: they may as well separate other things."""
    return isinstance(node, ast.Tuple) and not text.startswith("(")


def _is_value(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return node.value is not ...
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return all(map(_is_value, node.elts))
    if isinstance(node, ast.Dict):
        return all(key is not None and _is_value(key) for key in node.keys) and all(
            map(_is_value, node.values)
        )
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.USub | ast.UAdd) and _is_value(node.operand)
    if isinstance(node, ast.Call):
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        return _MAKERS.match(ast.unparse(node.func)) is not None and all(map(_is_value, arguments))
    if isinstance(node, ast.Attribute):  # a member of an enumeration
        return re.fullmatch(r"(?:\w+\.)*[A-Z]\w*\.[A-Z_0-9]+", ast.unparse(node)) is not None
    return False


def shown_error(text: str) -> str | None:
    """The name of the error that a text shows, None where it shows none."""
    match = re.match(
        r"(?:an? )?[`~]*([\w.]*(?:Error|Exception))\b[`.]*(?:\s*$|[:,(]| \()", text.strip()
    )
    return match[1] if match else None
