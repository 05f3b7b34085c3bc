"""The imports of a module: which names they bind, when they run, whether they may fail."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import NamedTuple

from .source_module import SourceModule, absolute_module, is_typing_guard
from .syntax import FUNCTIONS, IMPORTS, bound_name, dotted_name, nodes_in

_IMPORT_ERRORS = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})
_SUPPRESS = frozenset({"suppress", "contextlib.suppress"})
_PLATFORM = frozenset({"sys.version_info", "sys.platform", "os.name", "platform.system"})

_Block = tuple[list[ast.stmt], str, bool]
"""Statements, the scope that they stand in, and whether their imports are optional."""


class ImportedName(NamedTuple):
    """One name of an import statement; `name` is None for `import module`.

    `bound` is the name that it gets in the module, `scope` is `module`, `function` or `typing`.
    An `optional` one may fail without harm: its failure is caught, or another system needs it.
    """

    line: int
    module: str
    name: str | None
    bound: str
    scope: str
    optional: bool


def imported_names(
    module: SourceModule, resolves: Callable[[ImportedName], bool] = lambda _: True
) -> Iterator[ImportedName]:
    """All imported names of a module, in source order.

    Args:
        module: The module.
        resolves: Whether an import works in this environment. Where all imports in a `try` do,
            those in its handlers are not needed.
    """
    return _ImportReader(module, resolves).names_in(module.tree.body, "module", optional=False)


class _ImportReader:
    def __init__(self, module: SourceModule, resolves: Callable[[ImportedName], bool]) -> None:
        self._module = module
        self._resolves = resolves

    def names_in(
        self, body: list[ast.stmt], scope: str, *, optional: bool
    ) -> Iterator[ImportedName]:
        for node in body:
            if isinstance(node, IMPORTS):
                for alias in node.names:
                    module, name = alias.name, None
                    if isinstance(node, ast.ImportFrom):
                        module, name = absolute_module(self._module, node), alias.name
                    bound = bound_name(alias)
                    yield ImportedName(node.lineno, module, name, bound, scope, optional)
            else:
                for block, its_scope, its_optional in self._blocks(node, scope, optional=optional):
                    yield from self.names_in(block, its_scope, optional=its_optional)

    def _blocks(self, node: ast.stmt, scope: str, *, optional: bool) -> Iterator[_Block]:
        if isinstance(node, FUNCTIONS):
            yield node.body, "function", optional
        elif isinstance(node, ast.If):
            in_branches = optional or _asks_for_platform(node.test)
            yield node.body, "typing" if is_typing_guard(node.test) else scope, in_branches
            yield node.orelse, scope, in_branches
        elif isinstance(node, (ast.Try, ast.TryStar)):
            yield from self._try_blocks(node, scope, optional=optional)
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            yield node.body, scope, optional or any(map(_suppresses, node.items))
        else:
            for part in (node, *getattr(node, "cases", ())):
                for field in ("body", "orelse"):
                    yield getattr(part, field, []), scope, optional

    def _try_blocks(
        self, node: ast.Try | ast.TryStar, scope: str, *, optional: bool
    ) -> Iterator[_Block]:
        caught = any(_catches_import_errors(handler) for handler in node.handlers)
        tried = self.names_in(node.body, scope, optional=False)
        unneeded = caught and all(map(self._resolves, tried))
        yield node.body, scope, optional or caught
        for handler in node.handlers:
            yield handler.body, scope, optional or unneeded
        yield node.orelse, scope, optional
        yield node.finalbody, scope, optional


def _catches_import_errors(handler: ast.ExceptHandler) -> bool:
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(error is None or dotted_name(error) in _IMPORT_ERRORS for error in types)


def _suppresses(manager: ast.withitem) -> bool:
    call = manager.context_expr
    return (
        isinstance(call, ast.Call)
        and dotted_name(call.func) in _SUPPRESS
        and any(dotted_name(argument) in _IMPORT_ERRORS for argument in call.args)
    )


def _asks_for_platform(test: ast.expr) -> bool:
    return any(dotted_name(node) in _PLATFORM for node in nodes_in(test))
