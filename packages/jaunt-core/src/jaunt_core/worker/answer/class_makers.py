"""The classes that an answer makes, wherever in it they stand."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

from ..source.syntax import dotted_name, nodes_in

_MAKERS = frozenset({"type", "types.new_class", "new_class", "make_dataclass", "namedtuple"})


def classes_in(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Names and lines of classes: by statement, by a call that makes one, as another builtin."""
    for node in nodes_in(tree):
        if isinstance(node, ast.ClassDef):
            yield node.name, node.lineno
        elif isinstance(node, ast.Assign) and _is_class(node.value):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    yield target.id, node.lineno


def _is_class(value: ast.expr) -> bool:
    if isinstance(value, ast.Call):
        name = dotted_name(value.func) or ""
        return name in _MAKERS and len(value.args) > 1
    return isinstance(value, ast.Name) and isinstance(vars(builtins).get(value.id), type)
