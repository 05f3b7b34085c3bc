"""Annotations of generated classes that resolve as if the class stood in its spec module.

Under `from __future__ import annotations` they are text, which `typing.get_type_hints`, pydantic
and the like evaluate among the names of the spec module for the class, and among those of the
generated module for its methods. Either module may have names that the other one does not.
"""

from __future__ import annotations

import builtins
from types import FunctionType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    Namespace = dict[str, object]

# All that may stand between two dotted names.
_SEPARATORS = str.maketrans(dict.fromkeys("[](){},|:'\"+-*/=<>&^~%@!\n", " "))


def settle_hints(cls: type, *, own: Namespace, generated: Namespace) -> None:
    """Let the annotations of `cls` and of its methods be resolved from both of its modules.

    Args:
        cls: A class that was defined in the generated module and passes for the spec module's.
        own: The `__dict__` of the spec module, which may be half imported.
        generated: The `__dict__` of the generated module.
    """
    # What the class binds inside of itself; its own name means the same in either module.
    inside = {cls.__name__, *map(str, getattr(cls, "__type_params__", ()))}
    in_own, in_generated = {*own, *inside}, {*generated, *inside}
    hints: Any = vars(cls).get("__annotations__", {})
    fields: Any = vars(cls).get("__dataclass_fields__", {})
    for name, value in _evaluated(hints, in_own, generated).items():
        hints[name] = value
        if name in fields:
            fields[name].type = value
    for function in _functions_of(cls):
        if function.__globals__ is generated and _has_unresolved(function, in_generated):
            hints = function.__annotations__
            hints.update(_evaluated(hints, in_own, generated))
            # Who resolves hints takes the names around what a function wraps.
            vars(function).setdefault("__wrapped__", _copy_within(function, own))


def _has_unresolved(function: FunctionType, in_generated: set[str]) -> bool:
    """Return whether a hint of `function` names what its own module does not have."""
    try:
        hints = function.__annotations__
    except Exception:  # noqa: BLE001 - from Python 3.14 on, they are evaluated only now
        return False
    evaluated = _evaluated(hints, in_generated, function.__globals__)
    rest = [_text_of(hint) for name, hint in hints.items() if name not in evaluated]
    return any(_has_unknown(text, in_generated) for text in rest)


def _copy_within(function: FunctionType, own: Namespace) -> FunctionType:
    copy = FunctionType(
        function.__code__, own, function.__name__, function.__defaults__, function.__closure__
    )
    copy.__kwdefaults__ = function.__kwdefaults__
    copy.__annotations__ = function.__annotations__
    return copy


def _evaluated(hints: Namespace, known: set[str], generated: Namespace) -> Namespace:
    """Return those of `hints` with a name that is not known, as far as `generated` has all."""
    evaluated = {}
    for name, hint in hints.items():
        value = hint
        for _ in ("text", "and the text in quotes that this may be"):
            if not _has_unknown(_text_of(value), known):
                break
            try:
                value = eval(_text_of(value), generated)  # noqa: S307 - as all who resolve hints do
            except Exception:  # noqa: BLE001 - a name that is only there for type checkers
                break
            evaluated[name] = value
    return evaluated


def _text_of(hint: object) -> str:
    """Return the text of a hint that is still to be evaluated, or an empty one."""
    text = getattr(hint, "__forward_arg__", hint)  # of typing.ForwardRef, in named tuples
    return text if isinstance(text, str) else ""


def _has_unknown(text: str, known: set[str]) -> bool:
    names = (dotted.partition(".")[0] for dotted in text.translate(_SEPARATORS).split())
    return any(
        name.isidentifier() and name not in known and not hasattr(builtins, name) for name in names
    )


def _functions_of(cls: type) -> Iterator[FunctionType]:
    for member in list(vars(cls).values()):
        # Of methods, class methods and static ones, properties and cached ones.
        for attribute in ("__func__", "fget", "fset", "fdel", "func", ""):
            function = getattr(member, attribute, None) if attribute else member
            if isinstance(function, FunctionType):
                yield function
