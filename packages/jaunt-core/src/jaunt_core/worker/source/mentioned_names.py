"""The names that prose, the outline of a class and a type alias mention."""

from __future__ import annotations

import ast
import re

from .canonical import is_type_name
from .scopes import free_names, names_in_type
from .set_attributes import attributes_set_in
from .syntax import FUNCTIONS, with_body

_DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_CODE_SPAN = re.compile(r"`+([^`]+)`+")
_CAPITALISED = re.compile(r"(?<![\w.])[A-Z][a-z]+(?![\w.]*\w)")
_DOTTED_OR_CALL = re.compile(rf"({_DOTTED.pattern})(\()?")


def names_in_prose(text: str) -> set[str]:
    """The dotted names that prose mentions as names.

    These stand in backticks, in call form, or are spelt as no plain word is: with capitals
    inside, an underscore or a digit.
    """
    names = {name for span in _CODE_SPAN.findall(text) for name in _DOTTED.findall(span)}
    called = _DOTTED_OR_CALL.findall(text)
    return names.union(name for name, call in called if call or _is_no_plain_word(name))


def capitalised_words(text: str) -> set[str]:
    """The plain words of a text that begin with a capital, as names of classes do."""
    return set(_CAPITALISED.findall(text))


def _is_no_plain_word(name: str) -> bool:
    rest = name[1:]
    if rest.isalpha() and rest.islower():  # most words, so checked first
        return False
    return any(char == "_" or char.isdigit() or char.isupper() for char in rest)


def names_in_outline(node: ast.ClassDef) -> set[str]:
    """The dotted names in bases, decorators, attributes and the signatures of methods.

    Those of attributes that the constructor sets are among them.
    """
    return set(free_names(_without_bodies(node)))


def names_in_alias(node: ast.stmt) -> set[str]:
    """The dotted names in a type alias such as `Orders = list["Order"]`, quoted ones too."""
    value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
    is_union = isinstance(value, ast.BinOp) and isinstance(value.op, ast.BitOr)
    if is_union or (isinstance(value, ast.Subscript) and is_type_name(value.value)):
        return set(names_in_type(value))
    return set()


def _without_bodies(node: ast.ClassDef) -> ast.ClassDef:
    body: list[ast.stmt] = []
    for statement in node.body:
        if isinstance(statement, ast.ClassDef):
            body.append(_without_bodies(statement))
        elif isinstance(statement, FUNCTIONS):
            body.append(with_body(statement, attributes_set_in(statement)))
        elif isinstance(statement, (ast.AnnAssign, ast.Assign)):
            body.append(statement)
    return with_body(node, body)
