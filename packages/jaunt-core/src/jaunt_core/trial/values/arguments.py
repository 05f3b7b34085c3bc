"""Calls of a spec: with the arguments that its examples show, else with plain ones by type."""

from __future__ import annotations

import ast
import copy
import inspect
import typing
from collections.abc import Callable, Iterator
from typing import NamedTuple

from ..harness.calls import Namespace, ShownExamples
from .samples import values_of

_SHOWN_CALLS = 3


class Call(NamedTuple):
    """A call that is known to be well-typed.

    `make` returns the callable anew, `arguments` are by name, `shown` tells whether an example
    makes this call.
    """

    make: Callable[[], object]
    arguments: dict[str, object]
    shown: bool = True


class Callee:
    """A function spec, or a method of a class spec: its parameters, and how it is called."""

    def __init__(self, owner: str, names: Namespace) -> None:
        self.owner = owner
        self._class_name, _, self._method = owner.rpartition(".")
        self._names = names
        definition = names.get(owner.partition(".")[0])
        if self._class_name:
            definition = inspect.getattr_static(definition, self._method)
        self.bound = not isinstance(definition, staticmethod)
        function = getattr(definition, "__func__", definition)
        plain = inspect.unwrap(typing.cast("Callable[..., object]", function))
        self.hints = typing.get_type_hints(plain)
        parameters = list(inspect.signature(plain).parameters.values())
        if self._class_name and self.bound:
            parameters = parameters[1:]
        self.parameters = {parameter.name: parameter for parameter in parameters}
        self.needed = [parameter.name for parameter in parameters if _is_needed(parameter)]

    def bind(self, function: object, values: dict[str, object]) -> Callable[[], object]:
        """A call with these arguments, by position where a parameter has no name outside."""
        positional, named = [], {}
        for name, value in values.items():
            if self.parameters[name].kind is inspect.Parameter.POSITIONAL_ONLY:
                positional.append(value)
            else:
                named[name] = value
        return lambda: typing.cast("Callable[..., object]", function)(*positional, **named)

    def completed(self, values: Namespace) -> Namespace:
        """The arguments together with the defaults of the other parameters."""
        defaults = {
            name: parameter.default
            for name, parameter in self.parameters.items()
            if parameter.default is not parameter.empty
        }
        return {**defaults, **values}

    def calls(self, shown: list[ShownExamples]) -> Iterator[Call]:
        """Well-typed calls: the first ones in examples, else one made from types."""
        shown_calls = list(self._shown_calls(shown))[:_SHOWN_CALLS]
        yield from shown_calls
        if not shown_calls:
            values = {name: values_of(self.hints.get(name))[:1] for name in self.needed}
            make = self._maker(shown)
            if make is not None:
                # What is missing may still be found for a condition.
                arguments = {name: samples[0] for name, samples in values.items() if samples}
                yield Call(make, arguments, shown=False)

    def _shown_calls(self, shown: list[ShownExamples]) -> Iterator[Call]:
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

    def _maker(self, shown: list[ShownExamples]) -> Callable[[], object] | None:
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


def _is_needed(parameter: inspect.Parameter) -> bool:
    kinds = (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    return parameter.default is parameter.empty and parameter.kind not in kinds
