"""The parameters of a test that no fixture supplies."""

from __future__ import annotations

import ast

from ..source.syntax import FunctionNode, dotted_name


def parametrized_names(node: FunctionNode) -> list[str]:
    """The parameters that `pytest.mark.parametrize` and `hypothesis.given` supply."""
    names: list[str] = []
    for item in node.decorator_list:
        called = dotted_name(item.func) or "" if isinstance(item, ast.Call) else ""
        if not isinstance(item, ast.Call):
            continue
        if called.rpartition(".")[2] == "given":
            listed = [each.arg for each in node.args.args]
            names += [each.arg for each in item.keywords if each.arg]
            names += listed[len(listed) - len(item.args) :] if item.args else []
        elif called.endswith("mark.parametrize"):
            names += _listed(item)
    return names


def _listed(call: ast.Call) -> list[str]:
    first = call.args[0] if call.args else None
    named = [item.value for item in call.keywords if item.arg == "argnames"]
    first = first or (named[0] if named else None)
    parts = first.elts if isinstance(first, (ast.List, ast.Tuple)) else [first]
    return [
        name.strip()
        for part in parts
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
        for name in part.value.split(",")
        if name.strip()
    ]
