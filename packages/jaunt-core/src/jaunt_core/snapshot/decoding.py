"""Turn JSON from the worker into the frozen values of `jaunt_core.model`, by their annotations."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from pathlib import PurePosixPath
from typing import Literal, NewType, TypeVar, Union, cast, get_args, get_origin, get_type_hints

Decoded = TypeVar("Decoded")
_Decode = Callable[[object], object]


def decode(kind: type[Decoded], value: object) -> Decoded:
    """The value of type `kind` that a JSON value stands for.

    Raises:
        TypeError, KeyError, ValueError: It does not fit, which is a mistake of ours.
    """
    return cast("Decoded", _decoder(kind)(value))


@cache
def _decoder(kind: object) -> _Decode:
    if isinstance(kind, NewType):
        return _decoder(kind.__supertype__)
    origin = get_origin(kind)
    if origin is tuple:
        decode_member = _decoder(get_args(kind)[0])
        return lambda value: tuple(decode_member(member) for member in cast("list[object]", value))
    if origin is Literal:
        return lambda value: value
    if origin in (Union, types.UnionType):
        return _union_decoder(get_args(kind))
    if isinstance(kind, type):
        if dataclasses.is_dataclass(kind):
            return _dataclass_decoder(kind)
        if issubclass(kind, (Enum, PurePosixPath)) or kind.__base__ is str:
            return cast("_Decode", kind)
        if kind in (str, int, bool, float):
            return lambda value: value
    raise TypeError(f"no decoder for {kind!r}")


def _dataclass_decoder(kind: type) -> _Decode:
    hints = get_type_hints(kind)
    fields = [(name, _decoder(hints[name])) for name in _field_names(kind)]

    def decode_fields(value: object) -> object:
        content = cast("Mapping[str, object]", value)
        return kind(**{name: read(content[name]) for name, read in fields if name in content})

    return decode_fields


def _field_names(kind: type) -> frozenset[str]:
    return frozenset(cast("Mapping[str, object]", vars(kind)["__dataclass_fields__"]))


def _union_decoder(members: tuple[object, ...]) -> _Decode:
    """Optional values, and unions of dataclasses told apart by their fields."""
    kinds = [member for member in members if member is not types.NoneType]
    if len(kinds) == 1:
        only = _decoder(kinds[0])
        return lambda value: None if value is None else only(value)
    by_fields = [(_field_names(cast("type", kind)), _decoder(kind)) for kind in kinds]

    def decode_member(value: object) -> object:
        names = set(cast("Mapping[str, object]", value))
        return next(read for fields, read in by_fields if names <= fields)(value)

    return decode_member
