"""Canonical forms: one for all spellings of the same meaning, others for other meanings."""

from __future__ import annotations

import ast

import pytest

from jaunt_core.worker.source.canonical import assignment_form, form_of, type_form

NAMES = {
    "Any": "typing.Any",
    "Order": "shop.models.Order",
    "Union": "typing.Union",
    "Optional": "typing.Optional",
    "Literal": "typing.Literal",
    "Annotated": "typing.Annotated",
}


def resolve(dotted: str) -> str:
    head, dot, rest = dotted.partition(".")
    return NAMES.get(head, {"t": "typing", "abc": "collections.abc"}.get(head, head)) + dot + rest


def type_of(text: str) -> str:
    return type_form(ast.parse(text, mode="eval").body, resolve)


def statement(text: str) -> str:
    (node,) = ast.parse(text).body
    return assignment_form(node, resolve)


SAME_TYPES = [
    ("None", "None", "'None'"),
    ("int | None", "Optional[int]", "None | int", "Union[int, None]", "'Optional[int]'"),
    ("int | str | None", "Union[int, Optional[str]]", "Optional[Union[str, int]]"),
    ("Order | None", "Optional['Order']", "'Order | None'", "Union['Order', None]"),
    ("int", "int | int", "Union[int]", "Union[int, int]"),
    ("list[int]", "t.List[int]", "'list[int]'", "list['int']"),
    ("dict[str, Order | None]", "t.Dict['str', Optional['Order']]"),
    ("tuple[()]", "t.Tuple[()]"),
    ("tuple[int, ...]", "t.Tuple[int, ...]"),
    ("type[Order]", "t.Type['Order']"),
    ("abc.Callable[[Order], None]", "t.Callable[['Order'], 'None']"),
    ("abc.Callable[..., int]", "t.Callable[..., int]"),
    ("abc.Iterator[str]", "t.Iterator[str]"),
    ("Literal['a', 'b']", 'Literal["a", "b"]', "t.Literal['a', 'b']"),
    ("Literal['a|b'] | None", "Optional[Literal['a|b']]"),
    ("Optional[Literal['\\\\'] | int]", "Union[int, None, Literal['\\\\']]"),
    ("Annotated[Order | None, 'unit']", "Annotated['Optional[Order]', \"unit\"]"),
    ("t.Text", "str"),
    ("typing_extensions.Self", "t.Self"),
]
OTHER_TYPES = [
    ("int", "str"),
    ("int | None", "int"),
    ("list[int]", "list[str]"),
    ("list[int]", "list"),
    ("Literal['a']", "Literal['b']"),
    ("Literal['int']", "Literal[int]"),
    ("Literal[1]", "Literal[True]"),
    ("Literal[1]", "Literal['1']"),
    ("Annotated[int, 'a']", "Annotated[int, 'b']"),
    ("Annotated[int, 'int']", "Annotated[int, int]"),
    ("dict[str, int]", "dict[int, str]"),
    ("tuple[int]", "tuple[int, ...]"),
    ("abc.Callable[[int], str]", "abc.Callable[[str], int]"),
    ("Order", "Orders"),
    ("Any", "object"),
]


@pytest.mark.parametrize("spellings", SAME_TYPES, ids=lambda spellings: spellings[0])
def test_one_type_has_one_form(spellings: tuple[str, ...]) -> None:
    assert len({type_of(text) for text in spellings}) == 1


@pytest.mark.parametrize(("one", "other"), OTHER_TYPES)
def test_two_types_have_two_forms(one: str, other: str) -> None:
    assert type_of(one) != type_of(other)


SAME_STATEMENTS = [
    ("Note = Optional[str]", "Note = str | None", "Note = Union[None, 'str']"),
    ("Price = Union[Decimal, Fraction]", "Price = Fraction | Decimal"),
    ("x = 'a' 'b'", 'x = "ab"', "x = ('a'\n'b')"),
    ("x = f'a{b}' 'c'", "x = 'a' f'{b}' f'c'"),
    ("x = 0x10", "x = 1_6", "x = (16)"),
    ("x = [1,\n2,]", "x=[1, 2]"),
    ("x = a if b else c", "x = (a if (b) else c)"),
    ("x: Optional[int] = 1", "x: 'int | None' = 1"),
    ("def f(): return 1", "def f():\n    return (1)"),
    ('def f():\n    """a\n\n    b\n    """', 'def f():\n  """a  \n  \n  b"""'),
]
OTHER_STATEMENTS = [
    ("x = 1", "x = 2"),
    ("x = 1", "x = 1.0"),
    ("x = 1", "x = True"),
    ("x = 'a'", "x = b'a'"),
    ("x = 'a  b'", "x = 'a b'"),
    ("x = 'int'", "x = int"),
    ("x = f'{a}'", "x = f'{a!r}'"),
    ("x = f'{a}'", "x = 'a'"),
    ("x = f'{a}b'", "x = f'{a}{b}'"),
    ("x = [1, 2]", "x = (1, 2)"),
    ("x = [1, 2]", "x = [2, 1]"),
    ("x = BASE | EXTRA", "x = EXTRA | BASE"),
    ("x = base | extra", "x = extra | base"),
    ("x = {**a, 'b': 1}", "x = {'b': 1, **a}"),
    ("x = TABLE['a']", "x = TABLE[a]"),
    ("x = a.b", "x = a.c"),
    ("def f(*, a=1, b): ...", "def f(*, a, b=1): ..."),
    ("def f(a, /): ...", "def f(a): ..."),
    ("x = lambda a: a", "x = lambda b: a"),
    ("x = not a", "x = a"),
]


@pytest.mark.parametrize("spellings", SAME_STATEMENTS, ids=lambda spellings: spellings[0])
def test_one_meaning_has_one_form(spellings: tuple[str, ...]) -> None:
    assert len({statement(text) for text in spellings}) == 1


@pytest.mark.parametrize(("one", "other"), OTHER_STATEMENTS)
def test_two_meanings_have_two_forms(one: str, other: str) -> None:
    assert statement(one) != statement(other)


LOCAL = [
    "def f(Order): return Order",
    "def f():\n    Order = 1\n    return Order",
    "def f():\n    for Order in []: Order",
    "def f():\n    import Order\n    return Order",
    "def f():\n    with a as Order: Order",
    "def f():\n    try: pass\n    except a as Order: Order",
    "x = lambda Order: Order",
    "x = [Order for Order in a]",
    "x = {Order: 1 for Order in a}",
    "class A:\n    Order = 1\n    b = Order",
    "class A:\n    Order: int",
    "class A:\n    def Order(self): ...\n    @Order.setter\n    def b(self, x): ...",
]
GLOBAL = [
    "x = Order",
    "def f(a: Order): ...",
    "def f(a=Order): Order = 1",
    "def f():\n    global Order\n    Order = 1",
    "x = [a for a in Order]",
    "x = lambda a=Order: a",
    "class A:\n    Order: Order",
    "class A:\n    Order = 1\n    def f(self): return Order",
    "@Order\ndef f(): ...",
]


@pytest.mark.parametrize("text", LOCAL)
def test_local_names_are_nobody_elses(text: str) -> None:
    assert "shop.models" not in form_of(ast.parse(text).body[0], resolve)


@pytest.mark.parametrize("text", GLOBAL)
def test_names_of_the_module_are_resolved(text: str) -> None:
    assert "shop.models.Order" in form_of(ast.parse(text).body[0], resolve)
