"""Which names a piece of source mentions: in code, and in prose."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from .canonical import dotted_name
from .definitions import FunctionNode

_DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_CODE_SPAN = re.compile(r"`+([^`]+)`+")
_CALL = re.compile(r"([^\W\d]\w*(?:\.[^\W\d]\w*)*)\(")


def names_in_prose(text: str) -> set[str]:
    """The dotted names that prose mentions as names.

    In backticks, in call form, or spelt as no plain word is: with capitals inside, an
    underscore or a digit.
    """
    found = {name for span in _CODE_SPAN.findall(text) for name in _DOTTED.findall(span)}
    found.update(_CALL.findall(text))
    found.update(name for name in _DOTTED.findall(text) if _is_no_plain_word(name))
    return found


def _is_no_plain_word(name: str) -> bool:
    return any(char == "_" or char.isdigit() or char.isupper() for char in name[1:])


def bound_in(function: FunctionNode) -> set[str]:
    """The names that are local to a function: parameters, assignments, inner definitions."""
    bound: set[str] = set()
    shared: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            bound.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            if node is not function:
                bound.add(node.name)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bound.add(node.name)
        elif isinstance(node, ast.Global):
            shared.update(node.names)
    return bound - shared


def names_in_code(nodes: Iterable[ast.AST | None]) -> set[str]:
    """The dotted names that code uses, those local to a function left out."""
    found: set[str] = set()
    for node in nodes:
        if node is not None:
            found.update(_used(node, frozenset()))
    return found


def names_in_signature(node: FunctionNode) -> set[str]:
    """The dotted names in annotations and defaults."""
    return names_in_code(_signature_nodes(node))


def local_imports(node: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    """The imports inside a definition."""
    for item in ast.walk(node):
        if isinstance(item, (ast.Import, ast.ImportFrom)):
            yield item


def _signature_nodes(node: FunctionNode) -> list[ast.AST | None]:
    args = node.args
    listed = [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]
    annotations = [item.annotation for item in listed if item is not None]
    quoted = [_unquoted(item) for item in [*annotations, node.returns]]
    return [*quoted, *args.defaults, *args.kw_defaults, *getattr(node, "type_params", ())]


def _unquoted(node: ast.expr | None) -> ast.expr | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            return ast.parse(node.value.strip(), mode="eval").body
        except (SyntaxError, ValueError):
            return node
    return node


def _used(node: ast.AST, hidden: frozenset[str]) -> Iterator[str]:
    name = dotted_name(node)
    if name is not None:
        if name.partition(".")[0] not in hidden:
            yield name
        return
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        for item in [*_signature_nodes(node), *node.decorator_list]:
            if item is not None:
                yield from _used(item, hidden)
        inner = hidden | bound_in(node)
        for statement in node.body:
            yield from _used(statement, inner)
        return
    children: Iterable[ast.AST] = ast.iter_child_nodes(node)
    if isinstance(node, ast.AnnAssign):
        children = [_unquoted(node.annotation) or node, *([node.value] if node.value else [])]
    elif isinstance(node, ast.Subscript):
        # A forward reference may stand inside an annotation: `list["Order"]`.
        children = [node.value, *_subscript_items(node.slice)]
    for child in children:
        yield from _used(child, hidden)


def _subscript_items(node: ast.expr) -> list[ast.expr]:
    items = node.elts if isinstance(node, ast.Tuple) else [node]
    return [_unquoted(item) or item for item in items]
