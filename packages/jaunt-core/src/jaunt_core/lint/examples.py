"""Whether the examples in docstrings can run, and fit the signatures that they show."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from jaunt_core.model.lint import (
    CallFacts,
    ExampleFacts,
    LintCode,
    PartFacts,
    ProseFacts,
    ShownFacts,
    SpecLint,
)
from jaunt_core.model.spec import Expression, Parameter

_POSITIONAL = ("positional-only", "positional or keyword")
_BUILT_IN = frozenset(
    {"int", "float", "complex", "str", "bytes", "bool", "list", "tuple", "dict", "set"}
    | {"frozenset", "None"}
)
_FITS_TOO = {"bool": {"int", "float", "complex"}, "int": {"float", "complex"}, "float": {"complex"}}

Found = tuple[LintCode, int, str, str]


def example_findings(item: SpecLint, specs: Mapping[str, SpecLint]) -> Iterator[Found]:
    """What is wrong with the examples of a spec; `specs` are all of its module, by name."""
    for prose in (item.prose, *(part.prose for part in item.parts)):
        if prose is not None:
            yield from _in_docstring(prose, specs)


def _in_docstring(prose: ProseFacts, specs: Mapping[str, SpecLint]) -> Iterator[Found]:
    made: dict[str, str] = {}  # names that examples have given to objects, and their classes
    for example in prose.examples:
        if example.broken:
            remedy = "write it as it is typed at the prompt"
            yield LintCode.EXAMPLE_BROKEN, example.line, example.broken, remedy
            continue
        for name in example.unknown:
            yield (
                LintCode.EXAMPLE_BROKEN,
                example.line,
                f"the example uses {name}, which nothing here defines",
                f"import {name} in this module, or define it in an example above",
            )
        made |= {call.bound_to: call.name for call in example.calls if call.bound_to}
        if not example.raises:
            yield from _calls(example, specs, made)


def _calls(
    example: ExampleFacts, specs: Mapping[str, SpecLint], made: Mapping[str, str]
) -> Iterator[Found]:
    for call in example.calls:
        part = _called(call.name, call.made_by, specs, made)
        if part is not None and not part.decorated:
            yield from _call_findings(call, part)
    if example.shows is not None:
        part = _called(example.shows.name, "", specs, made)
        if part is not None and not part.decorated:
            yield from _shown_findings(example, example.shows, part)


def _called(
    name: str, made_by: str, specs: Mapping[str, SpecLint], made: Mapping[str, str]
) -> PartFacts | None:
    """The function or method that a call in an example means, where it is a spec's."""
    head, _, member = name.partition(".")
    owner = made_by or (made.get(head, head) if member else "")
    if owner:
        item = specs.get(owner)
        wanted = f"{owner}.{member or name}"
        parts = item.parts if item is not None and item.is_class else ()
        same = [part for part in parts if part.name == wanted]
        return same[0] if len(same) == 1 else None
    item = specs.get(name)
    if item is None:
        return None
    wanted = f"{name}.__init__" if item.is_class else name
    return next((part for part in item.parts if part.name == wanted), None)


def _call_findings(call: CallFacts, part: PartFacts) -> Iterator[Found]:
    if call.starred:
        return
    wrong = _mismatch(call, part)
    if wrong:
        yield (
            LintCode.EXAMPLE_SIGNATURE,
            call.line,
            f"the example calls {part.name} {wrong}",
            f"correct the example or the signature: {_signature(part)}",
        )
        return
    for parameter, kind in _pairs(call, part):
        if kind and not _fits(kind, parameter.annotation):
            declared = parameter.annotation.text if parameter.annotation else ""
            yield (
                LintCode.EXAMPLE_TYPE,
                call.line,
                f"the example gives {part.name} a {kind} for {parameter.name}: {declared}",
                "correct the example or the annotation",
            )


def _mismatch(call: CallFacts, part: PartFacts) -> str:
    """In which way a call does not fit a signature; empty where it does."""
    parameters = part.parameters
    positional = [item for item in parameters if item.kind in _POSITIONAL]
    has = {item.kind for item in parameters}
    if len(call.positional) > len(positional) and "*args" not in has:
        return f"with {len(call.positional)} positional arguments; it takes {len(positional)}"
    by_name = {item.name for item in parameters if item.kind not in ("positional-only", "*args")}
    unknown = [item.name for item in call.keywords if item.name not in by_name]
    if unknown and "**kwargs" not in has:
        return f"with the argument {unknown[0]}, which it does not have"
    filled = {item.name for item in positional[: len(call.positional)]}
    twice = [item.name for item in call.keywords if item.name in filled & by_name]
    if twice:
        return f"with two values for {twice[0]}"
    given = filled | {item.name for item in call.keywords}
    missing = [
        item.name
        for item in parameters
        if item.default is None
        and item.kind not in ("*args", "**kwargs")
        and item.name not in given
    ]
    return f"without {', '.join(missing)}" if missing else ""


def _pairs(call: CallFacts, part: PartFacts) -> Iterator[tuple[Parameter, str]]:
    positional = [item for item in part.parameters if item.kind in _POSITIONAL]
    yield from zip(positional, call.positional, strict=False)
    by_name = {item.name: item for item in part.parameters if item.kind != "**kwargs"}
    for keyword in call.keywords:
        if keyword.name in by_name:
            yield by_name[keyword.name], keyword.kind


def _shown_findings(example: ExampleFacts, shown: ShownFacts, part: PartFacts) -> Iterator[Found]:
    if part.shape != "function" or part.returns is None or not shown.kind:
        return
    declared = part.returns
    if not _fits(shown.kind, declared):
        yield (
            LintCode.EXAMPLE_TYPE,
            example.line,
            f"the example shows {shown.text}, but {part.name} returns {declared.text}",
            "correct the example or the annotation",
        )


def _fits(kind: str, annotation: Expression | None) -> bool:
    """Whether a literal of a built-in type may stand where something is declared."""
    kinds = _kinds_of(annotation)
    return not kinds or kind in kinds or bool(_FITS_TOO.get(kind, set()) & kinds)


def _kinds_of(annotation: Expression | None) -> frozenset[str]:
    """The built-in types that an annotation allows, none where it may be something else too."""
    if annotation is None:
        return frozenset()
    text = annotation.text.strip("'\"")
    text = re.sub(r"^(?:typing\.|t\.)?Optional\[(.*)\]$", r"\1 | None", text)
    parts = [part.partition("[")[0].strip() for part in _alternatives(text)]
    return frozenset(parts) if all(part in _BUILT_IN for part in parts) else frozenset()


def _alternatives(text: str) -> Iterator[str]:
    """The members of a union that is written with `|`, brackets counted."""
    depth, start = 0, 0
    for position, char in enumerate(text):
        depth += (char in "[(") - (char in ")]")
        if char == "|" and depth == 0:
            yield text[start:position]
            start = position + 1
    yield text[start:]


def _signature(part: PartFacts) -> str:
    names = ", ".join(item.name for item in part.parameters)
    return f"{part.name}({names})"


__all__ = ["Found", "example_findings"]
