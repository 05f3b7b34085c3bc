"""The classes that an answer makes, wherever in it they stand."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

from ..contract.definitions import Json
from ..contract.prose_names import names_raised
from ..source.docstring_sections import raised_in_prose
from ..source.module_table import ModuleTable
from ..source.source_module import SourceModule
from ..source.syntax import DEFINITIONS, docstring_of, dotted_name, nodes_in

_MAKERS = frozenset({"type", "types.new_class", "new_class", "make_dataclass", "namedtuple"})


def class_facts(table: ModuleTable, tree: ast.Module, spec_module: str) -> list[Json]:
    """The classes that an answer makes, and where the project has the error that a spec names so.

    That is asked only for errors that docstrings of the spec module name and that nothing which it
    imports leads to.
    """
    module = table.find(spec_module)
    raised = _errors_named_in(module) if module else frozenset()
    return [
        {"name": name, "line": line, "homes": table.homes_of_class(name) if name in raised else []}
        for name, line in classes_in(tree)
    ]


def _errors_named_in(module: SourceModule) -> frozenset[str]:
    docstrings = [
        text
        for node in nodes_in(module.tree)
        if isinstance(node, DEFINITIONS) and (text := docstring_of(node.body)) is not None
    ]
    return frozenset(
        name
        for text in docstrings
        for name in (*names_raised(text), *(name for _, name in raised_in_prose(text)))
    )


def classes_in(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Names and lines of classes: by statement, by a call that makes one, as another builtin."""
    for node in nodes_in(tree):
        if isinstance(node, ast.ClassDef):
            yield node.name, node.lineno
        elif isinstance(node, ast.Assign) and _is_class(node.value):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    yield target.id, node.lineno


def _is_class(value: ast.expr) -> bool:
    if isinstance(value, ast.Call):
        name = dotted_name(value.func) or ""
        return name in _MAKERS and len(value.args) > 1
    return isinstance(value, ast.Name) and isinstance(vars(builtins).get(value.id), type)
