"""Which names a piece of code takes from the module around it, by Python's rules of scope."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from .syntax import FunctionNode, dotted_name

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(frozen=True)
class Scope:
    """The names that are not the module's own at some place.

    `hidden` are those of the functions around it, `here` those of a class body, which the
    functions inside it do not see.
    """

    hidden: frozenset[str] = frozenset()
    here: frozenset[str] = frozenset()

    def inside(self, names: Iterable[str]) -> Scope:
        """The scope of a function in this one that binds `names`."""
        return Scope(self.hidden | frozenset(names))

    def knows(self, dotted: str) -> bool:
        """Whether the first part of a dotted name means something local."""
        head = dotted.partition(".")[0]
        return head in self.hidden or head in self.here


MODULE = Scope()


def scope_in(node: ast.AST, field: str, scope: Scope) -> Scope:
    """The scope of what stands in one field of a node, seen from the scope of the node."""
    if field == "body" and isinstance(node, _FUNCTIONS):
        return function_scope(node, scope)
    if field == "body" and isinstance(node, ast.Lambda):
        return scope.inside(item.arg for item in _arguments(node.args))
    if field == "body" and isinstance(node, ast.ClassDef):
        return class_scope(node, scope)
    if isinstance(node, _COMPREHENSIONS):
        return scope.inside(_bound_by([item.target for item in node.generators]))
    if field in ("annotation", "returns"):
        # A field may be called as its type is: `date: date`.
        return replace(scope, here=frozenset())
    return scope


def class_scope(node: ast.ClassDef, scope: Scope = MODULE) -> Scope:
    """The scope of the statements in the body of a class."""
    return replace(scope, here=_bound_by(node.body))


def function_scope(node: FunctionNode, scope: Scope = MODULE) -> Scope:
    """The scope of the body of a function."""
    return scope.inside(_bound_in_function(node))


def free_names(node: ast.AST, scope: Scope = MODULE) -> Iterator[str]:
    """The dotted names in code that are the module's."""
    name = dotted_name(node)
    if name is not None:
        stored = isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
        if not stored and not scope.knows(name):
            yield name
    elif isinstance(node, _FUNCTIONS):
        yield from _function_names(node, scope)
    elif isinstance(node, ast.Lambda):
        yield from _each([*node.args.defaults, *node.args.kw_defaults], scope)
        yield from free_names(node.body, scope.inside(item.arg for item in _arguments(node.args)))
    elif isinstance(node, ast.ClassDef):
        yield from _class_names(node, scope)
    elif isinstance(node, _COMPREHENSIONS):
        yield from _comprehension_names(node, scope)
    elif isinstance(node, ast.AnnAssign):
        yield from _each([node.target, node.value], scope)
        yield from names_in_type(node.annotation, scope_in(node, "annotation", scope))
    elif isinstance(node, ast.keyword) and node.arg == "bound":
        yield from names_in_type(node.value, scope)  # `TypeVar("T", bound="Order")`
    elif type(node).__name__ == "TypeAlias":  # `type X = …`, from Python 3.12 on
        inner = _with_type_parameters(node, scope)
        yield from _type_parameter_names(node, inner)
        yield from names_in_type(getattr(node, "value"), inner)  # noqa: B009 - likewise
    else:
        yield from _each(ast.iter_child_nodes(node), scope)


def names_in_type(node: ast.AST, scope: Scope = MODULE) -> Iterator[str]:
    """The dotted names in an annotation, where a string is a type that is not there yet."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            try:
                yield from names_in_type(ast.parse(node.value.strip(), mode="eval").body, scope)
            except (SyntaxError, ValueError):
                return
    elif isinstance(node, ast.Subscript):
        yield from names_in_type(node.value, scope)
        yield from _names_in_items(node, scope)
    elif isinstance(node, (ast.BinOp, ast.List, ast.Tuple, ast.Starred)):
        for child in ast.iter_child_nodes(node):
            yield from names_in_type(child, scope)
    else:
        yield from free_names(node, scope)


def _names_in_items(node: ast.Subscript, scope: Scope) -> Iterator[str]:
    items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    base = (dotted_name(node.value) or "").rpartition(".")[2]
    if base == "Literal":
        return
    for index, item in enumerate(items):
        if base == "Annotated" and index:
            yield from free_names(item, scope)
        else:
            yield from names_in_type(item, scope)


def _each(nodes: Iterable[ast.AST | None], scope: Scope) -> Iterator[str]:
    for node in nodes:
        if node is not None:
            yield from free_names(node, scope)


def _function_names(node: FunctionNode, scope: Scope) -> Iterator[str]:
    yield from _each([*node.decorator_list, *node.args.defaults, *node.args.kw_defaults], scope)
    inner = _with_type_parameters(node, scope)
    yield from _type_parameter_names(node, inner)
    for annotation in [*(item.annotation for item in _arguments(node.args)), node.returns]:
        if annotation is not None:
            yield from names_in_type(annotation, inner)
    yield from _each(node.body, inner.inside(_bound_in_function(node)))


def _class_names(node: ast.ClassDef, scope: Scope) -> Iterator[str]:
    yield from _each(node.decorator_list, scope)
    inner = _with_type_parameters(node, scope)
    yield from _type_parameter_names(node, inner)
    for base in node.bases:
        yield from names_in_type(base, inner)
    yield from _each(node.keywords, inner)
    yield from _each(node.body, replace(inner, here=_bound_by(node.body)))


def _comprehension_names(node: ast.expr, scope: Scope) -> Iterator[str]:
    generators: list[ast.comprehension] = getattr(node, "generators")  # noqa: B009 - of all four
    # The first iterable is evaluated outside.
    yield from free_names(generators[0].iter, scope)
    inner = scope.inside(_bound_by([item.target for item in generators]))
    for index, item in enumerate(generators):
        yield from _each([*([item.iter] if index else []), item.target, *item.ifs], inner)
    yield from _each(
        (child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.comprehension)),
        inner,
    )


def _with_type_parameters(node: ast.AST, scope: Scope) -> Scope:
    names = [item.name for item in getattr(node, "type_params", ())]
    return replace(scope, hidden=scope.hidden.union(names))


def _type_parameter_names(node: ast.AST, scope: Scope) -> Iterator[str]:
    for item in getattr(node, "type_params", ()):
        for part in (getattr(item, "bound", None), getattr(item, "default_value", None)):
            if part is not None:
                yield from names_in_type(part, scope)


def _arguments(args: ast.arguments) -> list[ast.arg]:
    listed = [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]
    return [item for item in listed if item is not None]


def _bound_in_function(node: FunctionNode) -> frozenset[str]:
    return _bound_by(node.body).union(item.arg for item in _arguments(node.args))


def _bound_by(nodes: Iterable[ast.AST]) -> frozenset[str]:
    """The names that code binds in its own scope, those of scopes inside it left out."""
    bound: set[str] = set()
    shared: set[str] = set()
    pending = list(nodes)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Global):
            shared.update(node.names)
        bound.update(_bound_here(node))
        if isinstance(node, _COMPREHENSIONS):
            walrus = (item for item in ast.walk(node) if isinstance(item, ast.NamedExpr))
            bound.update(item.target.id for item in walrus)
        elif not isinstance(node, (*_FUNCTIONS, ast.ClassDef, ast.Lambda)):
            pending.extend(ast.iter_child_nodes(node))
    return frozenset(bound - shared)


def _bound_here(node: ast.AST) -> Iterable[str]:
    if isinstance(node, ast.Name):
        return () if isinstance(node.ctx, ast.Load) else (node.id,)
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return [alias.asname or alias.name.partition(".")[0] for alias in node.names]
    names = [
        node.name
        for kind in (*_FUNCTIONS, ast.ClassDef, ast.ExceptHandler, ast.MatchAs, ast.MatchStar)
        if isinstance(node, kind)
    ]
    if isinstance(node, ast.MatchMapping):
        names.append(node.rest)
    return [name for name in names if name]
