"""What annotations mean: their forms with type aliases written out.

Two spellings of one type have one meaning. Contracts go by the forms: an alias is part of them.
"""

from __future__ import annotations

import ast
import re
from typing import NamedTuple

from ..source.canonical import Resolve, form_of, is_type, is_type_name, type_form
from ..source.module_table import ModuleTable
from ..source.source_module import SourceModule
from ..source.syntax import dotted_name, nodes_in

_DEEPEST = 10
_TYPE_ALIASES = ("typing.TypeAlias", "typing_extensions.TypeAlias")
_LITERALS = ("typing.Literal", "typing_extensions.Literal")
_ANNOTATED = ("typing.Annotated", "typing_extensions.Annotated")
# What a generic type without arguments stands for.
_OF_ANYTHING = re.compile(
    r"(?<![\w.])(?:(list|set|frozenset|type|collections\.deque|collections\.abc\.\w+)\[typing\.Any\]"
    r"|(dict|collections\.abc\.(?:Mutable)?Mapping)\[typing\.Any, typing\.Any\]"
    r"|(tuple)\[typing\.Any, \.\.\.\])"
)


class _Place(NamedTuple):
    """A module, and what its names stand for."""

    module: SourceModule
    resolve: Resolve


class TypeMeanings:
    """Reads the annotations of one module; `resolve` qualifies its names."""

    def __init__(self, table: ModuleTable, module: SourceModule, resolve: Resolve) -> None:
        self._table = table
        self._place = _Place(module, resolve)

    def meaning_of(self, node: ast.expr) -> str:
        """The canonical form of an annotation, with aliases written out."""
        form = type_form(self._expanded(node, self._place, _DEEPEST))
        return _OF_ANYTHING.sub(lambda match: match[1] or match[2] or match[3], form)

    def _expanded(self, node: ast.expr, place: _Place, depth: int) -> ast.expr:
        """The annotation with qualified names, and with the types themselves for aliases."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                quoted = ast.parse(node.value.strip(), mode="eval").body
            except (SyntaxError, ValueError):
                return node
            return self._expanded(quoted, place, depth)
        name = dotted_name(node)
        if name is not None:
            alias = self._alias(name, place) if depth else None
            if alias is not None:
                return self._expanded(*alias, depth - 1)
            return ast.Name(place.resolve(name).removeprefix("builtins."), ast.Load())
        if isinstance(node, ast.Subscript):
            return self._subscript(node, place, depth)
        return self._with_parts(node, place, depth)

    def _subscript(self, node: ast.Subscript, place: _Place, depth: int) -> ast.expr:
        base = self._qualified(node.value, place)
        name = dotted_name(base)
        inside = node.slice
        parts = inside.elts if isinstance(inside, ast.Tuple) else [inside]
        if name in _LITERALS:
            # In any order, and each once: it is a set of values.
            values = {form_of(part): part for part in (self._qualified(p, place) for p in parts)}
            parts = [values[form] for form in sorted(values)]
        elif name in _ANNOTATED:
            first = self._expanded(parts[0], place, depth)
            parts = [first, *(self._qualified(part, place) for part in parts[1:])]
        else:
            parts = [self._expanded(part, place, depth) for part in parts]
        whole = ast.Tuple(parts, ast.Load()) if isinstance(inside, ast.Tuple) else parts[0]
        return ast.Subscript(base, whole, ast.Load())

    def _with_parts(self, node: ast.expr, place: _Place, depth: int) -> ast.expr:
        if isinstance(node, ast.BinOp):
            left, right = (self._expanded(p, place, depth) for p in (node.left, node.right))
            return ast.BinOp(left, node.op, right)
        if isinstance(node, ast.List):
            return ast.List([self._expanded(p, place, depth) for p in node.elts], ast.Load())
        if isinstance(node, ast.Starred):
            return ast.Starred(self._expanded(node.value, place, depth), ast.Load())
        return self._qualified(node, place)

    def _qualified(self, node: ast.expr, place: _Place) -> ast.expr:
        return _Qualifier(place.resolve).visit(node)

    def _alias(self, name: str, place: _Place) -> tuple[ast.expr, _Place] | None:
        """The type that a name is an alias of, and where that is written."""
        resolved = self._table.resolve(place.module, name)
        if resolved is None or resolved.ref is None:
            return None
        here = f"{resolved.module}.{resolved.name}"
        if resolved.qualified != here or place.resolve(name) != here:
            return None
        own = self._place.module
        if resolved.module == own.name:
            listed = [(own, node) for node in own.definitions.get(resolved.name or "", ())]
        else:
            listed = self._table.definitions_at(resolved.ref)
        if len(listed) != 1:
            return None
        home, statement = listed[0]
        resolve = self._place.resolve if home is own else self._table.resolver_of(home)
        value = _aliased(statement, resolve)
        if value is None or self._is_generic(value, home):
            return None
        return value, _Place(home, resolve)

    def _is_generic(self, value: ast.expr, home: SourceModule) -> bool:
        """Whether a type has variables, which stand for other types wherever it is used."""
        names = filter(None, map(dotted_name, nodes_in(value)))
        return any(
            isinstance(getattr(node, "value", None), ast.Call)
            for name in names
            for node in home.definitions.get(name, ())
        )


class _Qualifier(ast.NodeTransformer):
    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve

    def visit(self, node: ast.AST) -> ast.expr:
        name = dotted_name(node)
        if name is not None:
            return ast.Name(self._resolve(name), ast.Load())
        return super().visit(node)


def _aliased(node: ast.stmt, resolve: Resolve) -> ast.expr | None:
    """The type that a statement gives a name to, None where it does something else."""
    if type(node).__name__ == "TypeAlias" and not getattr(node, "type_params", ()):
        return getattr(node, "value", None)
    if isinstance(node, ast.AnnAssign):
        annotation = dotted_name(node.annotation)
        return node.value if annotation and resolve(annotation) in _TYPE_ALIASES else None
    if not isinstance(node, ast.Assign) or dotted_name(node.targets[0]) is None:
        return None
    return node.value if is_type(node.value) or is_type_name(node.value) else None
