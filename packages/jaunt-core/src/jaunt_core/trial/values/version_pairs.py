"""The two versions of a function or a class, and how either is called with the same input."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Iterator
from typing import NamedTuple

Values = dict[str, object]
Hints = dict[str, object]

_FIXED = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


class Pair(NamedTuple):
    """Two versions of what can be called; `untried` says why they cannot be compared."""

    owner: str
    before: Callable[[Values, Values], object]
    after: Callable[[Values, Values], object]
    made_of: Hints
    takes: Hints
    untried: str

    def shown(self, made_of: Values, takes: Values) -> str:
        """A call as one would write it."""
        name, _, member = self.owner.partition(".")
        if not member:
            return f"{name}({_written(takes)})"
        call = f"({_written(takes)})" if self.takes is not ATTRIBUTE else ""
        return f"{name}({_written(made_of)}).{member}{call}"


ATTRIBUTE: Hints = {}
"""What a property takes; to be told from a method without parameters."""


def pairs_of(name: str, *, before: object, after: object) -> Iterator[Pair]:
    """What is to be compared of a symbol: a function, or the members of a class."""
    if isinstance(after, type) and isinstance(before, type):
        yield from _members(name, before, after)
    elif callable(after) and callable(before):
        takes, untried = _hints_of(after, before)
        yield Pair(
            name,
            lambda _, values: _called(before, values),
            lambda _, values: _called(after, values),
            {},
            takes,
            untried,
        )


def _members(name: str, before: type, after: type) -> Iterator[Pair]:
    made_of, unmade = _hints_of(after, before)
    for member, value in vars(after).items():
        if member.startswith("_") or member not in vars(before):
            continue
        if isinstance(value, property):
            yield Pair(
                f"{name}.{member}",
                _reader(before, member),
                _reader(after, member),
                made_of,
                ATTRIBUTE,
                unmade,
            )
        elif callable(getattr(after, member)) and not isinstance(value, type):
            takes, untried = _hints_of(
                getattr(after, member), getattr(before, member), skip=_is_bound(value)
            )
            yield Pair(
                f"{name}.{member}",
                _caller(before, member),
                _caller(after, member),
                made_of,
                takes,
                unmade or untried,
            )


def _is_bound(value: object) -> bool:
    """Whether the first parameter of a member is the instance, seen from the class."""
    return not isinstance(value, (staticmethod, classmethod))


def _caller(kind: type, member: str) -> Callable[[Values, Values], object]:
    return lambda made_of, values: _called(getattr(_called(kind, made_of), member), values)


def _reader(kind: type, member: str) -> Callable[[Values, Values], object]:
    return lambda made_of, _: getattr(_called(kind, made_of), member)


def _written(values: Values) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in values.items())


def _called(function: object, values: Values) -> object:
    """What a call returns; parameters without a name outside are given by position."""
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
    """The types of the parameters, and why there is no telling what to pass."""
    try:
        parameters = _parameters_of(after, skip=skip)
        if list(parameters) != list(_parameters_of(before, skip=skip)):
            return {}, "the parameters are not those of the version before"
        hints = typing.get_type_hints(_annotated(after))
    except Exception as error:  # noqa: BLE001 - annotations are user code
        return {}, f"its signature cannot be read: {type(error).__name__}: {error}"
    found: Hints = {}
    for name, parameter in parameters.items():
        hint = hints.get(name)
        if hint is None and name not in hints:
            if parameter.default is parameter.empty:
                return {}, f"the parameter {name} has no type"
        elif hint in (typing.Any, object):
            return {}, f"the type of the parameter {name} says nothing"
        else:
            found[name] = hint
    return found, ""


def _parameters_of(function: object, *, skip: bool) -> dict[str, inspect.Parameter]:
    listed = inspect.signature(typing.cast("Callable[..., object]", function)).parameters.values()
    kept = [item for item in listed if item.kind not in _FIXED]
    return {item.name: item for item in (kept[1:] if skip else kept)}


def _annotated(function: object) -> object:
    """Where the annotations of a callable stand: those of a class in its constructor."""
    if isinstance(function, type):
        return function.__init__ if function.__init__ is not object.__init__ else _nothing
    return inspect.unwrap(typing.cast("Callable[..., object]", function))


def _nothing() -> None:
    """Take nothing."""
