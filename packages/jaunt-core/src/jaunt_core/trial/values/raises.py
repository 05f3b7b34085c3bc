"""What docstrings say is raised: tried with inputs for which the condition holds."""

from __future__ import annotations

import ast
import builtins
import copy
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice, product
from typing import cast

from ..harness.calls import Namespace, Session, Shown
from ..harness.channel import Channel, Json
from ..harness.fault_attribution import Blame, shortened, words_of
from .arguments import Call, Callee
from .samples import values_of

_LOOKED_AT = 2000
_TRIED = 4
_DRAINED = 1000
_LAZY = ("__enter__", "__aenter__", "__call__")
"""What is returned in order to be used: that may raise later."""


class RaisesTrial:
    """Tries one documented exception after the other."""

    def __init__(
        self,
        session: Session,
        blame: Blame,
        channel: Channel,
        names: Namespace,
        shown: list[Shown],
        *,
        seconds: float,
    ) -> None:
        self._session = session
        self._blame = blame
        self._channel = channel
        self._names = names
        self._shown = shown
        self._seconds = seconds

    def run(self, item: Json) -> None:
        """Try one `Raises:` line; where no input can be found, nothing is said."""
        owner, condition = str(item["owner"]), str(item["condition"])
        try:
            callee = Callee(owner, self._names)
        except Exception:  # noqa: BLE001 - annotations may hold anything, types above all
            return
        errors = [self._error(name) for name in cast("list[str]", item["errors"])]
        declared = tuple(kind for kind in errors if kind is not None)
        varied = _names_in(condition)
        for call, values in islice(self._inputs(callee, condition, varied), _TRIED):
            shown = ", ".join(f"{name}={value!r}" for name, value in values.items())
            source = shortened(f"{owner}({shown})")
            self._channel.begin({"owner": owner, "source": source}, seconds=self._seconds)
            grounded = call.shown or set(callee.needed) <= varied
            judges_errors = grounded and "." not in owner and len(declared) == len(errors)
            if not self._holds(callee, call, values, declared, judges_errors=judges_errors):
                said = self._said
                self._channel.found(
                    {
                        "kind": "raises",
                        "owner": owner,
                        "source": source,
                        "status": "failed",
                        "got": shortened(said),
                        "want": f"{item['error']}, because {condition}",
                        "line": self._line,
                    }
                )
                return

    def _error(self, name: str) -> type[BaseException] | None:
        head, *rest = name.split(".")
        found = self._names.get(head, getattr(builtins, head, None))
        for part in rest:
            found = getattr(found, part, None)
        return found if isinstance(found, type) and issubclass(found, BaseException) else None

    def _holds(
        self,
        callee: Callee,
        call: Call,
        values: Namespace,
        declared: tuple[type[BaseException], ...],
        *,
        judges_errors: bool,
    ) -> bool:
        """Whether a call raises what it should, or tells nothing."""
        ended = self._session.call(callee.bind(call.make(), values))
        if ended.error is None:
            if any(hasattr(ended.value, name) for name in _LAZY):
                return True
            ended = self._session.call(lambda: self._session.drained(ended.value, _DRAINED))
        error = ended.error
        if self._blame.refused:
            return True
        if error is None:
            self._said, self._line = "nothing was raised", 0
            return False
        if isinstance(error, declared) or not judges_errors or self._blame.is_circumstance(error):
            return True
        self._said, self._line = words_of(error), self._blame.line_of(error)
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
        if any(_is_true(code, callee.completed(it.arguments)) for it in calls if it.shown):
            return  # what an example shows to work counts more than what a sentence says
        for call in calls:
            pools = [
                _pool(callee.hints.get(name), call.arguments.get(name), near)
                for name in sorted(varied)
            ]
            for picked in islice(product(*pools), _LOOKED_AT):
                values = {**call.arguments, **dict(zip(sorted(varied), picked, strict=True))}
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
    found = [node.value for node in nodes if isinstance(node, ast.Constant)]
    return [item for item in found if isinstance(item, (int, float)) and item is not True]


def _pool(annotation: object, given: object, near: list[float]) -> list[object]:
    """Values of one parameter: the one of an example, those of its type, those at a limit."""
    values = values_of(annotation)
    kinds = {type(value) for value in values} & {int, float, Decimal}
    limits = [
        kind(str(limit + step)) if kind is Decimal else kind(limit + step)
        for kind in kinds
        for limit in near
        for step in (-1, 0, 1)
    ]
    return [*([given] if given is not None else []), *limits, *values]
