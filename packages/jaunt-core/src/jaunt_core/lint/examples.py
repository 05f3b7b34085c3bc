"""Examples in docstrings that cannot run, or do not fit the signatures that they show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jaunt_core.claims.declared_kinds import built_in_kinds
from jaunt_core.lint.judging import Problem, notation_problems, unjudged_problems
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


def example_problems(spec: SpecLint, specs: Mapping[str, SpecLint]) -> Iterator[Problem]:
    """What is wrong with the examples of a spec; `specs` are all of its module, by name."""
    for prose in (spec.prose, *(part.prose for part in spec.parts)):
        if prose is not None:
            yield from _docstring_problems(prose, specs)
            yield from unjudged_problems(prose, spec)
            yield from notation_problems(prose, spec)


def _docstring_problems(prose: ProseFacts, specs: Mapping[str, SpecLint]) -> Iterator[Problem]:
    classes: dict[str, str] = {}  # names that examples have given to objects, and their classes
    for example in prose.examples:
        if example.broken and prose.escapes:
            continue  # which is why
        if example.broken:
            remedy = "write it as it is typed at the prompt"
            yield LintCode.EXAMPLE_BROKEN, example.line, example.broken, remedy
            continue
        for name in example.unknown:
            message = f"the example uses {name}, which nothing here defines"
            remedy = f"import {name} in this module, or define it in an example above"
            yield LintCode.EXAMPLE_BROKEN, example.line, message, remedy
        classes |= {call.bound_to: call.name for call in example.calls if call.bound_to}
        if not example.raises:
            yield from _example_problems(example, specs, classes)


def _example_problems(
    example: ExampleFacts, specs: Mapping[str, SpecLint], classes: Mapping[str, str]
) -> Iterator[Problem]:
    for call in example.calls:
        part = _called_part(call.name, call.made_by, specs, classes)
        if part is not None and not part.decorated:
            yield from _call_problems(call, part)
    if example.shows is not None:
        part = _called_part(example.shows.name, "", specs, classes)
        if part is not None and not part.decorated:
            yield from _result_problems(example, example.shows, part)


def _called_part(
    name: str, made_by: str, specs: Mapping[str, SpecLint], classes: Mapping[str, str]
) -> PartFacts | None:
    """The function or method that a call in an example means, where it is a spec's."""
    head, _, member = name.partition(".")
    owner = made_by or (classes.get(head, head) if member else "")
    if owner:
        spec = specs.get(owner)
        wanted = f"{owner}.{member or name}"
        parts = spec.parts if spec is not None and spec.is_class else ()
        same = [part for part in parts if part.name == wanted]
        return same[0] if len(same) == 1 else None
    spec = specs.get(name)
    if spec is None:
        return None
    wanted = f"{name}.__init__" if spec.is_class else name
    return next((part for part in spec.parts if part.name == wanted), None)


def _call_problems(call: CallFacts, part: PartFacts) -> Iterator[Problem]:
    if call.starred:
        return
    wrong = _mismatch(call, part)
    if wrong:
        message = f"the example calls {part.name} {wrong}"
        remedy = f"correct the example or the signature: {_signature(part)}"
        yield LintCode.EXAMPLE_SIGNATURE, call.line, message, remedy
        return
    for parameter, kind in _arguments_with_kinds(call, part):
        if kind and not _fits(kind, parameter.annotation):
            declared = parameter.annotation.text if parameter.annotation else ""
            message = f"the example gives {part.name} a {kind} for {parameter.name}: {declared}"
            yield LintCode.EXAMPLE_TYPE, call.line, message, "correct the example or the annotation"


def _mismatch(call: CallFacts, part: PartFacts) -> str:
    """In which way a call does not fit a signature; empty where it does."""
    parameters = part.parameters
    positional = [parameter for parameter in parameters if parameter.kind in _POSITIONAL]
    has = {parameter.kind for parameter in parameters}
    if len(call.positional) > len(positional) and "*args" not in has:
        return f"with {len(call.positional)} positional arguments; it takes {len(positional)}"
    by_name = {
        parameter.name
        for parameter in parameters
        if parameter.kind not in ("positional-only", "*args")
    }
    unknown = [parameter.name for parameter in call.keywords if parameter.name not in by_name]
    if unknown and "**kwargs" not in has:
        return f"with the argument {unknown[0]}, which it does not have"
    filled = {parameter.name for parameter in positional[: len(call.positional)]}
    twice = [parameter.name for parameter in call.keywords if parameter.name in filled & by_name]
    if twice:
        return f"with two values for {twice[0]}"
    bound = filled | {parameter.name for parameter in call.keywords}
    missing = [
        parameter.name
        for parameter in parameters
        if parameter.default is None
        and parameter.kind not in ("*args", "**kwargs")
        and parameter.name not in bound
    ]
    return f"without {', '.join(missing)}" if missing else ""


def _arguments_with_kinds(call: CallFacts, part: PartFacts) -> Iterator[tuple[Parameter, str]]:
    positional = [parameter for parameter in part.parameters if parameter.kind in _POSITIONAL]
    yield from zip(positional, call.positional, strict=False)
    by_name = {
        parameter.name: parameter for parameter in part.parameters if parameter.kind != "**kwargs"
    }
    for keyword in call.keywords:
        if keyword.name in by_name:
            yield by_name[keyword.name], keyword.kind


def _result_problems(
    example: ExampleFacts, shown: ShownFacts, part: PartFacts
) -> Iterator[Problem]:
    if part.shape != "function" or part.returns is None or not shown.kind:
        return
    declared = part.returns
    if not _fits(shown.kind, declared):
        message = f"the example shows {shown.text}, but {part.name} returns {declared.text}"
        yield LintCode.EXAMPLE_TYPE, example.line, message, "correct the example or the annotation"


def _fits(kind: str, annotation: Expression | None) -> bool:
    """Whether a literal of a built-in type may stand where something is declared."""
    kinds = built_in_kinds(annotation.text) if annotation else frozenset()
    return not kinds or kind in kinds


def _signature(part: PartFacts) -> str:
    names = ", ".join(parameter.name for parameter in part.parameters)
    return f"{part.name}({names})"
