"""The parts of a module that are evaluated when it is imported: not the bodies of functions."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

from .source_module import is_typing_guard
from .syntax import FUNCTIONS, annotations_of, children_of, defaults_of

# Since Python 3.14 annotations are evaluated when they are asked for.
_ANNOTATIONS_WAIT = sys.version_info >= (3, 14)


def evaluated_names(tree: ast.Module) -> dict[str, int]:
    """The names that are looked up while the module is imported, and the first line of each."""
    first_lines: dict[str, int] = {}
    for node in evaluated_nodes(tree, tree.body):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            first_lines[node.id] = min(node.lineno, first_lines.get(node.id, node.lineno))
    return first_lines


def evaluated_nodes(tree: ast.Module, body: list[ast.stmt]) -> Iterator[ast.AST]:
    """The nodes of some top-level statements that are evaluated while the module is imported."""
    postponed = _ANNOTATIONS_WAIT or any(
        isinstance(node, ast.ImportFrom)
        and node.module == "__future__"
        and any(alias.name == "annotations" for alias in node.names)
        for node in tree.body
    )
    pending: list[ast.AST] = list(body)
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, ast.If) and is_typing_guard(node.test):
            pending.extend(node.orelse)
        elif isinstance(node, FUNCTIONS):
            pending.extend(node.decorator_list)
            pending.extend(defaults_of(node.args))
            if not postponed:
                pending.extend(annotations_of(node))
        elif isinstance(node, ast.Lambda):
            pending.extend(defaults_of(node.args))
        elif isinstance(node, ast.AnnAssign) and postponed:
            pending.extend(part for part in (node.target, node.value) if part is not None)
        elif type(node).__name__ != "TypeAlias":  # `type X = …`: lazy
            pending += children_of(node)
