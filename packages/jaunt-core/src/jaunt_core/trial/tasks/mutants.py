"""Small changes of a source text, each of which tests should notice."""

from __future__ import annotations

import ast
import copy
import difflib
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

_FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
}


class Mutant(NamedTuple):
    """A changed source: the line that differs, and the whole text."""

    line: int
    text: str


def mutants_of(source: str, name: str, others: Iterable[str]) -> list[Mutant]:
    """All mutants of the definition `name`, and of the helpers that it is the first to name.

    Args:
        source: The module.
        name: A top-level function or class.
        others: All names that are no helpers, in the order in which they count as first.
    """
    tree = ast.parse(source)
    owners = _owners(tree, list(others))
    text = _Text(source)
    mutants: dict[str, Mutant] = {}
    for node in tree.body:
        if isinstance(node, _DEFINITIONS) and owners.get(node.name) == name:
            for place, new in _changes(node):
                changed = text.replaced(place, new)
                if changed != source and changed not in mutants and _compiles(changed):
                    mutants[changed] = Mutant(place.lineno, changed)
    return sorted(mutants.values(), key=lambda mutant: mutant.line)


def diff_of(source: str, mutant: Mutant, path: str) -> str:
    """The unified diff from the source to a mutant."""
    lines = difflib.unified_diff(
        source.splitlines(), mutant.text.splitlines(), path, path, n=1, lineterm=""
    )
    return "\n".join(lines)


def _owners(tree: ast.Module, names: list[str]) -> dict[str, str]:
    """The spec that each definition belongs to: the first one that uses it."""
    definitions = {node.name: node for node in tree.body if isinstance(node, _DEFINITIONS)}
    owners: dict[str, str] = {name: name for name in names}
    for name in names:
        pending = [name]
        while pending:
            node = definitions.get(pending.pop())
            for part in ast.walk(node) if node else ():
                if isinstance(part, ast.Name) and part.id in definitions and part.id not in owners:
                    owners[part.id] = name
                    pending.append(part.id)
    return owners


class _Text:
    """A source whose nodes can be replaced; the positions of nodes count bytes."""

    def __init__(self, source: str) -> None:
        self._lines = source.encode().splitlines(keepends=True)

    def replaced(self, node: ast.expr | ast.stmt, new: str) -> str:
        """The source with something else in the place of a node."""
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        before = b"".join(self._lines[:first]) + self._lines[first][: node.col_offset]
        after = self._lines[last][node.end_col_offset :] + b"".join(self._lines[last + 1 :])
        return (before + new.encode() + after).decode()


def _compiles(text: str) -> bool:
    try:
        compile(text, "<mutant>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True


def _changes(node: ast.AST) -> Iterator[tuple[ast.expr | ast.stmt, str]]:
    """The nodes of a definition that can be changed, each with a text to put in its place."""
    for part in _parts_of(node):
        if isinstance(part, (ast.expr, ast.stmt)):
            for change in _CHANGES.get(type(part), ()):
                for new in change(part):
                    yield part, new
        yield from _changes(part)


def _parts_of(node: ast.AST) -> Iterator[ast.AST]:
    """The children that run: no signatures, annotations, docstrings and parts of f-strings."""
    if isinstance(node, (ast.JoinedStr, ast.arguments)):
        return
    if isinstance(node, _DEFINITIONS):
        yield from node.body[1:] if _is_text(node.body[0]) else node.body
    elif isinstance(node, ast.AnnAssign):
        yield from [node.value] if node.value else []
    elif isinstance(node, ast.Lambda):
        yield node.body
    else:
        yield from ast.iter_child_nodes(node)


def _is_text(node: ast.stmt) -> bool:
    value = node.value if isinstance(node, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def _comparison(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Compare):
        for index, operator in enumerate(node.ops):
            changed = copy.deepcopy(node)
            changed.ops[index] = _COMPARISONS[type(operator)]()
            yield ast.unparse(changed)


def _arithmetic(node: ast.AST) -> Iterator[str]:
    if isinstance(node, (ast.BinOp, ast.AugAssign)) and type(node.op) in _ARITHMETIC:
        changed = copy.deepcopy(node)
        changed.op = _ARITHMETIC[type(node.op)]()
        text = ast.unparse(changed)
        yield f"({text})" if isinstance(node, ast.BinOp) else text


def _boolean(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.BoolOp):
        changed = copy.deepcopy(node)
        changed.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield f"({ast.unparse(changed)})"


def _negation(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield f"({ast.unparse(node.operand)})"


def _constant(node: ast.AST) -> Iterator[str]:
    value = node.value if isinstance(node, ast.Constant) else None
    if isinstance(value, bool):
        yield str(not value)
    elif isinstance(value, (int, float)):
        yield from (repr(value + 1), f"({value - 1!r})")
    elif isinstance(value, (str, bytes)):
        changed = type(value)() if value else "mutant"
        yield repr(changed if isinstance(changed, type(value)) else b"mutant")


def _returned(node: ast.AST) -> Iterator[str]:
    value = node.value if isinstance(node, ast.Return) else None
    if value is not None and not (isinstance(value, ast.Constant) and value.value is None):
        yield "return None"


def _raised(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Raise) and node.exc is not None:
        yield from ("raise RuntimeError('another error')", "pass")


def _range(node: ast.AST) -> Iterator[str]:
    """One more at the end, one less at the beginning."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range":
        for index in {0, min(1, len(node.args) - 1)} if node.args else ():
            changed = copy.deepcopy(node)
            changed.args[index] = _one_more(node.args[index])
            yield ast.unparse(changed)


def _slice(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Slice):
        for field in ("lower", "upper"):
            value = getattr(node, field)
            if value is not None:
                changed = copy.deepcopy(node)
                setattr(changed, field, _one_more(value))
                yield ast.unparse(changed)


def _one_more(node: ast.expr) -> ast.expr:
    return ast.BinOp(left=node, op=ast.Add(), right=ast.Constant(value=1))


_CHANGES: dict[type[ast.AST], tuple[Callable[[ast.AST], Iterator[str]], ...]] = {
    ast.Compare: (_comparison,),
    ast.BinOp: (_arithmetic,),
    ast.AugAssign: (_arithmetic,),
    ast.BoolOp: (_boolean,),
    ast.UnaryOp: (_negation,),
    ast.Constant: (_constant,),
    ast.Return: (_returned,),
    ast.Raise: (_raised,),
    ast.Call: (_range,),
    ast.Slice: (_slice,),
}
