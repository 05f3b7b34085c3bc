"""Which names a module needs as soon as it is imported: outside of function bodies."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

from .source_module import is_typing_guard
from .syntax import children_of

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_ANNOTATIONS_WAIT = sys.version_info >= (3, 14)


def evaluated_names(tree: ast.Module) -> dict[str, int]:
    """The names that are looked up while the module is imported, and the first line of each."""
    found: dict[str, int] = {}
    for node in evaluated_nodes(tree, tree.body):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            found[node.id] = min(node.lineno, found.get(node.id, node.lineno))
    return found


def evaluated_nodes(tree: ast.Module, body: list[ast.stmt]) -> Iterator[ast.AST]:
    """What of some statements at the top level of a module is evaluated while it is imported."""
    postponed = _ANNOTATIONS_WAIT or _has_future_annotations(tree)
    return _evaluated(body, postponed=postponed)


def _has_future_annotations(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == "__future__"
        and any(alias.name == "annotations" for alias in node.names)
        for node in tree.body
    )


def _evaluated(body: list[ast.stmt], *, postponed: bool) -> Iterator[ast.AST]:
    pending: list[ast.AST] = list(body)
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, ast.If) and is_typing_guard(node.test):
            pending.extend(node.orelse)
        elif isinstance(node, _FUNCTIONS):
            pending.extend(node.decorator_list)
            pending.extend(_defaults(node.args))
            if not postponed:
                pending.extend(_annotations(node))
        elif isinstance(node, ast.Lambda):
            pending.extend(_defaults(node.args))
        elif isinstance(node, ast.AnnAssign) and postponed:
            pending.extend(item for item in (node.target, node.value) if item is not None)
        elif type(node).__name__ != "TypeAlias":  # evaluated when it is asked for
            pending += children_of(node)


def _defaults(args: ast.arguments) -> list[ast.expr]:
    return [*args.defaults, *(item for item in args.kw_defaults if item is not None)]


def _annotations(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.expr]:
    args = node.args
    listed = [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]
    found = [item.annotation for item in listed if item is not None]
    return [item for item in [*found, node.returns] if item is not None]
