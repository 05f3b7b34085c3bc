"""Decorators above ours that would make another class of the one that was generated."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..source.module_table import ModuleTable
from ..source.source_module import SourceModule
from ..source.syntax import FUNCTIONS, dotted_name, without_call
from .contract_reader import is_jaunt_decorator
from .definitions import Json

_ATTRS = ("define", "frozen", "mutable", "s", "attrs", "attributes", "dataclass")
_REPLACING = frozenset(
    {
        "dataclasses.dataclass",
        "pydantic.dataclasses.dataclass",
        "pydantic.v1.dataclasses.dataclass",
        "marshmallow_dataclass.dataclass",
        *(f"{module}.{name}" for module in ("attr", "attrs") for name in _ATTRS),
    }
)
_DEEPEST = 5
_PARTIAL = "functools.partial"
_TRANSFORMS = ("typing.dataclass_transform", "typing_extensions.dataclass_transform")


def replacing_decorators(
    table: ModuleTable, module: SourceModule, node: ast.stmt
) -> Iterator[Json]:
    """Name and line of each decorator of a class that stands above ours and rewrites the class."""
    if not isinstance(node, ast.ClassDef):
        return
    for decorator in node.decorator_list:
        if is_jaunt_decorator(table, module, decorator):
            return
        name = dotted_name(without_call(decorator))
        if name is not None and _rewrites(table, module, decorator):
            yield {"name": name, "line": decorator.lineno}


def _rewrites(
    table: ModuleTable, module: SourceModule, decorator: ast.expr, depth: int = _DEEPEST
) -> bool:
    name = dotted_name(without_call(decorator))
    if name is None or not depth:
        return False
    for resolved in table.alias_chain(module, name):
        if resolved.qualified in _REPLACING:
            return True
        for home, node in table.definitions_at(resolved.ref) if resolved.ref else ():
            if _makes_a_rewriting_one(table, home, node, depth):
                return True
    return False


def _makes_a_rewriting_one(
    table: ModuleTable, module: SourceModule, node: ast.stmt, depth: int
) -> bool:
    """Whether a definition is such as `frozen = dataclass(frozen=True)`, or is marked as such."""
    if isinstance(node, FUNCTIONS):
        names = filter(None, (dotted_name(without_call(mark)) for mark in node.decorator_list))
        return any(
            resolved.qualified in _TRANSFORMS
            for name in names
            for resolved in table.alias_chain(module, name)
        )
    value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
    if not isinstance(value, ast.Call):
        return False
    made_of = [value.func]
    called = dotted_name(value.func)
    chain = table.alias_chain(module, called) if called else []
    if any(resolved.qualified == _PARTIAL for resolved in chain):
        made_of = value.args[:1]
    return any(_rewrites(table, module, part, depth - 1) for part in made_of)
