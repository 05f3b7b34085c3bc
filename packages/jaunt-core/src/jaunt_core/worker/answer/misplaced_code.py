"""Test code where an implementation belongs, and implementations where tests belong."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..contract.definitions import Json
from ..source.canonical import Resolve
from ..source.imported_names import imported_names
from ..source.source_module import SourceModule
from ..source.syntax import dotted_name, nodes_in

_TEST_PACKAGES = frozenset({"pytest", "unittest", "hypothesis", "doctest"})
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_TEST_CASES = ("unittest.TestCase", "unittest.IsolatedAsyncioTestCase")
_MOCKS = ("unittest.mock.", "mock.")


def test_code_in(
    module: SourceModule, resolve: Resolve, names: frozenset[str], spec_module: SourceModule | None
) -> Iterator[Json]:
    """Tests and their tools in an implementation.

    What the spec module imports too is no tool of a test, and what the code uses is no test.
    """
    given = {item.module.partition(".")[0] for item in imported_names(spec_module or module)}
    used = _used_names(module) | names
    for item in imported_names(module):
        package = item.module.partition(".")[0]
        if package in _TEST_PACKAGES and not (spec_module and package in given):
            yield {"name": f"import {item.module}", "line": item.line}
    for node in module.tree.body:
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef)) and node.name not in used:
            is_case = isinstance(node, ast.ClassDef) and _is_test_case(node, resolve)
            if is_case or (isinstance(node, _FUNCTIONS) and node.name.startswith("test_")):
                yield {"name": node.name, "line": node.lineno}


def _used_names(module: SourceModule) -> frozenset[str]:
    nodes = nodes_in(module.tree)
    read = [node.id for node in nodes if isinstance(node, ast.Name)]
    return frozenset(read)


def _is_test_case(node: ast.ClassDef, resolve: Resolve) -> bool:
    bases = [resolve(name) for item in node.bases if (name := dotted_name(item))]
    return any(base in _TEST_CASES for base in bases)


def replaced_in(module: SourceModule, resolve: Resolve) -> Iterator[Json]:
    """The names that a test module gives a meaning of its own, plain ones and qualified ones.

    A fixture may be called as what it makes, and another name for the same thing is none.
    """
    for node in module.tree.body:
        if isinstance(node, _FUNCTIONS):
            yield from _defined(node, resolve)
        elif isinstance(node, ast.ClassDef):
            if not any(_stands_for(base, node.name, resolve) for base in node.bases):
                yield {"name": node.name, "line": node.lineno}
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                name = dotted_name(target)
                if name and _is_implementation(node.value, module, resolve):
                    yield {"name": resolve(name) if "." in name else name, "line": node.lineno}
        elif isinstance(node, ast.Expr):
            yield from _patched(node.value, resolve)


def _defined(node: ast.FunctionDef | ast.AsyncFunctionDef, resolve: Resolve) -> Iterator[Json]:
    if not is_fixture(node, resolve):
        yield {"name": node.name, "line": node.lineno}
    for inner in node.body:
        if isinstance(inner, (*_FUNCTIONS, ast.ClassDef)) and node.name.startswith("test"):
            yield {"name": inner.name, "line": inner.lineno}


def is_fixture(node: ast.FunctionDef | ast.AsyncFunctionDef, resolve: Resolve) -> bool:
    """Whether a function is a fixture of pytest, or of one of its plugins."""
    for item in node.decorator_list:
        name = dotted_name(item.func if isinstance(item, ast.Call) else item)
        if name and resolve(name).rpartition(".")[2] in ("fixture", "yield_fixture"):
            return True
    return False


def _stands_for(node: ast.expr, name: str, resolve: Resolve) -> bool:
    dotted = dotted_name(node)
    return dotted is not None and resolve(dotted).rpartition(".")[2] == name


def _is_implementation(value: ast.expr, module: SourceModule, resolve: Resolve) -> bool:
    if isinstance(value, ast.Lambda):
        return True
    name = dotted_name(value.func if isinstance(value, ast.Call) else value)
    if name is None:
        return False
    own = module.definitions.get(name, [])
    is_own = any(isinstance(item, (*_FUNCTIONS, ast.ClassDef)) for item in own)
    return (is_own and not isinstance(value, ast.Call)) or resolve(name).startswith(_MOCKS)


def _patched(value: ast.expr, resolve: Resolve) -> Iterator[Json]:
    """`setattr(module, "name", …)` at the top level."""
    if not isinstance(value, ast.Call) or dotted_name(value.func) != "setattr":
        return
    if len(value.args) == 3:  # noqa: PLR2004 - what `setattr` takes
        owner, attribute = dotted_name(value.args[0]), getattr(value.args[1], "value", None)
        if owner and isinstance(attribute, str):
            yield {"name": f"{resolve(owner)}.{attribute}", "line": value.lineno}
