"""Work that a module does when it is imported: files, network, processes, printing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from ..source.canonical import Resolve
from ..source.evaluated_at_import import evaluated_nodes
from ..source.scopes import local_names
from ..source.source_module import SourceModule, is_typing_guard
from ..source.syntax import (
    FUNCTIONS,
    FunctionNode,
    bound_name,
    children_of,
    dotted_name,
    nodes_in,
    without_call,
)
from .work_names import BUILTIN_WORK, CALLS_THAT_WORK, METHODS_OF, METHODS_THAT_WORK, PATHS


class Work(NamedTuple):
    """A call that does work while the module is imported.

    `line` is that of the statement at the top level, `call` what is called, `through` the function
    of the module that calls it, empty where the top level does.
    """

    line: int
    call: str
    through: str


class _FunctionScope(NamedTuple):
    """The function around a call: its local names `hidden` those of the module.

    `imports` has the full name for each name that the function imports itself.
    """

    hidden: frozenset[str] = frozenset()
    imports: tuple[tuple[str, str], ...] = ()


def main_block_line(tree: ast.Module) -> int:
    """The line of `if __name__ == "__main__":`, 0 where there is none."""
    return next((node.lineno for node in tree.body if _is_main_guard(node)), 0)


def work_at_import(module: SourceModule, resolve: Resolve) -> list[Work]:
    """The known kinds of work that importing a module does, one for each line and call."""
    return sorted(set(_WorkFinder(module, resolve).work_of_module()))


class _WorkFinder:
    """Follows calls from the top level into the functions of the module.

    Its methods yield each call that is work, and the function of the module that it stands in.
    `seen` holds the functions on the way, so that recursion ends.
    """

    def __init__(self, module: SourceModule, resolve: Resolve) -> None:
        self._module = module
        self._resolve = resolve

    def work_of_module(self) -> Iterator[Work]:
        body = [node for node in self._module.tree.body if not _is_main_guard(node)]
        for node in evaluated_nodes(self._module.tree, body):
            line = getattr(node, "lineno", 0)
            if isinstance(node, ast.Call):
                for call, through in self._calls_by(node, _FunctionScope(), frozenset()):
                    yield Work(line, call, through)
            for decorator in getattr(node, "decorator_list", ()):
                for call, through in self._calls_by_decorator(decorator):
                    yield Work(decorator.lineno, call, through)

    def _calls_by_decorator(self, node: ast.expr) -> Iterator[tuple[str, str]]:
        """The calls that do work when a decorator is applied, not when its wrapper is called."""
        name = dotted_name(without_call(node))
        for function in self._own_functions(name) if name else ():
            # `@repeat(3)` applies what `repeat` returns, which is a function inside it.
            inner = [child for child in function.body if isinstance(child, FUNCTIONS)]
            for applied in inner if isinstance(node, ast.Call) else [function]:
                yield from self._calls_inside(applied, function.name, frozenset({function.name}))

    def _calls_by(
        self, node: ast.Call, scope: _FunctionScope, seen: frozenset[str]
    ) -> Iterator[tuple[str, str]]:
        if isinstance(node.func, ast.Lambda):
            for inner in nodes_in(node.func.body):
                if isinstance(inner, ast.Call):
                    yield from self._calls_by(inner, scope, seen)
        name = dotted_name(node.func)
        if name is not None and name.partition(".")[0] not in scope.hidden:
            qualified = self._qualified(name, scope)
            if self._is_work(name, qualified, node):
                yield name, ""
            for function in self._own_functions(name):
                if function.name not in seen:
                    yield from self._calls_inside(function, name, seen | {function.name})
        if isinstance(node.func, ast.Attribute):
            yield from self._calls_by_method(node.func, scope, seen)

    def _calls_by_method(
        self, func: ast.Attribute, scope: _FunctionScope, seen: frozenset[str]
    ) -> Iterator[tuple[str, str]]:
        made_by = self._made_by(func.value, scope)
        if func.attr in METHODS_THAT_WORK | METHODS_OF.get(made_by, frozenset()):
            yield f"{ast.unparse(func.value)}.{func.attr}"[:60], ""
        own = self._module.definitions.get(made_by, [])
        own_class = next((node for node in own if isinstance(node, ast.ClassDef)), None)
        for node in own_class.body if own_class else ():
            if isinstance(node, FUNCTIONS) and node.name == func.attr and node.name not in seen:
                yield from self._calls_inside(node, f"{made_by}.{node.name}", seen | {node.name})

    def _calls_inside(
        self, function: FunctionNode, through: str, seen: frozenset[str]
    ) -> Iterator[tuple[str, str]]:
        if isinstance(function, ast.AsyncFunctionDef):  # a call of it only makes a coroutine
            return
        scope = _FunctionScope(frozenset(local_names(function)), tuple(_imports_in(function)))
        for node in _executed(function.body):
            if isinstance(node, ast.Call):
                for call, _ in self._calls_by(node, scope, seen):
                    yield call, through

    def _qualified(self, name: str, scope: _FunctionScope) -> str:
        head, dot, rest = name.partition(".")
        local = dict(scope.imports).get(head)
        return f"{local}{dot}{rest}" if local else self._resolve(name)

    def _is_work(self, name: str, qualified: str, node: ast.Call) -> bool:
        if qualified == name and name not in self._module.binding_lines:
            return name in BUILTIN_WORK or name in CALLS_THAT_WORK
        if qualified == "sqlite3.connect" and node.args:
            return getattr(node.args[0], "value", None) != ":memory:"
        return qualified.removeprefix("builtins.") in BUILTIN_WORK or qualified in CALLS_THAT_WORK

    def _own_functions(self, name: str) -> list[FunctionNode]:
        """The module's functions that calling a name runs: itself, or constructors of a class."""
        head, _, member = name.partition(".")
        functions: list[FunctionNode] = []
        for node in self._module.definitions.get(head, []):
            if isinstance(node, ast.FunctionDef) and not member:
                functions.append(node)
            elif isinstance(node, ast.ClassDef):
                wanted = (member,) if member else ("__init__", "__new__", "__post_init__")
                functions += [
                    method
                    for method in node.body
                    if isinstance(method, ast.FunctionDef) and method.name in wanted
                ]
        return functions

    def _made_by(self, node: ast.expr, scope: _FunctionScope, depth: int = 0) -> str:
        """The class that is called to make a value, empty where its source does not show it."""
        if depth > 9:  # noqa: PLR2004 - as deep as a person writes
            return ""
        if isinstance(node, ast.Call):
            name = dotted_name(node.func)
            if name and name.partition(".")[0] not in scope.hidden:
                own = name in self._module.definitions
                return name if own else self._qualified(name, scope)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            made_by = self._made_by(node.left, scope, depth + 1)
            return made_by if made_by in PATHS else ""
        elif isinstance(node, ast.Attribute) and node.attr == "parent":
            return self._made_by(node.value, scope, depth + 1)
        elif isinstance(node, ast.Name) and node.id not in scope.hidden:
            nodes = self._module.definitions.get(node.id, [])
            value = nodes[0].value if nodes and isinstance(nodes[0], ast.Assign) else None
            return self._made_by(value, scope, depth + 1) if value is not None else ""
        return ""


def _executed(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """The nodes that run when a body does; functions inside it are defined, not called."""
    pending: list[ast.AST] = list(body)
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, ast.If) and is_typing_guard(node.test):
            pending += node.orelse
        elif not isinstance(node, (*FUNCTIONS, ast.Lambda)):
            pending += children_of(node)


def _imports_in(function: FunctionNode) -> Iterator[tuple[str, str]]:
    for node in nodes_in(function):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield bound_name(alias), alias.name if alias.asname else bound_name(alias)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                yield bound_name(alias), f"{node.module}.{alias.name}"


def _is_main_guard(node: ast.AST) -> bool:
    if not isinstance(node, ast.If) or not isinstance(node.test, ast.Compare):
        return False
    sides = [node.test.left, *node.test.comparators]
    is_name = any(isinstance(side, ast.Name) and side.id == "__name__" for side in sides)
    return is_name and any(getattr(side, "value", None) == "__main__" for side in sides)
