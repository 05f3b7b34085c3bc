"""What an answer puts in the place of names of the project, should these not be there."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from importlib.util import find_spec

from ..contract.definitions import Json
from ..source.canonical import Resolve
from ..source.imported_names import imported_names
from ..source.module_table import ModuleTable
from ..source.source_module import SourceModule, absolute_module, is_typing_guard, target_names
from ..source.syntax import (
    DEFINITIONS,
    IMPORTS,
    bound_name,
    dotted_name,
    nodes_in,
    nodes_outside,
)

_IMPORT_ERRORS = frozenset({"ImportError", "ModuleNotFoundError"})
_LOOKUP_ERRORS = frozenset({"AttributeError", "NameError"})
_ANY_ERRORS = frozenset({"Exception", "BaseException"})
_PROBES = frozenset({"importlib.util.find_spec", "importlib.find_loader", "pytest.importorskip"})
_IMPORTERS = frozenset({"importlib.import_module", "__import__"})
# How many arguments the functions have that look up a name which may not be there.
_LOOKUPS = {"getattr": 3, "hasattr": 2}
_PLACEHOLDERS = frozenset({"object", "Any", "typing.Any"})
_PLAIN = (*IMPORTS, ast.Assign, ast.AnnAssign, ast.Pass)

_Place = tuple[int, str]
"""A line, and the name that has something else in its place."""


def import_fallbacks(table: ModuleTable, module: SourceModule) -> list[Json]:
    """Name and line of each name of the project that has something else in its place."""
    reader = _FallbackReader(table, module)
    places = {place for node in nodes_in(module.tree) for place in reader.places_at(node)}
    return [{"name": name, "line": line} for line, name in sorted(places)]


class _FallbackReader:
    def __init__(self, table: ModuleTable, module: SourceModule) -> None:
        self._table = table
        self._module = module
        self._resolve = table.resolver_of(module)
        self._modules = dict(self._bound_modules())

    def places_at(self, node: ast.AST) -> Iterator[_Place]:
        """The names that have something else in their place by one node."""
        if isinstance(node, (ast.Try, ast.TryStar)):
            errors = [_errors_of(handler) for handler in node.handlers if not _raises(handler)]
            yield from self._caught(node.body, frozenset().union(*errors))
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            yield from self._caught(node.body, _suppressed(node, self._resolve))
        elif isinstance(node, ast.If):
            yield from self._beside_types(node)
        elif isinstance(node, ast.Call):
            yield from self._probed(node)

    def _caught(self, body: list[ast.stmt], errors: frozenset[str]) -> Iterator[_Place]:
        # What is done with a name may fail for a good reason; that it is there is no such thing.
        if errors & _ANY_ERRORS and all(isinstance(statement, _PLAIN) for statement in body):
            errors |= _IMPORT_ERRORS
        nodes = list(nodes_outside(DEFINITIONS, body)) if errors else []
        if errors & _IMPORT_ERRORS:
            for node in nodes:
                yield from self._imported(node)
        if errors & _LOOKUP_ERRORS:
            for node in nodes:
                owner = dotted_name(node.value) if isinstance(node, ast.Attribute) else None
                if isinstance(node, ast.Attribute) and owner in self._modules:
                    yield node.lineno, f"{self._modules[owner]}.{node.attr}"

    def _beside_types(self, node: ast.If) -> Iterator[_Place]:
        """Names imported for type checkers, and given another meaning at run time."""
        is_other = isinstance(node.test, ast.UnaryOp) and isinstance(node.test.op, ast.Not)
        test = node.test.operand if isinstance(node.test, ast.UnaryOp) else node.test
        if not is_typing_guard(test):
            return
        typed, run = (node.orelse, node.body) if is_other else (node.body, node.orelse)
        bound = {name for statement in run for name in _bound_names(statement)}
        for statement in typed:
            if isinstance(statement, IMPORTS):
                aliases = {bound_name(alias): alias for alias in statement.names}
                if bound & aliases.keys():
                    yield from self._imported(statement)

    def _imported(self, node: ast.AST) -> Iterator[_Place]:
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
            yield from ((node.lineno, name) for name in names if self._is_ours(name))
        elif isinstance(node, ast.ImportFrom):
            source = absolute_module(self._module, node)
            if self._is_ours(source):
                yield from ((node.lineno, f"{source}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and self._called(node) in _IMPORTERS:
            yield from self._named_module(node)

    def _probed(self, node: ast.Call) -> Iterator[_Place]:
        called = self._called(node)
        if called in _PROBES:
            yield from self._named_module(node)
        elif called in _LOOKUPS and len(node.args) == _LOOKUPS[called]:
            owner, name = dotted_name(node.args[0]), _text(node.args[1])
            if owner in self._modules and name:
                yield node.lineno, f"{self._modules[owner]}.{name}"
        elif isinstance(node.func, ast.Attribute) and node.func.attr == "get" and node.args:
            yield from self._looked_up(node, node.func.value)

    def _looked_up(self, node: ast.Call, mapping: ast.expr) -> Iterator[_Place]:
        """Names asked of `sys.modules`, `vars(module)` or `module.__dict__`."""
        name = _text(node.args[0])
        if self._resolve(dotted_name(mapping) or "") == "sys.modules":
            yield from self._named_module(node)
        owner: str | None = None
        if isinstance(mapping, ast.Call) and self._called(mapping) == "vars" and mapping.args:
            owner = dotted_name(mapping.args[0])
        elif isinstance(mapping, ast.Attribute) and mapping.attr == "__dict__":
            owner = dotted_name(mapping.value)
        if owner in self._modules and name:
            yield node.lineno, f"{self._modules[owner]}.{name}"

    def _named_module(self, node: ast.Call) -> Iterator[_Place]:
        name = _text(node.args[0]) if node.args else None
        if name and self._is_ours(name):
            yield node.lineno, name

    def _called(self, node: ast.Call) -> str:
        name = dotted_name(node.func)
        return self._resolve(name) if name else ""

    def _bound_modules(self) -> Iterator[tuple[str, str]]:
        """The names that modules of the project have in the answer, wherever it imports them."""
        for imported in imported_names(self._module):
            if imported.name is None:
                if self._is_ours(imported.module):
                    is_renamed = imported.bound != imported.module.partition(".")[0]
                    yield (imported.bound if is_renamed else imported.module), imported.module
            elif self._table.find(f"{imported.module}.{imported.name}"):
                yield imported.bound, f"{imported.module}.{imported.name}"

    def _is_ours(self, name: str) -> bool:
        """Whether a module is one of the project, or would be one if it existed."""
        if self._table.find(name) or self._table.is_namespace(name):
            return True
        top = name.partition(".")[0]
        if not (self._table.find(top) or self._table.is_namespace(top)):
            return False
        try:
            return find_spec(name) is None  # else it is compiled, and may be left out
        except (ImportError, ValueError, AttributeError):
            return True


def _errors_of(handler: ast.ExceptHandler) -> frozenset[str]:
    """The names of the errors that a handler catches; all of them where it names none."""
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = (dotted_name(error) if error else "BaseException" for error in types)
    return frozenset(name.rpartition(".")[2] for name in names if name)


def _raises(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise)


def _suppressed(node: ast.With | ast.AsyncWith, resolve: Resolve) -> frozenset[str]:
    """The names of the errors that `contextlib.suppress` keeps from a block."""
    calls = [manager.context_expr for manager in node.items]
    names = [
        dotted_name(error)
        for call in calls
        if isinstance(call, ast.Call)
        and resolve(dotted_name(call.func) or "") == "contextlib.suppress"
        for error in call.args
    ]
    return frozenset(name.rpartition(".")[2] for name in names if name)


def _bound_names(node: ast.stmt) -> Iterable[str]:
    """What a statement gives a meaning; for annotations alone `Order = object` will do."""
    if isinstance(node, DEFINITIONS):
        return [node.name]
    value = getattr(node, "value", None)
    if isinstance(value, ast.expr) and dotted_name(value) in _PLACEHOLDERS:
        return []
    if isinstance(value, ast.Constant) and (value.value is None or isinstance(value.value, str)):
        return []
    if isinstance(node, ast.Assign):
        return [name for target in node.targets for name in target_names(target)]
    return target_names(node.target) if isinstance(node, ast.AnnAssign) else []


def _text(node: ast.expr) -> str | None:
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, str) else None
