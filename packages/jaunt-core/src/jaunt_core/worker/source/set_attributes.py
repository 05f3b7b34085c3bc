"""The attributes that a constructor sets, for those who use a class without seeing its bodies."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .syntax import FunctionNode


def attributes_set_in(node: FunctionNode) -> list[ast.stmt]:
    """Statements that tell the public attributes which a constructor always sets.

    They have the annotation, where there is one, and no value: that is what the body does.
    """
    return list(_attributes_set_in(node)) if node.name == "__init__" else []


def _attributes_set_in(node: FunctionNode) -> Iterator[ast.stmt]:
    parameters = [*node.args.posonlyargs, *node.args.args]
    own = parameters[0].arg if parameters else ""
    for statement in node.body:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        target = statement.target if isinstance(statement, ast.AnnAssign) else None
        target = targets[0] if len(targets) == 1 else target
        if not isinstance(target, ast.Attribute) or target.attr.startswith("_"):
            continue
        if not isinstance(target.value, ast.Name) or target.value.id != own:
            continue
        if isinstance(statement, ast.AnnAssign):
            yield ast.AnnAssign(target, statement.annotation, None, simple=0)
        elif isinstance(statement, ast.Assign):
            yield ast.Assign([target], ast.Constant(...), lineno=statement.lineno)
