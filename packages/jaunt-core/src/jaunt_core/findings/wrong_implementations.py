"""Wrong implementations of specs, made from their signatures alone; tests have to fail for them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from jaunt_core.model.spec import ClassFacts, Expression, FunctionFacts, SpecModule


class Mistake(StrEnum):
    """Ways in which an implementation can be wrong, in the order in which they are tried."""

    RAISES = "raises RuntimeError"
    NOTHING = "returns None, or raises RuntimeError where that is right"
    FIRST = "returns its first argument"
    ZERO = "returns zero or nothing of its type"
    ONE = "returns one of its type"
    OTHER = "returns another constant of its type"
    TRUE = "returns True"
    FALSE = "returns False"
    LAST = "returns its last argument"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Constants:
    zero: str
    one: str
    other: str


_NUMBERS = _Constants(zero="0", one="1", other="-1")
_LISTS = _Constants(zero="[]", one="[_first(args, kwargs)]", other="[0, 1]")
_ITERATORS = _Constants(zero="iter(())", one="iter([_first(args, kwargs)])", other="iter((0, 1))")
_SETS = _Constants(zero="set()", one="{1}", other="{'a'}")
_DICTIONARIES = _Constants(zero="{}", one="{'a': 1}", other="{1: 'a'}")
_NOTHING = frozenset({"None", "typing.NoReturn", "typing.Never"})
_TIMES = "__import__('datetime')"
_BY_TYPE = {
    "int": _NUMBERS,
    "float": _Constants(zero="0.0", one="1.0", other="-1.0"),
    "complex": _Constants(zero="0j", one="1j", other="-1j"),
    "bool": _Constants(zero="False", one="True", other="None"),
    "str": _Constants(zero="''", one="'a'", other="str(_first(args, kwargs))"),
    "bytes": _Constants(zero="b''", one="b'a'", other="b'zzz'"),
    "Decimal": _Constants(
        zero="__import__('decimal').Decimal(0)",
        one="__import__('decimal').Decimal(1)",
        other="__import__('decimal').Decimal(-1)",
    ),
    "tuple": _Constants(zero="()", one="(_first(args, kwargs),)", other="(0, 1)"),
    "date": _Constants(
        zero=f"{_TIMES}.date(1, 1, 1)",
        one=f"{_TIMES}.date(2000, 1, 1)",
        other=f"{_TIMES}.date(9999, 1, 1)",
    ),
    "timedelta": _Constants(
        zero=f"{_TIMES}.timedelta(0)", one=f"{_TIMES}.timedelta(1)", other=f"{_TIMES}.timedelta(-1)"
    ),
    **dict.fromkeys(("list", "List", "Sequence", "Iterable", "Collection"), _LISTS),
    **dict.fromkeys(("Iterator", "Generator", "AsyncIterator", "AsyncGenerator"), _ITERATORS),
    **dict.fromkeys(("set", "Set", "frozenset", "FrozenSet"), _SETS),
    **dict.fromkeys(("dict", "Dict", "Mapping"), _DICTIONARIES),
}
_REPEATED_DECORATORS = ("classmethod", "property", "staticmethod")
_HEAD = """\
def _first(args, kwargs):
    return next(iter((*args, *kwargs.values())), None)


def _last(args, kwargs):
    return next(reversed((*args, *kwargs.values())), None)
"""


def render_wrong_implementation(module: SpecModule, mistake: Mistake) -> str:
    """A generated module for `module` in which every spec makes the same mistake."""
    parts = [_HEAD]
    for facts in (spec.definition for spec in module.specs):
        is_class = isinstance(facts, ClassFacts)
        lines = _class_lines(facts, mistake) if is_class else _function_lines(facts, mistake)
        parts.append("\n".join(lines) + "\n")
    return "\n\n".join(parts)


def _class_lines(facts: ClassFacts, mistake: Mistake) -> Iterator[str]:
    yield f"class {facts.name}:"
    yield from _indented(_body_lines("def __init__(self, *args, **kwargs):", mistake, "None"))
    if mistake is not Mistake.RAISES:
        # Which attributes the real constructor sets is not known here, so all of them exist.
        yield "    def __getattr__(self, name):"
        yield "        if name.startswith('__'):"
        yield "            raise AttributeError(name)"
        yield f"        args, kwargs = (), {{}}\n        return {_value(None, mistake)}"
    # A generic class has to stay one, or the test would fail for another reason.
    yield "    def __class_getitem__(cls, item):"
    yield "        return cls"
    for method in facts.methods:
        if method.name != "__init__":
            yield from _indented(_function_lines(method, mistake, bound="self, "))


def _function_lines(facts: FunctionFacts, mistake: Mistake, bound: str = "") -> Iterator[str]:
    decorators = [item.text for item in facts.decorators if item.text in _REPEATED_DECORATORS]
    yield from (f"@{text}" for text in decorators)
    if "staticmethod" in decorators:
        bound = ""
    word = "async def" if facts.shape.startswith("async") else "def"
    head = f"{word} {facts.name}({bound}*args, **kwargs):"
    if mistake is Mistake.NOTHING and _returns_nothing(facts.returns):
        yield from _body_lines(head, Mistake.RAISES, "None")
    elif facts.shape.endswith("generator"):
        yield head
        yield from _generator_lines(facts.returns, mistake)
    else:
        yield from _body_lines(head, mistake, _value(facts.returns, mistake))


def _returns_nothing(returns: Expression | None) -> bool:
    return returns is None or returns.form in _NOTHING


def _body_lines(head: str, mistake: Mistake, value: str) -> Iterator[str]:
    yield head
    if mistake is Mistake.RAISES:
        yield "    raise RuntimeError('this implementation is wrong')"
    else:
        yield f"    return {value}"


def _generator_lines(returns: Expression | None, mistake: Mistake) -> Iterator[str]:
    if mistake is Mistake.RAISES:
        yield "    raise RuntimeError('this implementation is wrong')"
    elif mistake is Mistake.ZERO:
        yield "    return"
    item_type = _Annotation.parse(returns).item_type
    yield f"    yield {_value_of(item_type, Mistake.ZERO if mistake is Mistake.ONE else mistake)}"


def _value(returns: Expression | None, mistake: Mistake) -> str:
    return _value_of(_Annotation.parse(returns), mistake)


def _value_of(annotation: _Annotation, mistake: Mistake) -> str:
    constants = _BY_TYPE.get(annotation.head, _NUMBERS)
    values = {
        Mistake.ZERO: constants.zero,
        Mistake.ONE: constants.one,
        Mistake.OTHER: constants.other,
        Mistake.FIRST: "_first(args, kwargs)",
        Mistake.TRUE: "True",
        Mistake.FALSE: "False",
        Mistake.LAST: "_last(args, kwargs)",
    }
    return values.get(mistake, "None")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Annotation:
    """The name of a type without its module, and its type arguments, as far as they are known."""

    head: str = ""
    inside: tuple[ast.expr, ...] = ()

    @property
    def item_type(self) -> _Annotation:
        """The type of what a container of this type holds."""
        return _Annotation.from_node(self.inside[0]) if self.inside else _Annotation()

    @classmethod
    def parse(cls, written: Expression | None) -> _Annotation:
        """What an annotation says; of a union its first type that is not None."""
        try:
            tree = ast.parse(written.text if written else "None", mode="eval").body
            if isinstance(tree, ast.Constant) and isinstance(tree.value, str):
                tree = ast.parse(tree.value, mode="eval").body
        except (SyntaxError, ValueError):
            return cls()
        return cls.from_node(tree)

    @classmethod
    def from_node(cls, node: ast.expr) -> _Annotation:
        """What a part of an annotation says."""
        inside: tuple[ast.expr, ...] = ()
        if isinstance(node, ast.BinOp):
            first = cls.from_node(node.left)
            return first if first.head else cls.from_node(node.right)
        if isinstance(node, ast.Subscript):
            within = node.slice
            inside = tuple(within.elts) if isinstance(within, ast.Tuple) else (within,)
            node = node.value
        head = ast.unparse(node).rpartition(".")[2] if not isinstance(node, ast.Constant) else ""
        return (
            cls.from_node(inside[0])
            if head in ("Optional", "Union") and inside
            else cls(head=head, inside=inside)
        )


def _indented(lines: Iterator[str]) -> Iterator[str]:
    return (f"    {line}" for line in lines)
