"""What the tests of an answer assert, as far as their source shows."""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Iterator

from ..contract.definitions import Json
from ..source.canonical import Resolve, form_of
from ..source.module_table import ModuleTable
from ..source.source_module import SourceModule
from ..source.syntax import FUNCTIONS, FunctionNode, children_of, dotted_name, is_stored, nodes_in
from .reach import Reached, ReachFinder

_PROVING_CALLS = frozenset({"raises", "warns", "fail", "deprecated_call", "RaisesGroup"})
_PROVING_STARTS = ("assert", "check", "verify")
_OPAQUE = ("importlib.", "runpy.", "subprocess.", "multiprocessing.", "doctest.")
_CONSTANT = (ast.Constant, ast.Tuple, ast.List, ast.Set, ast.Dict, ast.UnaryOp, ast.unaryop)
_CONSTANT += (ast.BinOp, ast.operator, ast.Compare, ast.cmpop, ast.BoolOp, ast.boolop)
_CONSTANT += (ast.JoinedStr, ast.FormattedValue)
_ALWAYS_TRUE = (ast.GeneratorExp, ast.Lambda)
_REFLEXIVE = (ast.Eq, ast.Is, ast.LtE, ast.GtE)


class TestReader:
    """Reads the tests of one answer."""

    def __init__(self, table: ModuleTable, module: SourceModule, resolve: Resolve) -> None:
        self._table = table
        self._module = module
        self._resolve = resolve
        self._reach_finder = ReachFinder(table, module)

    def facts_of(self, names: frozenset[str]) -> Iterator[Json]:
        """The facts of the expected tests."""
        for node in self._module.tree.body:
            if isinstance(node, FUNCTIONS) and node.name in names:
                yield self._facts_of(node)

    def _facts_of(self, test: FunctionNode) -> Json:
        reached = self._reach_finder.reached_by(test)
        nodes = [inner for node in reached.nodes for inner in nodes_in(node)]
        asserts = [node for node in nodes if isinstance(node, ast.Assert)]
        constants = _constants_in(test)
        vacuous = [node for node in asserts if self._is_vacuous(node.test, constants)]
        calls = [node for node in nodes if isinstance(node, ast.Call)]
        proven = (
            len(vacuous) < len(asserts)
            or any(map(_proves, calls))
            or any(isinstance(node, ast.Raise) for node in nodes_in(test))
            or any(_may_assert(helper) for helper in reached.helpers)
        )
        return {
            "name": test.name,
            "line": test.lineno,
            "vacuous": min((node.lineno for node in vacuous), default=0),
            "proves": proven or reached.is_opaque or self._uses_foreign_package(reached),
            "calls": len(_swallowed_calls(nodes)) < len(calls),
            "methods": sorted({_method(call.func) for call in calls} - {""}),
            "uses": sorted(reached.names),
            "opaque": reached.is_opaque or any(name.startswith(_OPAQUE) for name in reached.names),
            "skipped": next((node.lineno for node in test.body if self._leaves(node)), 0),
            "catches_any": min(
                (call.lineno for call in calls if self._satisfied_by_any(call)), default=0
            ),
            "texts": sorted(_identifiers_in_texts(nodes)),
        }

    def _leaves(self, node: ast.stmt) -> bool:
        """Whether a statement ends a test as skipped, or as one that may fail."""
        called = node.value if isinstance(node, ast.Expr) else None
        if not isinstance(called, ast.Call):
            return False
        name = dotted_name(called.func)
        return name is not None and self._resolve(name) in ("pytest.skip", "pytest.xfail")

    def _satisfied_by_any(self, call: ast.Call) -> bool:
        """Whether a call is `pytest.raises(Exception)`, without a text to match."""
        name = dotted_name(call.func)
        is_expected = name is not None and self._resolve(name) == "pytest.raises"
        return is_expected and not call.keywords and any(map(_is_broad, call.args[:1]))

    def _uses_foreign_package(self, reached: Reached) -> bool:
        """Whether an installed package is used that may do the asserting."""
        tops = {name.partition(".")[0] for name in reached.direct if "." in name}
        return any(
            top not in sys.stdlib_module_names
            and top not in ("pytest", "hypothesis")
            and not self._table.file_of(top)
            and not self._table.is_namespace(top)
            for top in tops
        )

    def _is_vacuous(self, test: ast.expr, constants: frozenset[str]) -> bool:
        """Whether an assertion holds, whatever the tested code does."""
        if isinstance(test, _ALWAYS_TRUE) or (isinstance(test, ast.Tuple) and test.elts):
            return True
        if isinstance(test, ast.BoolOp):
            parts = [self._is_vacuous(operand, constants) for operand in test.values]
            return any(parts) if isinstance(test.op, ast.Or) else all(parts)
        if isinstance(test, ast.Compare) and self._is_tautology(test):
            return True
        if _is_falsy(test):  # `assert False` says that this line is never reached
            return False
        return _is_constant(test, constants)

    def _is_tautology(self, test: ast.Compare) -> bool:
        if len(test.ops) != 1 or not isinstance(test.ops[0], _REFLEXIVE):
            return False
        left, right = test.left, test.comparators[0]
        if form_of(left, self._resolve) != form_of(right, self._resolve):
            return False
        return not any(_may_vary(node) for node in nodes_in(left))


def _proves(call: ast.Call) -> bool:
    """Whether a call is one that asserts, as `pytest.raises` or `mock.assert_called_once`."""
    last = _method(call.func) or dotted_name(call.func) or ""
    return last in _PROVING_CALLS or last.lower().lstrip("_").startswith(_PROVING_STARTS)


def _swallowed_calls(nodes: list[ast.AST]) -> set[int]:
    """The calls whose errors of any kind a test catches and forgets, by their id."""
    catching = [node for node in nodes if isinstance(node, (ast.Try, ast.With)) and _forgets(node)]
    return {
        id(inner)
        for node in catching
        for statement in node.body
        for inner in nodes_in(statement)
        if isinstance(inner, ast.Call)
    } | {id(entry.context_expr) for node in catching for entry in getattr(node, "items", ())}


def _forgets(node: ast.Try | ast.With) -> bool:
    if isinstance(node, ast.With):
        return any(
            isinstance(entry.context_expr, ast.Call)
            and (dotted_name(entry.context_expr.func) or "").rpartition(".")[2] == "suppress"
            and any(map(_is_broad, entry.context_expr.args))
            for entry in node.items
        )
    return any(
        (handler.type is None or _is_broad(handler.type))
        and not any(isinstance(inner, ast.Call | ast.Raise) for inner in nodes_in(handler))
        for handler in node.handlers
    )


def _is_broad(kind: ast.expr) -> bool:
    names = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return any(dotted_name(name) in ("Exception", "BaseException") for name in names)


def _may_vary(node: ast.AST) -> bool:
    """Whether the same code may have two values: an iterator goes on, a class makes new objects."""
    if isinstance(node, (ast.Await, ast.Yield, ast.NamedExpr, ast.Lambda)):
        return True
    if not isinstance(node, ast.Call):
        return False
    name = dotted_name(node.func)
    return name is None or "." in name or name in ("next", "iter", "object") or not name.islower()


def _is_falsy(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return isinstance(node.operand, ast.Constant) and bool(node.operand.value)
    return isinstance(node, ast.Constant) and not node.value


def _is_constant(node: ast.expr, constants: frozenset[str]) -> bool:
    return all(
        isinstance(inner, _CONSTANT) or (isinstance(inner, ast.Name) and inner.id in constants)
        for inner in nodes_in(node)
    )


def _constants_in(test: FunctionNode) -> frozenset[str]:
    """The local names that are bound once, to a number, a text or another constant."""
    bound: Counter[str] = Counter()
    values: dict[str, ast.expr] = {}
    for node in nodes_in(test):
        if is_stored(node):
            bound[node.id] += 1
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            values[node.targets[0].id] = node.value
        if isinstance(node, (ast.Global, ast.Nonlocal)):
            return frozenset()
    return frozenset(
        name
        for name, value in values.items()
        if bound[name] == 1
        and isinstance(value, (ast.Constant, ast.UnaryOp))
        and _is_constant(value, frozenset())
    )


def _may_assert(helper: ast.stmt) -> bool:
    """Whether a handwritten helper asserts, or has the means to."""
    return any(
        isinstance(node, ast.Assert)
        or (isinstance(node, ast.Name) and node.id in ("AssertionError", "pytest"))
        for node in nodes_in(helper)
    )


def _method(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else ""


def _identifiers_in_texts(nodes: list[ast.AST]) -> set[str]:
    """The identifiers in string literals: what a test patches or looks up by its name."""
    docstrings = {
        id(child)
        for node in nodes
        if isinstance(node, ast.Expr)
        for child in children_of(node)
        if isinstance(child, ast.Constant)
    }
    identifiers: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Constant) and id(node) not in docstrings:
            value = node.value
            if isinstance(value, str) and len(value) < 200:  # noqa: PLR2004 - names are short
                parts = value.replace(":", ".").split(".")
                identifiers.update(part for part in parts if part.isidentifier())
    return identifiers
