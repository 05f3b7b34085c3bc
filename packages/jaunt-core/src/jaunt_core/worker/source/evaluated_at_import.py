"""The parts of a module that are evaluated when it is imported: not the bodies of functions."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

from .source_module import is_typing_guard
from .syntax import arguments_of, children_of

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
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
            pending.extend(part for part in (node.target, node.value) if part is not None)
        elif type(node).__name__ != "TypeAlias":  # `type X = …`: lazy
            pending += children_of(node)


def _defaults(args: ast.arguments) -> list[ast.expr]:
    return [*args.defaults, *(default for default in args.kw_defaults if default is not None)]


def _annotations(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.expr]:
    annotations = [argument.annotation for argument in arguments_of(node.args)]
    return [annotation for annotation in (*annotations, node.returns) if annotation is not None]
