"""Arguments for a spec: first those that its examples show, else plain ones by its types."""

from __future__ import annotations

import ast
import copy
import inspect
import typing
from collections.abc import Callable, Iterator
from typing import NamedTuple

from ..harness.calls import Namespace, Shown
from .samples import values_of

_SHOWN_CALLS = 3


class Call(NamedTuple):
    """A call that is known to be well-typed.

    `make` gives the callable anew, `arguments` those by name, `shown` whether an example does so.
    """

    make: Callable[[], object]
    arguments: dict[str, object]
    shown: bool = True


class Callee:
    """A function spec, or a method of a class spec: its parameters and how to call it."""

    def __init__(self, owner: str, names: Namespace) -> None:
        self.owner = owner
        self._class_name, _, self._method = owner.rpartition(".")
        self._names = names
        written = names.get(owner.partition(".")[0])
        if self._class_name:
            written = inspect.getattr_static(written, self._method)
        self.bound = not isinstance(written, staticmethod)
        function = getattr(written, "__func__", written)
        plain = inspect.unwrap(typing.cast("Callable[..., object]", function))
        self.hints = typing.get_type_hints(plain)
        parameters = list(inspect.signature(plain).parameters.values())
        if self._class_name and self.bound:
            parameters = parameters[1:]
        self.parameters = {item.name: item for item in parameters}
        self.needed = [
            item.name
            for item in parameters
            if item.default is item.empty
            and item.kind not in (item.VAR_POSITIONAL, item.VAR_KEYWORD)
        ]

    def bind(self, function: object, values: dict[str, object]) -> Callable[[], object]:
        """A call with these arguments, given as they must be."""
        positional, named = [], {}
        for name, value in values.items():
            if self.parameters[name].kind is inspect.Parameter.POSITIONAL_ONLY:
                positional.append(value)
            else:
                named[name] = value
        return lambda: typing.cast("Callable[..., object]", function)(*positional, **named)

    def completed(self, values: Namespace) -> Namespace:
        """The arguments with those that have defaults."""
        defaults = {
            name: item.default
            for name, item in self.parameters.items()
            if item.default is not item.empty
        }
        return {**defaults, **values}

    def calls(self, shown: list[Shown]) -> Iterator[Call]:
        """Well-typed calls: those in examples, else one by types."""
        found = list(self._shown_calls(shown))[:_SHOWN_CALLS]
        yield from found
        if not found:
            values = {name: values_of(self.hints.get(name))[:1] for name in self.needed}
            make = self._maker(shown)
            if make is not None:
                # What is missing may still be found for a condition.
                yield Call(
                    make, {name: item[0] for name, item in values.items() if item}, shown=False
                )

    def _shown_calls(self, shown: list[Shown]) -> Iterator[Call]:
        for part in shown:
            for example in part.examples:
                if example.exc_msg is None:
                    for node in ast.walk(ast.parse(example.source)):
                        if isinstance(node, ast.Call) and self._is_ours(node.func, part.names):
                            call = self._call_of(node, part.names)
                            if call is not None:
                                yield call

    def _is_ours(self, node: ast.expr, names: Namespace) -> bool:
        if not self._class_name:
            return isinstance(node, ast.Name) and node.id == self.owner
        if not isinstance(node, ast.Attribute) or node.attr != self._method:
            return False
        if not isinstance(node.value, ast.Name):
            return False
        kind = self._names.get(self._class_name)
        return isinstance(kind, type) and isinstance(names.get(node.value.id), kind)

    def _call_of(self, node: ast.Call, names: Namespace) -> Call | None:
        def value_of(part: ast.expr) -> object:
            code = compile(ast.Expression(part), "<argument>", "eval", dont_inherit=True)
            return copy.deepcopy(eval(code, dict(names)))  # noqa: S307 - what an example says

        if any(isinstance(part, ast.Starred) for part in node.args):
            return None
        if any(part.arg is None for part in node.keywords):
            return None
        try:
            positional = [value_of(part) for part in node.args]
            named = {str(part.arg): value_of(part.value) for part in node.keywords}
            signature = inspect.Signature(list(self.parameters.values()))
            bound = signature.bind(*positional, **named)
        except Exception:  # noqa: BLE001 - an example that is no use here
            return None
        kinds = {self.parameters[name].kind for name in bound.arguments}
        if kinds & {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}:
            return None
        if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
            make = self._method_maker(names[node.func.value.id])
        else:
            make = self._function
        return Call(make, dict(bound.arguments))

    def _maker(self, shown: list[Shown]) -> Callable[[], object] | None:
        if not self._class_name:
            return self._function
        kind = self._names.get(self._class_name)
        if not isinstance(kind, type):
            return None
        if not self.bound:
            return lambda: getattr(kind, self._method)
        for part in shown:
            for value in part.names.values():
                if type(value) is kind:
                    return self._method_maker(value)
        try:
            return self._method_maker(kind())
        except Exception:  # noqa: BLE001 - it needs arguments
            return None

    def _function(self) -> object:
        return self._names[self.owner]

    def _method_maker(self, instance: object) -> Callable[[], object]:
        return lambda: getattr(copy.deepcopy(instance), self._method)
