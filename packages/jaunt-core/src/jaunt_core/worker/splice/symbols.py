"""The top-level definitions of a module, and the text of each."""

from __future__ import annotations

import ast
from typing import cast

from ..contract.definitions import Json
from ..source.interpreter_settings import deep_recursion


def symbols_of(text: str) -> list[Json] | None:
    """What a module defines, in order; None where the text is no Python.

    A name that is defined more than once, as overloads are, is one symbol. What is left of the
    text, imports and constants for instance, is the last one, without a name.
    """
    try:
        with deep_recursion():
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    rows = text.split("\n")
    left = dict(enumerate(rows, start=1))
    found: dict[str, Json] = {}
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            lines = range(_start(node, rows), (node.end_lineno or node.lineno) + 1)
            part = "\n".join(left.pop(line) for line in lines if line in left)
            form = "class" if isinstance(node, ast.ClassDef) else "function"
            symbol = found.setdefault(node.name, {"name": node.name, "form": form, "text": ""})
            symbol["text"] = "\n".join(filter(None, [cast("str", symbol["text"]), part]))
    rest = "\n".join(row for row in left.values() if row.strip())
    return [*found.values(), {"name": "", "form": "rest", "text": rest}]


def _start(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, rows: list[str]) -> int:
    """The first line of a definition, with its decorators and the comments right above."""
    start = min([node.lineno, *(item.lineno for item in node.decorator_list)])
    while start > 1 and rows[start - 2].startswith("#"):
        start -= 1
    return start
