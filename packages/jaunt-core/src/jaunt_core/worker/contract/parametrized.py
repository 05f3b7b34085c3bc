"""The parameters of a test that its decorators supply, so that no fixture has to."""

from __future__ import annotations

import ast

from ..source.syntax import FunctionNode, dotted_name


def parametrized_names(node: FunctionNode) -> list[str]:
    """The parameters that `pytest.mark.parametrize` and `hypothesis.given` supply."""
    names: list[str] = []
    for decorator in node.decorator_list:
        if not isinstance(decorator, ast.Call):
            continue
        called = dotted_name(decorator.func) or ""
        if called.rpartition(".")[2] == "given":
            names += [keyword.arg for keyword in decorator.keywords if keyword.arg]
            # Hypothesis fills parameters from the right with what is passed by position.
            parameters = [argument.arg for argument in node.args.args]
            count = len(decorator.args)
            names += parameters[len(parameters) - count :] if count else []
        elif called.endswith("mark.parametrize"):
            names += argument_names(decorator)
    return names


def argument_names(parametrize: ast.Call) -> list[str]:
    """The names that `argnames` lists: `"a, b"`, `["a", "b"]`, by position or keyword."""
    by_keyword = [entry.value for entry in parametrize.keywords if entry.arg == "argnames"]
    argnames = next(iter([*parametrize.args, *by_keyword]), None)
    parts = argnames.elts if isinstance(argnames, (ast.List, ast.Tuple)) else [argnames]
    return [
        name.strip()
        for part in parts
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
        for name in part.value.split(",")
        if name.strip()
    ]
