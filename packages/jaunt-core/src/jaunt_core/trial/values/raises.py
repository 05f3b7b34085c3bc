"""Try what docstrings say is raised, with inputs for which the documented condition holds."""

from __future__ import annotations

import ast
import builtins
import copy
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice, product
from typing import cast

from ..harness.calls import CallRunner, Namespace, ShownExamples
from ..harness.channel import Channel, Json
from ..harness.fault_attribution import FaultAttribution, error_text, shortened
from .arguments import Call, Callee
from .samples import values_of

_MOST_CANDIDATES = 2000
_MOST_TRIED = 4
_DRAINED = 1000
_LAZY = ("__enter__", "__aenter__", "__call__")
"""Attributes of results that are meant to be used: they may raise later."""


class RaisesCheck:
    """Tries one documented exception after the other, and sends those that are not raised."""

    def __init__(
        self,
        runner: CallRunner,
        attribution: FaultAttribution,
        channel: Channel,
        names: Namespace,
        shown: list[ShownExamples],
        *,
        seconds: float,
    ) -> None:
        self._runner = runner
        self._attribution = attribution
        self._channel = channel
        self._names = names
        self._shown = shown
        self._seconds = seconds

    def run(self, documented: Json) -> None:
        """Try one `Raises:` line; where no input can be found for it, nothing is sent."""
        owner, condition = str(documented["owner"]), str(documented["condition"])
        if self._runner.is_exhausted:
            return
        try:
            callee = Callee(owner, self._names)
        except Exception:  # noqa: BLE001 - annotations may hold anything, types above all
            return
        errors = [self._error(name) for name in cast("list[str]", documented["errors"])]
        declared = tuple(kind for kind in errors if kind is not None)
        varied = _names_in(condition)
        for call, values in islice(self._inputs(callee, condition, varied), _MOST_TRIED):
            shown = ", ".join(f"{name}={value!r}" for name, value in values.items())
            source = shortened(f"{owner}({shown})")
            self._channel.begin({"owner": owner, "source": source}, seconds=self._seconds)
            grounded = call.shown or set(callee.needed) <= varied
            judges_errors = grounded and "." not in owner and len(declared) == len(errors)
            if not self._holds(callee, call, values, declared, judges_errors=judges_errors):
                self._channel.record(
                    {
                        "kind": "raises",
                        "owner": owner,
                        "source": source,
                        "status": "failed",
                        "got": shortened(self._got),
                        "want": f"{documented['error']}, because {condition}",
                        "line": self._line,
                    }
                )
                return

    def _error(self, name: str) -> type[BaseException] | None:
        head, *rest = name.split(".")
        resolved = self._names.get(head, getattr(builtins, head, None))
        for part in rest:
            resolved = getattr(resolved, part, None)
        is_error = isinstance(resolved, type) and issubclass(resolved, BaseException)
        return resolved if is_error else None

    def _holds(
        self,
        callee: Callee,
        call: Call,
        values: Namespace,
        declared: tuple[type[BaseException], ...],
        *,
        judges_errors: bool,
    ) -> bool:
        """Whether a call raises what it should, or says nothing about the answer."""
        result = self._runner.call(callee.bind(call.make(), values))
        if result.error is None:
            if any(hasattr(result.value, name) for name in _LAZY):
                return True
            result = self._runner.call(lambda: self._runner.drain(result.value, _DRAINED))
        error = result.error
        if self._attribution.refused:
            return True
        if error is None:
            self._got, self._line = "nothing was raised", 0
            return False
        if isinstance(error, declared) or not judges_errors:
            return True
        if self._attribution.is_environmental(error):
            return True
        self._got, self._line = error_text(error), self._attribution.line_of(error)
        return False

    def _inputs(
        self, callee: Callee, condition: str, varied: frozenset[str]
    ) -> Iterator[tuple[Call, Namespace]]:
        """Calls and arguments for which the condition holds."""
        code = compile(condition, "<condition>", "eval", dont_inherit=True)
        near = _constants_in(condition)
        if not varied <= set(callee.parameters):
            return
        calls = list(callee.calls(self._shown))
        if any(_is_true(code, callee.completed(call.arguments)) for call in calls if call.shown):
            return  # what an example shows to work counts more than what a sentence says
        for call in calls:
            pools = [
                _pool(callee.hints.get(name), call.arguments.get(name), near)
                for name in sorted(varied)
            ]
            for chosen in islice(product(*pools), _MOST_CANDIDATES):
                values = {**call.arguments, **dict(zip(sorted(varied), chosen, strict=True))}
                if not set(callee.needed) <= set(values):
                    return
                ordered = {name: values[name] for name in callee.parameters if name in values}
                if _is_true(code, ordered):
                    try:
                        yield call, copy.deepcopy(ordered)
                    except Exception:  # noqa: BLE001 - what cannot be copied is no input
                        return


def _is_true(code: object, values: Namespace) -> bool:
    try:
        return eval(code, {"__builtins__": {"len": len}}, values) is True  # noqa: S307 # ty: ignore[invalid-argument-type]
    except Exception:  # noqa: BLE001 - the condition is not about values of these types
        return False


def _names_in(condition: str) -> frozenset[str]:
    nodes = ast.walk(ast.parse(condition, mode="eval"))
    return frozenset(node.id for node in nodes if isinstance(node, ast.Name)) - {"len"}


def _constants_in(condition: str) -> list[float]:
    nodes = ast.walk(ast.parse(condition, mode="eval"))
    values = [node.value for node in nodes if isinstance(node, ast.Constant)]
    return [value for value in values if isinstance(value, (int, float)) and value is not True]


def _pool(annotation: object, example_value: object, near: list[float]) -> list[object]:
    """Values to try for one parameter: the example's, those near a limit, those of its type."""
    values = values_of(annotation)
    kinds = {type(value) for value in values} & {int, float, Decimal}
    limits = [
        kind(str(limit + step)) if kind is Decimal else kind(limit + step)
        for kind in kinds
        for limit in near
        for step in (-1, 0, 1)
    ]
    return [*([example_value] if example_value is not None else []), *limits, *values]
