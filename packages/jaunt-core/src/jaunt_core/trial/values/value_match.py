"""Whether a value is the one that is shown, whatever it is printed as."""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable, Iterable, Mapping
from numbers import Number
from typing import cast

Same = Callable[[object, object], bool]


def is_same_value(want: object, got: object) -> bool:
    """Whether a value counts as the shown one, all the way down.

    The kind of a number does not count, nor the last digits of floats; a bool is no number. A
    mapping, a named tuple and other subclasses count as what they are made of.
    """
    return _is_same(want, _plain(got), _are_same_numbers)


def is_rounded_value(want: object, got: object) -> bool:
    """As `is_same_value`, where floats may be shown rounded."""
    return _is_same(want, _plain(got), _is_rounded_number)


def is_same_in_any_order(want: object, got: object) -> bool:
    """Whether two sequences have the same elements."""
    if not isinstance(want, list | tuple) or not isinstance(got, type(want)):
        return False
    remaining = list(cast("Iterable[object]", got))
    for element in want:
        match = [value for value in remaining if is_same_value(element, value)]
        if not match:
            return False
        remaining.remove(match[0])
    return not remaining


def _plain(got: object) -> object:
    """A value as Python itself has it: scalars of other packages have a method for it."""
    scalar_of = getattr(got, "item", None)
    if callable(scalar_of) and getattr(got, "ndim", None) == 0:
        return scalar_of()
    return got


def _is_same(want: object, got: object, numbers: Same) -> bool:
    got = _plain(got)
    if want is got:
        return True
    if want is None or got is None or isinstance(want, bool) or isinstance(got, bool):
        return isinstance(want, bool) and isinstance(got, bool) and want == got
    if type(want) in (int, float, complex):
        return isinstance(got, Number) and numbers(want, got)
    if isinstance(want, list | tuple):
        kind = list if isinstance(want, list) else tuple
        pairs = zip(want, got, strict=False) if isinstance(got, kind) else ()
        return (
            isinstance(got, kind)
            and len(want) == len(got)
            and all(_is_same(first, second, numbers) for first, second in pairs)
        )
    if isinstance(want, set | frozenset):
        kind = set if isinstance(want, set) else frozenset
        return isinstance(got, kind) and _are_same_sets(want, got, numbers)
    if isinstance(want, dict):
        return _is_same_mapping(want, got, numbers)
    if isinstance(want, str | bytes):
        kind = str if isinstance(want, str) else bytes
        return isinstance(got, kind) and bool(want == got)
    return _is_same_object(want, got, numbers)


def _is_same_mapping(want: dict[object, object], got: object, numbers: Same) -> bool:
    # One of a kind of its own that is shown, a Counter say, has to be of that kind.
    kind = Mapping if type(want) is dict else type(want)
    if not isinstance(got, kind):
        return False
    values = dict(cast("Mapping[object, object]", got))
    return _are_same_sets(want, values, numbers) and all(
        key in values and _is_same(want[key], values[key], numbers) for key in want
    )


def _are_same_sets(want: Iterable[object], got: Iterable[object], numbers: Same) -> bool:
    first, second = list(want), list(got)
    by_value = {element: element for element in first}
    return len(first) == len(second) and all(
        _is_same(by_value[element], element, numbers)
        if element in by_value
        else any(_is_same(one, element, numbers) for one in first)
        for element in second
    )


def _are_same_numbers(want: object, got: object) -> bool:
    if want == got or (want != want and got != got):  # noqa: PLR0124 - no number is not equal
        return True
    if isinstance(want, int) and isinstance(got, int):
        return False
    try:
        if isinstance(want, complex):
            return cmath.isclose(want, complex(got), rel_tol=1e-9, abs_tol=1e-12)  # ty: ignore[no-matching-overload]
        return math.isclose(float(want), float(got), rel_tol=1e-9, abs_tol=1e-12)  # ty: ignore[invalid-argument-type]
    except (TypeError, ValueError, OverflowError):
        return False


def _is_rounded_number(want: object, got: object) -> bool:
    if _are_same_numbers(want, got):
        return True
    if not isinstance(want, float) or not isinstance(got, float):
        return False
    digits = repr(want).partition("e")[0].partition(".")[2]
    return "e" not in repr(want) and abs(want - got) <= 0.51 * 10.0 ** -len(digits)


def _is_same_object(want: object, got: object, numbers: Same) -> bool:
    """Equal and of the same class; where that has no equality, with the same attributes."""
    if type(got) is not type(want):
        return False
    if want == got:
        return True
    if type(want).__eq__ not in (object.__eq__, BaseException.__eq__):
        return False
    first, second = _attributes_of(want), _attributes_of(got)
    return (
        bool(first)
        and first.keys() == second.keys()
        and all(_is_same(first[name], second[name], numbers) for name in first)
    )


def _attributes_of(value: object) -> dict[str, object]:
    attributes = dict(getattr(value, "__dict__", {}))
    for kind in type(value).__mro__:
        slots = vars(kind).get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if hasattr(value, name):
                attributes[name] = getattr(value, name)
    if isinstance(value, BaseException):
        attributes["args"] = value.args
    return attributes
