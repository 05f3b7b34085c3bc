"""The two versions of a function or a class, and how either is called with the same input."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Iterator
from typing import NamedTuple

Values = dict[str, object]
Hints = dict[str, object]

_VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


class Pair(NamedTuple):
    """Two versions of a function, method or property.

    `before` and `after` take the arguments of the constructor and those of the call, and the hints
    are the types of both. `untried` says why the versions cannot be compared.
    """

    owner: str
    before: Callable[[Values, Values], object]
    after: Callable[[Values, Values], object]
    init_hints: Hints
    call_hints: Hints
    untried: str

    def shown(self, init_values: Values, call_values: Values) -> str:
        """A call as a person would write it."""
        name, _, member = self.owner.partition(".")
        if not member:
            return f"{name}({_argument_list(call_values)})"
        call = f"({_argument_list(call_values)})" if self.call_hints is not ATTRIBUTE else ""
        return f"{name}({_argument_list(init_values)}).{member}{call}"


ATTRIBUTE: Hints = {}
"""The hints of a property, which is no method without parameters: compared by identity."""


def pairs_of(name: str, *, before: object, after: object) -> Iterator[Pair]:
    """The pairs to compare of a symbol: a function, or the public members of a class."""
    if isinstance(after, type) and isinstance(before, type):
        yield from _members(name, before, after)
    elif callable(after) and callable(before):
        call_hints, untried = _hints_of(after, before)
        yield Pair(
            name,
            lambda _, values: _call(before, values),
            lambda _, values: _call(after, values),
            {},
            call_hints,
            untried,
        )


def _members(name: str, before: type, after: type) -> Iterator[Pair]:
    init_hints, why_no_instance = _hints_of(after, before)
    for member, value in vars(after).items():
        if member.startswith("_") or member not in vars(before):
            continue
        if isinstance(value, property):
            yield Pair(
                f"{name}.{member}",
                _reader(before, member),
                _reader(after, member),
                init_hints,
                ATTRIBUTE,
                why_no_instance,
            )
        elif callable(getattr(after, member)) and not isinstance(value, type):
            call_hints, untried = _hints_of(
                getattr(after, member), getattr(before, member), skip=_is_bound(value)
            )
            yield Pair(
                f"{name}.{member}",
                _caller(before, member),
                _caller(after, member),
                init_hints,
                call_hints,
                why_no_instance or untried,
            )


def _is_bound(value: object) -> bool:
    """Whether the first parameter of a member is the instance, seen from the class."""
    return not isinstance(value, (staticmethod, classmethod))


def _caller(kind: type, member: str) -> Callable[[Values, Values], object]:
    return lambda init_values, values: _call(getattr(_call(kind, init_values), member), values)


def _reader(kind: type, member: str) -> Callable[[Values, Values], object]:
    return lambda init_values, _: getattr(_call(kind, init_values), member)


def _argument_list(values: Values) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in values.items())


def _call(function: object, values: Values) -> object:
    """The result of a call; parameters without a name outside are passed by position."""
    call = typing.cast("Callable[..., object]", function)
    positional, named = [], {}
    for name, value in values.items():
        parameter = inspect.signature(call).parameters.get(name)
        if parameter is not None and parameter.kind is inspect.Parameter.POSITIONAL_ONLY:
            positional.append(value)
        else:
            named[name] = value
    return call(*positional, **named)


def _hints_of(after: object, before: object, *, skip: bool = False) -> tuple[Hints, str]:
    """The types of the parameters, and why nothing can be passed to them, if so."""
    try:
        parameters = _parameters_of(after, skip=skip)
        if list(parameters) != list(_parameters_of(before, skip=skip)):
            return {}, "the parameters are not those of the version before"
        hints = typing.get_type_hints(_annotated(after))
    except Exception as error:  # noqa: BLE001 - annotations are user code
        return {}, f"its signature cannot be read: {type(error).__name__}: {error}"
    known: Hints = {}
    for name, parameter in parameters.items():
        hint = hints.get(name)
        if hint is None and name not in hints:
            if parameter.default is parameter.empty:
                return {}, f"the parameter {name} has no type"
        elif hint in (typing.Any, object):
            return {}, f"the type of the parameter {name} says nothing"
        else:
            known[name] = hint
    return known, ""


def _parameters_of(function: object, *, skip: bool) -> dict[str, inspect.Parameter]:
    signature = inspect.signature(typing.cast("Callable[..., object]", function))
    named = [entry for entry in signature.parameters.values() if entry.kind not in _VARIADIC]
    return {parameter.name: parameter for parameter in (named[1:] if skip else named)}


def _annotated(function: object) -> object:
    """The function that carries the annotations: for a class its constructor."""
    if isinstance(function, type):
        return function.__init__ if function.__init__ is not object.__init__ else _take_nothing
    return inspect.unwrap(typing.cast("Callable[..., object]", function))


def _take_nothing() -> None:
    """Take nothing."""
