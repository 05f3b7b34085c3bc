"""Well-typed values for an annotation, few and plain, the most ordinary one first."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import types
import typing
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from decimal import Decimal
from itertools import islice, product

_DEPTH = 4
_MOST = 12
_PLAIN: dict[object, tuple[object, ...]] = {
    int: (1, 0, -1, 2, -2, 10, 101, 1001),
    float: (1.0, 0.0, -1.0, 0.5, 2.0, 10.0, 101.0, 1001.0),
    bool: (True, False),
    str: ("a", "", "abc", "zzz", " "),
    bytes: (b"a", b"", b"abc"),
    Decimal: (Decimal(1), Decimal(0), Decimal(-1), Decimal("0.5"), Decimal(10), Decimal(101)),
    None: (None,),
    type(None): (None,),
    dt.date: (dt.date(2024, 1, 31), dt.date(2023, 3, 1)),
    dt.timedelta: (
        dt.timedelta(days=1),
        dt.timedelta(0),
        dt.timedelta(days=-1),
    ),
}
_SEQUENCES = frozenset(
    origin
    for name in ("Collection", "Iterable", "MutableSequence", "Sequence")
    for origin in (getattr(typing, name), typing.get_origin(getattr(typing, name)))
)


def values_of(annotation: object, depth: int = _DEPTH) -> list[object]:
    """Some values of a type, empty for a type that is not known here."""
    try:
        plain = _PLAIN.get(annotation)
    except TypeError:  # an annotation that cannot be hashed
        return []
    if plain is not None:
        return list(plain)
    if not depth:
        return []
    origin, arguments = typing.get_origin(annotation) or annotation, typing.get_args(annotation)
    if origin is typing.Annotated:
        return values_of(arguments[0], depth)
    if origin is typing.Literal:
        return list(arguments)
    if origin in (typing.Union, types.UnionType):
        samples = [values_of(argument, depth - 1) for argument in arguments]
        return _firsts_first(samples) if all(samples) else []
    if isinstance(annotation, type) and typing.get_origin(annotation) is None:
        return _of_class(annotation, depth)
    return _of_container(origin, arguments, depth)


def _firsts_first(samples: list[list[object]]) -> list[object]:
    firsts = [values[0] for values in samples]
    return [*firsts, *(value for values in samples for value in values[1:])]


def _of_class(kind: type, depth: int) -> list[object]:
    if issubclass(kind, enum.Enum):
        return list(kind)
    if not dataclasses.is_dataclass(kind):
        return []
    try:
        hints = typing.get_type_hints(kind)
    except Exception:  # noqa: BLE001 - a name that exists for type checkers only
        return []
    needed = [
        field.name
        for field in dataclasses.fields(kind)
        if field.init
        and field.default is dataclasses.MISSING
        and field.default_factory is dataclasses.MISSING
    ]
    samples = [values_of(hints.get(name), depth - 1)[:2] for name in needed]
    if not all(samples):
        return []
    constructed = (
        _construct(kind, dict(zip(needed, values, strict=True))) for values in product(*samples)
    )
    return [value for value in islice(constructed, 4) if value is not None]


def _construct(kind: Callable[..., object], fields: dict[str, object]) -> object | None:
    try:
        return kind(**fields)
    except Exception:  # noqa: BLE001 - it checks its fields, and these are wrong
        return None


def _of_container(origin: object, arguments: tuple[object, ...], depth: int) -> list[object]:
    if origin in (dict, Mapping, typing.Mapping) and len(arguments) == 2:  # noqa: PLR2004 - key and value
        keys, values = (values_of(argument, depth - 1) for argument in arguments)
        return [dict(zip(keys[:2], values, strict=False)), {}] if keys and values else []
    if origin is tuple and arguments[1:] != (Ellipsis,):
        samples = [values_of(argument, depth - 1)[:2] for argument in arguments]
        return list(islice(product(*samples), _MOST)) if all(samples) else []
    makers: dict[object, Callable[[list[object]], object]] = {
        list: list,
        tuple: tuple,
        set: set,
        frozenset: frozenset,
        AbstractSet: set,
        **dict.fromkeys(_SEQUENCES, list),
    }
    make = makers.get(origin)
    elements = values_of(arguments[0], depth - 1) if arguments else []
    if make is None or not elements:
        return []
    try:
        return [make(elements[:2]), make([]), make(elements[:1])]
    except TypeError:  # no value of a set
        return []
