"""The value that a text shows: a literal, or a call of a class that is known."""

from __future__ import annotations

import ast
import builtins
import re
import sys
from collections.abc import Mapping

MISSING = object()
"""What a text that shows no value comes to."""

_WELL_KNOWN = {
    **dict.fromkeys(("OrderedDict", "Counter", "deque", "defaultdict", "ChainMap"), "collections"),
    **dict.fromkeys(("date", "time", "timedelta", "timezone"), "datetime"),
    **dict.fromkeys(("Path", "PosixPath", "PurePath", "PurePosixPath"), "pathlib"),
    **dict.fromkeys(("mappingproxy", "SimpleNamespace"), "types"),
    "Decimal": "decimal",
    "Fraction": "fractions",
    "UUID": "uuid",
}
_OTHER_NAMES = {"mappingproxy": "MappingProxyType"}
_NUMBERS = {"inf": float("inf"), "nan": float("nan"), "infinity": float("inf")}
_CLASS = re.compile(r"<class '([\w.]+)'>")
_MEMBER = re.compile(r"<(\w+(?:\.\w+)+): [^<>]*>")
_VIEW = re.compile(r"^o?(dict_(?:keys|values|items))\((.*)\)$", re.DOTALL)
_PARTS = (
    *(ast.Expression, ast.Constant, ast.List, ast.Tuple, ast.Set, ast.Dict, ast.Name),
    *(ast.Attribute, ast.Call, ast.keyword, ast.Load, ast.UnaryOp, ast.USub, ast.UAdd),
    *(ast.BinOp, ast.Add, ast.Sub, ast.BitOr),
)


def literal_of(text: str) -> object:
    """The value of a literal, `MISSING` for anything else."""
    try:
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return MISSING


def has_ellipsis(value: object) -> bool:
    """Whether `...` stands for something that is left out of a literal."""
    if isinstance(value, dict):
        return any(has_ellipsis(part) for pair in value.items() for part in pair)
    if isinstance(value, list | tuple | set):
        return any(map(has_ellipsis, value))
    return value is ...


def view_of(text: str) -> tuple[str, list[object]] | None:
    """The kind and the elements of a shown view of a dictionary, None for other texts."""
    match = _VIEW.match(text.strip())
    elements = literal_of(match[2]) if match else None
    return (match[1], elements) if match and isinstance(elements, list) else None


def value_of(text: str, names: Mapping[str, object], example: object) -> object:
    """The value of a text of literals and calls of classes, `MISSING` where it is none.

    Args:
        text: What is shown.
        names: The names that it may use.
        example: A value whose class may be shown, too.

    Raises:
        BaseException: Whatever these classes raise.
    """
    text = _MEMBER.sub(r"\1", _CLASS.sub(r"\1", text.strip()))
    try:
        tree = ast.parse(text, mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return MISSING
    scope = {type(example).__name__: type(example), **names}
    used: dict[str, object] = {}
    for node in ast.walk(tree):
        if not isinstance(node, _PARTS):
            return MISSING
        if isinstance(node, ast.Name):
            used[node.id] = _value_of_name(node.id, scope)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    if MISSING in map(_identity, used.values()) or not all(
        isinstance(_called(call.func, used), type) for call in calls
    ):
        return MISSING
    return eval(compile(tree, "<shown>", "eval"), {**used, "__builtins__": {}})  # noqa: S307


def _identity(value: object) -> object:
    """The value itself where it is `MISSING`: others may be equal to anything."""
    return value if value is MISSING else None


def _called(node: ast.expr, names: Mapping[str, object]) -> object:
    if isinstance(node, ast.Attribute):
        return getattr(_called(node.value, names), node.attr, None)
    return names.get(node.id) if isinstance(node, ast.Name) else None


def _value_of_name(name: str, scope: Mapping[str, object]) -> object:
    if name in scope:
        return scope[name]
    if isinstance(getattr(builtins, name, None), type):
        return getattr(builtins, name)
    if name in _NUMBERS:
        return _NUMBERS[name]
    module = sys.modules.get(_WELL_KNOWN.get(name, name))
    known = (
        getattr(module, _OTHER_NAMES.get(name, name), MISSING) if name in _WELL_KNOWN else module
    )
    return MISSING if known is None else known
