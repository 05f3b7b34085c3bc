"""Test code where an implementation belongs, and implementations where tests belong."""

from __future__ import annotations

import ast
import re
from collections.abc import Container, Iterator

from ..contract.definitions import Json
from ..source.canonical import Resolve
from ..source.imported_names import imported_names
from ..source.source_module import SourceModule
from ..source.syntax import (
    DEFINITIONS,
    FUNCTIONS,
    FunctionNode,
    dotted_name,
    nodes_in,
    without_call,
)

_TEST_PACKAGES = frozenset({"pytest", "unittest", "hypothesis", "doctest"})
_TEST_CASES = ("unittest.TestCase", "unittest.IsolatedAsyncioTestCase")
_DOTTED = re.compile(r"[^\W\d]\w*(?:[.:][^\W\d]\w*)+")
_MOCKS = ("unittest.mock.", "mock.")


def generated_names_in(tree: ast.Module, folder: str) -> Iterator[Json]:
    """Texts that are dotted names of something in a generated module."""
    for node in nodes_in(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        text = node.value
        if folder in text and _DOTTED.fullmatch(text) and folder in re.split("[.:]", text):
            yield {"name": text, "line": node.lineno}


def test_code_in(
    module: SourceModule, resolve: Resolve, names: frozenset[str], spec_module: SourceModule | None
) -> Iterator[Json]:
    """Tests and their tools in an implementation.

    What the spec module imports too is no tool of a test, and what the code uses is no test.
    """
    listed = imported_names(spec_module) if spec_module else ()
    allowed = {imported.module.partition(".")[0] for imported in listed}
    used = names.union(node.id for node in nodes_in(module.tree) if isinstance(node, ast.Name))
    for imported in imported_names(module):
        package = imported.module.partition(".")[0]
        if package in _TEST_PACKAGES and package not in allowed:
            yield {"name": f"import {imported.module}", "line": imported.line}
    for node in module.tree.body:
        if isinstance(node, DEFINITIONS) and node.name not in used:
            is_case = isinstance(node, ast.ClassDef) and _is_test_case(node, resolve)
            if is_case or (isinstance(node, FUNCTIONS) and node.name.startswith("test_")):
                yield {"name": node.name, "line": node.lineno}


def _is_test_case(node: ast.ClassDef, resolve: Resolve) -> bool:
    bases = [resolve(name) for base in node.bases if (name := dotted_name(base))]
    return any(base in _TEST_CASES for base in bases)


def replaced_names_in(module: SourceModule, resolve: Resolve) -> Iterator[Json]:
    """The names that a test module gives a meaning of its own, plain ones and qualified ones.

    A fixture may have the name of what it makes, and another name for the same thing is left out.
    """
    for node in module.tree.body:
        if isinstance(node, FUNCTIONS):
            yield from _defined_names(node, resolve)
        elif isinstance(node, ast.ClassDef):
            if not any(_is_named(base, [node.name], resolve) for base in node.bases):
                yield {"name": node.name, "line": node.lineno}
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                name = dotted_name(target)
                if name and _is_implementation(node.value, module, resolve):
                    yield {"name": resolve(name) if "." in name else name, "line": node.lineno}
        elif isinstance(node, ast.Expr):
            yield from _patched_name(node.value, resolve)


def _defined_names(node: FunctionNode, resolve: Resolve) -> Iterator[Json]:
    if not is_fixture(node, resolve):
        yield {"name": node.name, "line": node.lineno}
    for inner in node.body:
        if isinstance(inner, DEFINITIONS) and node.name.startswith("test"):
            yield {"name": inner.name, "line": inner.lineno}


def is_fixture(node: FunctionNode, resolve: Resolve) -> bool:
    """Whether a function is a fixture of pytest, or of one of its plugins."""
    names = ("fixture", "yield_fixture")
    return any(
        _is_named(without_call(decorator), names, resolve) for decorator in node.decorator_list
    )


def _is_named(node: ast.expr, names: Container[str], resolve: Resolve) -> bool:
    """Whether an expression resolves to something of these names, in whichever module."""
    dotted = dotted_name(node)
    return dotted is not None and resolve(dotted).rpartition(".")[2] in names


def _is_implementation(value: ast.expr, module: SourceModule, resolve: Resolve) -> bool:
    """Whether a value is code: a lambda, a function or class of the module, or a mock."""
    if isinstance(value, ast.Lambda):
        return True
    name = dotted_name(without_call(value))
    if name is None:
        return False
    definitions = module.definitions.get(name, [])
    is_own = any(isinstance(node, DEFINITIONS) for node in definitions)
    return (is_own and not isinstance(value, ast.Call)) or resolve(name).startswith(_MOCKS)


def _patched_name(value: ast.expr, resolve: Resolve) -> Iterator[Json]:
    """The name that `setattr(module, "name", …)` at the top level replaces."""
    if not isinstance(value, ast.Call) or dotted_name(value.func) != "setattr":
        return
    if len(value.args) == 3:  # noqa: PLR2004 - what `setattr` takes
        owner, attribute = dotted_name(value.args[0]), getattr(value.args[1], "value", None)
        if owner and isinstance(attribute, str):
            yield {"name": f"{resolve(owner)}.{attribute}", "line": value.lineno}
