"""Which names a piece of source mentions: in code, and in prose."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from copy import copy

from .canonical import is_type_name
from .scopes import free_names, names_in_type
from .syntax import FunctionNode

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
    """The dotted names that code uses, those local to a function or a class left out."""
    return {name for node in nodes if node is not None for name in free_names(node)}


def names_in_signature(node: FunctionNode) -> set[str]:
    """The dotted names in annotations and defaults."""
    bare = copy(node)
    bare.decorator_list, bare.body = [], []
    return names_in_code([bare])


def names_in_outline(node: ast.ClassDef) -> set[str]:
    """The dotted names in bases, decorators, attributes and the signatures of methods."""
    return names_in_code([_without_bodies(node)])


def names_in_alias(node: ast.stmt) -> set[str]:
    """The dotted names in a type alias such as `Orders = list["Order"]`, quoted ones too."""
    value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
    is_union = isinstance(value, ast.BinOp) and isinstance(value.op, ast.BitOr)
    if is_union or (isinstance(value, ast.Subscript) and is_type_name(value.value)):
        return set(names_in_type(value))
    return set()


def local_imports(node: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    """The imports inside a definition."""
    for item in ast.walk(node):
        if isinstance(item, (ast.Import, ast.ImportFrom)):
            yield item


def _without_bodies(node: ast.ClassDef) -> ast.ClassDef:
    bare = copy(node)
    bare.body = []
    for item in node.body:
        if isinstance(item, ast.ClassDef):
            bare.body.append(_without_bodies(item))
        elif isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)):
            method = copy(item)
            method.body = []
            bare.body.append(method)
        elif isinstance(item, (ast.AnnAssign, ast.Assign)):
            bare.body.append(item)
    return bare
