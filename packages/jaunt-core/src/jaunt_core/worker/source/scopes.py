"""Python's rules of scope: which names code binds itself, which it takes from its module."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from .syntax import (
    DEFINITIONS,
    FUNCTIONS,
    IMPORTS,
    DefinitionNode,
    FunctionNode,
    annotations_of,
    arguments_of,
    bound_name,
    children_of,
    defaults_of,
    dotted_name,
    is_stored,
    nodes_in,
    nodes_outside,
)

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_NAMED = (*DEFINITIONS, ast.ExceptHandler, ast.MatchAs, ast.MatchStar)
_SCOPED = (*DEFINITIONS, ast.Lambda, *_COMPREHENSIONS)
_LOCALLY_NAMED = (*DEFINITIONS, ast.ExceptHandler)
_TYPED = (ast.AnnAssign, ast.keyword, getattr(ast, "TypeAlias", ast.AnnAssign))


class Scope(NamedTuple):  # importing dataclasses would take a third of the worker's start
    """The names that hide those of the module at some place in its code.

    `hidden` are bound by the functions around the place, `here` by the class body that it stands
    in, which the functions inside the class do not see.
    """

    hidden: frozenset[str] = frozenset()
    here: frozenset[str] = frozenset()

    def inside(self, names: Iterable[str]) -> Scope:
        """The scope of a function in this one that binds `names`."""
        return Scope(self.hidden.union(names))

    def knows(self, dotted: str) -> bool:
        """Whether the first part of a dotted name means something local."""
        head = dotted.partition(".")[0]
        return head in self.hidden or head in self.here


MODULE_SCOPE = Scope()


def scope_of_field(node: ast.AST, field: str, scope: Scope) -> Scope:
    """The scope of what stands in one field of a node whose own scope is `scope`."""
    if field == "body" and isinstance(node, FUNCTIONS):
        return function_scope(node, scope)
    if field == "body" and isinstance(node, ast.Lambda):
        return scope.inside(argument.arg for argument in arguments_of(node.args))
    if field == "body" and isinstance(node, ast.ClassDef):
        return class_scope(node, scope)
    if isinstance(node, _COMPREHENSIONS):
        return scope.inside(names_bound_by([generator.target for generator in node.generators]))
    if field in ("annotation", "returns"):
        # A field may be called as its type is: `date: date`.
        return Scope(scope.hidden)
    return scope


def class_scope(node: ast.ClassDef, scope: Scope = MODULE_SCOPE) -> Scope:
    """The scope of the statements in the body of a class."""
    return Scope(scope.hidden, names_bound_by(node.body))


def function_scope(node: FunctionNode, scope: Scope = MODULE_SCOPE) -> Scope:
    """The scope of the body of a function."""
    return scope.inside(_bound_in_function(node))


def free_names(node: ast.AST, scope: Scope = MODULE_SCOPE) -> list[str]:
    """The dotted names that code takes from its module, not from a scope in between."""
    name = dotted_name(node)
    if name is not None:
        return [] if is_stored(node) or scope.knows(name) else [name]
    if isinstance(node, _SCOPED):
        return _names_in_scoped(node, scope)
    if isinstance(node, _TYPED):
        return _names_in_typed(node, scope)
    return _free_names_of_all(children_of(node), scope)


def _names_in_scoped(node: ast.AST, scope: Scope) -> list[str]:
    """The free names in a node that opens a scope."""
    if isinstance(node, DEFINITIONS):
        return _free_names_of_all(node.decorator_list, scope) + names_in_definition(node, scope)
    if isinstance(node, ast.Lambda):
        inner = scope_of_field(node, "body", scope)
        return _free_names_of_all(defaults_of(node.args), scope) + free_names(node.body, inner)
    return _names_in_comprehension(node, scope)


def _names_in_typed(node: ast.AST, scope: Scope) -> list[str]:
    """The free names in a node that may have a type in it."""
    if isinstance(node, ast.AnnAssign):
        annotation = names_in_type(node.annotation, scope_of_field(node, "annotation", scope))
        return _free_names_of_all([node.target, node.value], scope) + annotation
    if isinstance(node, ast.keyword):
        # `TypeVar("T", bound="Order")`
        return (names_in_type if node.arg == "bound" else free_names)(node.value, scope)
    inner = _with_type_parameters(node, scope)
    value: ast.expr = getattr(node, "value")  # noqa: B009 - `type X = …`, from Python 3.12 on
    return _names_in_type_parameters(node, inner) + names_in_type(value, inner)


def names_in_signature(node: FunctionNode, scope: Scope = MODULE_SCOPE) -> list[str]:
    """The free names in the annotations and defaults of a function."""
    inner = _with_type_parameters(node, scope)
    names = _free_names_of_all(defaults_of(node.args), scope)
    names += _names_in_type_parameters(node, inner)
    return names + _names_in_types(annotations_of(node), inner)


def names_in_definition(node: DefinitionNode, scope: Scope = MODULE_SCOPE) -> list[str]:
    """The free names in a function or class, its decorators left out."""
    inner = _with_type_parameters(node, scope)
    if not isinstance(node, ast.ClassDef):
        in_body = _free_names_of_all(node.body, function_scope(node, inner))
        return names_in_signature(node, scope) + in_body
    names = _names_in_type_parameters(node, inner) + _names_in_types(node.bases, inner)
    names += _free_names_of_all(node.keywords, inner)
    return names + _free_names_of_all(node.body, class_scope(node, inner))


def names_in_type(node: ast.AST, scope: Scope = MODULE_SCOPE) -> list[str]:
    """The free names in an annotation, where a string is code of a type that is not there yet."""
    if isinstance(node, ast.Constant):
        if not isinstance(node.value, str):
            return []
        try:
            return names_in_type(ast.parse(node.value.strip(), mode="eval").body, scope)
        except (SyntaxError, ValueError):
            return []
    if isinstance(node, ast.Subscript):
        return names_in_type(node.value, scope) + _names_in_subscript(node, scope)
    if isinstance(node, (ast.BinOp, ast.List, ast.Tuple, ast.Starred)):
        return _names_in_types(children_of(node), scope)
    return free_names(node, scope)


def _names_in_types(nodes: Iterable[ast.AST], scope: Scope) -> list[str]:
    return [name for node in nodes for name in names_in_type(node, scope)]


def _names_in_subscript(node: ast.Subscript, scope: Scope) -> list[str]:
    arguments = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    base = (dotted_name(node.value) or "").rpartition(".")[2]
    names: list[str] = []
    for index, argument in enumerate(arguments):
        if base == "Annotated" and index:
            names += free_names(argument, scope)
        elif base != "Literal":
            names += names_in_type(argument, scope)
    return names


def _free_names_of_all(nodes: Iterable[ast.AST | None], scope: Scope) -> list[str]:
    return [name for node in nodes if node is not None for name in free_names(node, scope)]


def _names_in_comprehension(node: ast.AST, scope: Scope) -> list[str]:
    generators: list[ast.comprehension] = getattr(node, "generators")  # noqa: B009 - of all four
    # The first iterable is evaluated outside.
    names = free_names(generators[0].iter, scope)
    inner = scope_of_field(node, "generators", scope)
    for index, generator in enumerate(generators):
        iterable = generator.iter if index else None
        names += _free_names_of_all([iterable, generator.target, *generator.ifs], inner)
    parts = [child for child in children_of(node) if not isinstance(child, ast.comprehension)]
    return names + _free_names_of_all(parts, inner)


def _with_type_parameters(node: ast.AST, scope: Scope) -> Scope:
    names = [parameter.name for parameter in getattr(node, "type_params", ())]
    return Scope(scope.hidden.union(names), scope.here) if names else scope


def _names_in_type_parameters(node: ast.AST, scope: Scope) -> list[str]:
    parts = [
        getattr(parameter, field, None)
        for parameter in getattr(node, "type_params", ())
        for field in ("bound", "default_value")
    ]
    return _names_in_types(filter(None, parts), scope)


@lru_cache(maxsize=64)  # several readers ask for the same function, one after the other
def _bound_in_function(node: FunctionNode) -> frozenset[str]:
    parameters = (argument.arg for argument in arguments_of(node.args))
    return names_bound_by(node.body).union(parameters)


def names_bound_by(nodes: Iterable[ast.AST]) -> frozenset[str]:
    """The names that code binds in its own scope, not those bound by scopes inside it."""
    bound, shared = _bound_and_shared(nodes)
    return bound - shared


def globals_bound_by(function: FunctionNode) -> frozenset[str]:
    """The names of its module that a function binds anew, by `global`."""
    bound, shared = _bound_and_shared(function.body)
    return bound & shared


def _bound_and_shared(nodes: Iterable[ast.AST]) -> tuple[frozenset[str], frozenset[str]]:
    """The names that code binds outside of inner scopes, and those that it calls global."""
    bound: set[str] = set()
    shared: set[str] = set()
    for node in nodes_outside(_SCOPED, nodes):
        bound.update(_bound_here(node))
        if isinstance(node, ast.Global):
            shared.update(node.names)
        elif isinstance(node, _COMPREHENSIONS):
            # `:=` in a comprehension binds in the scope around it.
            walrus = (inner for inner in nodes_in(node) if isinstance(inner, ast.NamedExpr))
            bound.update(inner.target.id for inner in walrus)
    return frozenset(bound), frozenset(shared)


def _bound_here(node: ast.AST) -> Iterable[str]:
    if isinstance(node, ast.Name):
        return () if isinstance(node.ctx, ast.Load) else (node.id,)
    if isinstance(node, IMPORTS):
        return map(bound_name, node.names)
    if isinstance(node, _NAMED):
        return (node.name,) if node.name else ()
    if isinstance(node, ast.MatchMapping):
        return (node.rest,) if node.rest else ()
    return ()


def local_names(function: FunctionNode) -> set[str]:
    """The names bound anywhere in a function: parameters, variables, inner definitions.

    Unlike `names_bound_by` it looks into inner scopes too, for readers of a text that do not go
    from scope to scope. Imports do not count.
    """
    bound: set[str] = set()
    shared: set[str] = set()
    for node in nodes_in(function):
        if isinstance(node, ast.arg):
            bound.add(node.arg)
        elif is_stored(node):
            bound.add(node.id)
        elif isinstance(node, _LOCALLY_NAMED):
            if node.name and node is not function:
                bound.add(node.name)
        elif isinstance(node, ast.Global):
            shared.update(node.names)
    return bound - shared
