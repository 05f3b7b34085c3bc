"""The top-level definitions of a module, and the text of each."""

from __future__ import annotations

import ast
from typing import cast

from ..contract.definitions import Json
from ..source.interpreter_settings import deep_recursion
from ..source.syntax import DEFINITIONS, DefinitionNode, first_line_of


def symbols_of(text: str) -> list[Json] | None:
    """What a module defines, in order; None where the text is no Python.

    A name that is defined more than once, as overloads are, is one symbol. The last symbol has no
    name: it is the rest of the text, imports and constants for instance.
    """
    try:
        with deep_recursion():
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    lines = text.split("\n")
    remaining = dict(enumerate(lines, start=1))
    symbols: dict[str, Json] = {}
    for node in tree.body:
        if isinstance(node, DEFINITIONS):
            numbers = range(_start(node, lines), (node.end_lineno or node.lineno) + 1)
            part = "\n".join(remaining.pop(number) for number in numbers if number in remaining)
            form = "class" if isinstance(node, ast.ClassDef) else "function"
            symbol = symbols.setdefault(node.name, {"name": node.name, "form": form, "text": ""})
            symbol["text"] = "\n".join(filter(None, [cast("str", symbol["text"]), part]))
    rest = "\n".join(line for line in remaining.values() if line.strip())
    return [*symbols.values(), {"name": "", "form": "rest", "text": rest}]


def _start(node: DefinitionNode, lines: list[str]) -> int:
    """The first line of a definition, with its decorators and the comments right above."""
    start = first_line_of(node)
    while start > 1 and lines[start - 2].startswith("#"):
        start -= 1
    return start
