"""Annotations of generated code resolve, whichever of the two modules has the names in them."""

import dataclasses
import importlib.util
import inspect
import pickle
import typing
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from .conftest import Project

SPEC = """
    from __future__ import annotations
    import dataclasses
    import jaunt
    from decimal import Decimal as D
    from typing import NamedTuple

    @jaunt.magic
    @dataclasses.dataclass
    class Order:
        price: D
        lines: list[Line]

        class Part: ...

        def add(self, line: Line, *, when: date = None) -> Order: ...

    @jaunt.magic
    class Point(NamedTuple):
        x: D

    @jaunt.magic
    def total(lines: list[Line], at: D) -> Order: ...

    from datetime import date

    @dataclasses.dataclass
    class Line:
        name: str = ""
"""
GENERATED = """
    from __future__ import annotations
    import dataclasses as _dataclasses
    import decimal
    from dataclasses import dataclass, field
    from functools import cached_property
    from typing import TYPE_CHECKING, Literal, NamedTuple
    from datetime import date as _date

    if TYPE_CHECKING:
        from shop.orders import Line

    class _Key:
        pass

    @dataclass
    class Order:
        price: decimal.Decimal
        lines: list[Line] = field(default_factory=list)
        next: Order | None = None
        at: _date | None = None
        key: "_Key | None" = None
        kind: Literal["plain", "odd"] = "plain"

        @dataclass
        class Part:
            line: Line | None = None
            date: _date | None = None

        def add(self, line: Line, *, when: _date = None) -> Order:
            return self

        @classmethod
        def make(cls, price: decimal.Decimal, line: Line | None) -> Order:
            return cls(price)

        @staticmethod
        def key_of(line: Line) -> _Key:
            return _Key()

        @property
        def first(self) -> Line:
            return self.lines[0]

        @cached_property
        def last(self) -> Line:
            return self.lines[-1]

        def plain(self, kind: Literal["plain", "odd"]) -> _Key:
            return _Key()

    class Point(NamedTuple):
        x: decimal.Decimal
        line: Line | None = None

    def total(lines, at):
        return Order(at, lines)
"""


@pytest.fixture
def shop(project: Project) -> Any:
    project.write({"shop/orders.py": SPEC, "shop/__generated__/orders.py": GENERATED})
    return project.load("shop.orders")


def test_the_hints_of_classes(shop: Any) -> None:
    hints = typing.get_type_hints(shop.Order)
    assert hints["price"] is Decimal
    assert hints["lines"] == list[shop.Line]
    assert hints["next"] == shop.Order | None
    assert hints["at"] == date | None
    assert hints["key"].__args__[0].__name__ == "_Key"
    assert typing.get_type_hints(shop.Order.Part) == {
        "line": shop.Line | None,
        "date": date | None,
    }
    assert typing.get_type_hints(shop.Point) == {"x": Decimal, "line": shop.Line | None}
    # What resolves anyway is left as it was written.
    assert vars(shop.Order)["__annotations__"]["lines"] == "list[Line]"


def test_fields_have_the_same_types(shop: Any) -> None:
    types = {field.name: field.type for field in dataclasses.fields(shop.Order)}
    assert types["at"] == date | None
    assert types["lines"] == "list[Line]"


def test_the_hints_of_members(shop: Any) -> None:
    order = shop.Order
    line = {"line": shop.Line}
    assert typing.get_type_hints(order.add) == {**line, "when": date, "return": order}
    assert typing.get_type_hints(order.make)["line"] == shop.Line | None
    assert typing.get_type_hints(order.key_of)["return"].__name__ == "_Key"
    assert typing.get_type_hints(order.first.fget) == {"return": shop.Line}
    assert typing.get_type_hints(vars(order)["last"].func) == {"return": shop.Line}
    assert typing.get_type_hints(order.__init__)["lines"] == list[shop.Line]
    assert typing.get_type_hints(shop.total) == {
        "lines": list[shop.Line], "at": Decimal, "return": order,
    }  # fmt: skip
    # Nothing is wrapped that resolves without.
    assert not hasattr(order.plain, "__wrapped__")


def test_members_look_as_ever(shop: Any) -> None:
    signature = inspect.signature(shop.Order.add)
    assert list(signature.parameters) == ["self", "line", "when"]
    assert signature.parameters["when"].default is None
    assert "return self" in inspect.getsource(shop.Order.add)


def test_classes_inside_of_classes_stand_in_the_spec_module(shop: Any) -> None:
    assert shop.Order.Part.__module__ == "shop.orders"
    assert pickle.loads(pickle.dumps(shop.Order.Part())) == shop.Order.Part()


@pytest.mark.skipif(importlib.util.find_spec("pydantic") is None, reason="no pydantic")
def test_pydantic_reads_generated_dataclasses(project: Project) -> None:
    pydantic: Any = importlib.import_module("pydantic")
    project.write(
        {
            "shop/orders.py": SPEC,
            "shop/__generated__/orders.py": GENERATED.replace("_Key |", "int |"),
        }
    )
    shop: Any = project.load("shop.orders")
    configured = pydantic.ConfigDict(arbitrary_types_allowed=True)
    shop.Order.__pydantic_config__ = configured
    order = pydantic.TypeAdapter(shop.Order).validate_python(
        {"price": "1.5", "next": {"price": 2}, "at": "2026-01-31"}
    )
    assert order.price == Decimal("1.5")
    assert order.next.price == Decimal(2)
    assert order.at == date(2026, 1, 31)
    with pytest.raises(pydantic.ValidationError):
        pydantic.TypeAdapter(shop.Order).validate_python({"price": "x"})
    assert pydantic.TypeAdapter(shop.Point).validate_python(("2.5",)).x == Decimal("2.5")
