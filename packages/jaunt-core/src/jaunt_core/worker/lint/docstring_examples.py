"""Facts about the examples in docstrings: whether they parse, their names and calls."""

from __future__ import annotations

import ast
import builtins
import doctest
import re
from collections.abc import Collection, Iterator

from ..contract.definitions import Json
from ..source.scopes import free_names
from ..source.syntax import DEFINITIONS, IMPORTS, bound_name, dotted_name, is_stored, nodes_in

_BUILTINS = frozenset(dir(builtins)) | {"__name__", "__file__", "__doc__"}
_NAMED = (*DEFINITIONS, ast.ExceptHandler)
_BINDING = (ast.Assign, ast.AnnAssign, ast.AugAssign, *IMPORTS)
_ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*(\\(?:[abfnrtv]|x[01][0-9a-fA-F]))")
_PROMPT = re.compile(r"\s*>>>")
_DISPLAYS = {ast.List: "list", ast.Tuple: "tuple", ast.Set: "set", ast.Dict: "dict"}


def examples_of(docstring: str, first_line: int, known: Collection[str]) -> Iterator[Json]:
    """The facts of each example of one docstring.

    Args:
        docstring: As it stands in the source.
        first_line: The line of the file at which it begins.
        known: The names of the module around it.
    """
    try:
        examples = doctest.DocTestParser().get_examples(docstring)
    except ValueError as error:
        yield _broken(first_line + _line_in(str(error)), str(error))
        return
    bound: set[str] = set()  # the examples of one docstring share their names
    for example in examples:
        line = first_line + example.lineno
        if example.options.get(doctest.SKIP):
            continue
        try:
            tree = ast.parse(example.source)
        except (SyntaxError, ValueError) as error:
            message = getattr(error, "msg", str(error))
            wrong = line + (getattr(error, "lineno", 1) or 1) - 1
            yield _broken(wrong, f"the example does not parse: {message}")
            continue
        bound |= _bound_by(tree)
        used = {name.partition(".")[0] for node in tree.body for name in free_names(node)}
        yield {
            "line": line,
            "broken": "",
            "source": example.source.strip(),
            "want": example.want,
            "elides": bool(example.options.get(doctest.ELLIPSIS)),
            "assigns": bool(tree.body) and all(isinstance(node, _BINDING) for node in tree.body),
            "unknown": sorted(used - {*known, *bound, *_BUILTINS}),
            "raises": example.exc_msg is not None,
            "calls": list(_calls_in(tree, line)),
            "shows": _last_call_in(tree, example.want),
        }


def escapes_in(literal: str, first_line: int) -> Iterator[Json]:
    """The first escaped control character of each line of examples, as a docstring is written.

    Args:
        literal: The docstring with its quotes and its prefix.
        first_line: The line of the file at which it begins.
    """
    if "r" in literal[: literal.find(literal[-1])].lower():
        return
    inside = False
    for number, line in enumerate(literal.splitlines()):
        inside = bool(line.strip()) and (inside or _PROMPT.match(line) is not None)
        match = _ESCAPE.search(line) if inside else None
        if match is not None:
            yield {"name": match[1], "line": first_line + number}


def _broken(line: int, reason: str) -> Json:
    return {
        "line": line,
        "broken": reason,
        "source": "",
        "want": "",
        "elides": False,
        "assigns": False,
        "unknown": [],
        "raises": False,
        "calls": [],
        "shows": None,
    }


def _line_in(message: str) -> int:
    """The line that a message of doctest names, counted from 0."""
    match = re.match(r"line ([0-9]+)\b", message)
    return int(match[1]) - 1 if match else 0


def _bound_by(tree: ast.Module) -> set[str]:
    bound: set[str] = set()
    for node in nodes_in(tree):
        if is_stored(node):
            bound.add(node.id)
        elif isinstance(node, _NAMED) and node.name:
            bound.add(node.name)
        elif isinstance(node, IMPORTS):
            bound.update(map(bound_name, node.names))
    return bound


def _calls_in(tree: ast.Module, first_line: int) -> Iterator[Json]:
    """The calls of plain names, and of methods of what such a call returns: `Ledger().add(1)`."""
    for node in nodes_in(tree):
        if not isinstance(node, ast.Call):
            continue
        name, made_by = dotted_name(node.func) or "", ""
        if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Call):
            made_by = dotted_name(node.func.value.func) or ""
            name = node.func.attr
        if name and ("." not in name or made_by == ""):
            yield {
                "line": first_line + node.lineno - 1,
                "name": name,
                "made_by": made_by,
                "positional": [kind_of(argument) for argument in node.args],
                "keywords": [
                    {"name": keyword.arg, "kind": kind_of(keyword.value)}
                    for keyword in node.keywords
                    if keyword.arg
                ],
                "starred": any(isinstance(argument, ast.Starred) for argument in node.args)
                or any(keyword.arg is None for keyword in node.keywords),
                "bound_to": _target_of(tree, node),
            }


def _target_of(tree: ast.Module, call: ast.Call) -> str:
    """The name that an example gives to what a call returns."""
    assigned = (node for node in tree.body if isinstance(node, ast.Assign) and node.value is call)
    return next((dotted_name(node.targets[0]) or "" for node in assigned), "")


def _last_call_in(tree: ast.Module, want: str) -> Json | None:
    """The call that ends an example, and the type of the literal shown as its result."""
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, ast.Expr) or not isinstance(last.value, ast.Call):
        return None
    name = dotted_name(last.value.func)
    if not name:
        return None
    try:
        value = ast.parse(want.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        return None
    return {"name": name, "kind": kind_of(value), "text": want.strip()[:60]}


def kind_of(node: ast.expr | None) -> str:
    """The name of the built-in type of a literal, empty for other expressions."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        inner = kind_of(node.operand)
        return inner if inner in ("int", "float", "complex") else ""
    if isinstance(node, ast.Constant):
        names = {None: "None", Ellipsis: ""}
        return names.get(node.value, type(node.value).__name__)
    return _DISPLAYS.get(type(node), "")
