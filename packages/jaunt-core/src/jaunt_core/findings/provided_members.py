"""The members that a class has although its body does not define them under their names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from jaunt_core.findings.signature import form_of, meaning_of, name_of_decorator
from jaunt_core.model.spec import AttributeFacts, ClassFacts, Expression, FunctionFacts, Parameter

DATACLASS = "dataclasses.dataclass"
_CLASS_VARIABLE = "typing.ClassVar"
_COMPARISONS = frozenset({"__lt__", "__le__", "__gt__", "__ge__"})
_OPTION = re.compile(r"\b(\w+)\s*=\s*(True|False)\b")
_FIELD = re.compile(r"(?:\w+\.)?field\(")
_WRAPPED = re.compile(r"(property|classmethod|staticmethod)\((\w+)\)")
_NAME = re.compile(r"[^\W\d]\w*")


def is_field(attribute: AttributeFacts) -> bool:
    """Whether a dataclass makes a parameter of its constructor out of an attribute."""
    if attribute.annotation is None or meaning_of(attribute.annotation).startswith(_CLASS_VARIABLE):
        return False
    default = attribute.default.text if attribute.default else ""
    return not (_FIELD.match(default) and _options(default).get("init") is False)


def methods_of(facts: ClassFacts) -> tuple[FunctionFacts, ...]:
    """The methods of a class, with those that are another name for one of them."""
    methods = {method.name: method for method in facts.methods}
    aliases: list[FunctionFacts] = []
    for attribute in facts.attributes:
        alias = _alias(attribute, methods)
        if alias is not None:
            methods[attribute.name] = alias
            aliases.append(alias)
    return (*facts.methods, *aliases)


def _alias(attribute: AttributeFacts, methods: dict[str, FunctionFacts]) -> FunctionFacts | None:
    """The method that `__radd__ = __add__` or `total = property(_total)` in a class body makes."""
    text = attribute.default.text if attribute.default else ""
    wrapped = _WRAPPED.fullmatch(text)
    name = wrapped[2] if wrapped else text
    if not _NAME.fullmatch(name) or name not in methods:
        return None
    method = methods[name]
    extra = (Expression(text=wrapped[1], form=wrapped[1]),) if wrapped else ()
    return replace(
        method,
        name=attribute.name,
        line=attribute.line,
        decorators=(*extra, *method.decorators),
    )


def provides(facts: ClassFacts, declared: FunctionFacts) -> bool:
    """Whether the decorators of a class give it a method: those of a dataclass, or comparisons."""
    own = {method.name for method in facts.methods}
    for decorator in facts.decorators:
        name = name_of_decorator(decorator)
        if name == "functools.total_ordering" and own & _COMPARISONS:
            if declared.name in _COMPARISONS:
                return True
        elif name == DATACLASS and declared.name in _made_by_dataclass(facts, decorator, declared):
            return True
    return False


def _made_by_dataclass(
    facts: ClassFacts, decorator: Expression, declared: FunctionFacts
) -> Iterator[str]:
    options = _options(decorator.text)
    has_equality = options.get("eq", True)
    if has_equality:
        yield "__eq__"
    if options.get("repr", True):
        yield "__repr__"
    if options.get("order"):
        yield from _COMPARISONS
    if options.get("unsafe_hash") or (has_equality and options.get("frozen")):
        yield "__hash__"
    if options.get("init", True) and not options.get("kw_only") and not facts.bases:
        fields = [attribute for attribute in facts.attributes if is_field(attribute)]
        wanted = declared.parameters[1:]
        if len(fields) == len(wanted) and all(map(_is_same, fields, wanted)):
            yield "__init__"


def _is_same(field: AttributeFacts, parameter: Parameter) -> bool:
    is_annotated = meaning_of(parameter.annotation) in ("", meaning_of(field.annotation))
    return (
        field.name == parameter.name
        and parameter.kind == "positional or keyword"
        and is_annotated
        and form_of(field.default) == form_of(parameter.default)
    )


def _options(text: str) -> dict[str, bool]:
    return {name: value == "True" for name, value in _OPTION.findall(text)}
