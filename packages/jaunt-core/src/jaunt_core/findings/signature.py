"""Differences between a function of an answer and its declaration."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jaunt_core.findings.codes import FindingCode
from jaunt_core.model.generation import Finding
from jaunt_core.model.spec import Expression, FunctionFacts, Kind, Parameter

_HARMLESS_DECORATORS = frozenset(
    f"{module}.{name}"
    for module in ("typing", "typing_extensions")
    for name in ("override", "final", "no_type_check")
)
_CACHES = frozenset({"functools.cache", "functools.lru_cache"})
_ITERATORS = frozenset(
    ["Iterable", "Iterator", "Generator", "AsyncIterable", "AsyncIterator", "AsyncGenerator"]
)
_SKIPPING_MARKS = frozenset(
    {
        *(f"pytest.mark.{name}" for name in ("skip", "skipif", "xfail")),
        *(f"unittest.{name}" for name in ("skip", "skipIf", "skipUnless", "expectedFailure")),
    }
)


def function_findings(
    declared: FunctionFacts, actual: FunctionFacts, *, kind: Kind, owner: str = ""
) -> Iterator[Finding]:
    """Where a function or method differs from its declaration; `owner` is its class."""
    name = f"{owner}.{declared.name}" if owner else declared.name
    yield from _shape_findings(name, declared, actual)
    yield from _parameter_findings(name, declared, actual, kind=kind)
    if declared.returns and meaning_of(declared.returns) != meaning_of(actual.returns):
        message = (
            f"{name} is declared to return {declared.returns.text}, "
            f"the answer says {_answer_text(declared.returns, actual.returns)}"
        )
        yield FindingCode.RETURN_ANNOTATION.finding(message, declared.declaration, line=actual.line)
    yield from _decorator_findings(name, declared, actual, kind=kind)


def _shape_findings(name: str, declared: FunctionFacts, actual: FunctionFacts) -> Iterator[Finding]:
    if declared.shape == actual.shape or _may_yield(declared, actual):
        return
    is_async, was_async = actual.shape.startswith("async"), declared.shape.startswith("async")
    if is_async != was_async:
        message = f"{name} is declared {'' if was_async else 'not '}async"
        yield FindingCode.ASYNC.finding(message, declared.declaration, line=actual.line)
    elif declared.shape.endswith("generator"):
        message = f"{name} is declared as a generator, the answer never yields"
        yield FindingCode.GENERATOR.finding(message, "a `yield` in its body", line=actual.line)
    elif was_async:
        message = f"{name} is declared as a coroutine function, the answer yields"
        expected = "no `yield` in its body; return an asynchronous iterator instead"
        yield FindingCode.GENERATOR.finding(message, expected, line=actual.line)
    else:
        message = (
            f"{name} is declared to return {_expression_text(declared.returns)}, the answer yields"
        )
        yield FindingCode.GENERATOR.finding(message, "no `yield` in its body", line=actual.line)


def _may_yield(declared: FunctionFacts, actual: FunctionFacts) -> bool:
    """Whether a plain `def` may be a generator: one that is declared to return an iterator may.

    A type alias has the benefit of the doubt, since it is not resolved here.
    """
    if declared.shape != "function":
        return False
    base = re.split(r"[\[ ]", meaning_of(declared.returns))[0]
    module, _, last = base.rpartition(".")
    if module in ("collections.abc", "typing") and last != "Any":
        is_async = actual.shape == "async generator"
        return last in _ITERATORS and last.startswith("Async") == is_async
    return actual.shape == "generator" and (not base.isidentifier() or base == "object")


def _parameter_findings(
    name: str, declared: FunctionFacts, actual: FunctionFacts, *, kind: Kind
) -> Iterator[Finding]:
    expected = declared.declaration
    wanted = {parameter.name: parameter for parameter in declared.parameters}
    present = {parameter.name: parameter for parameter in actual.parameters}
    extra = [parameter for parameter in present if parameter not in wanted]
    if kind is Kind.TEST:
        extra = [parameter for parameter in extra if parameter not in actual.parametrized]
    for parameter in wanted:
        if parameter not in present:
            message = f"{name} lacks the parameter {parameter}"
            yield FindingCode.PARAMETER_MISSING.finding(message, expected, line=actual.line)
    for parameter in extra:
        message = f"{name} has the parameter {parameter}, which is not declared"
        yield FindingCode.PARAMETER_EXTRA.finding(message, expected, line=actual.line)
    shared = [parameter for parameter in wanted if parameter in present]
    if shared != [parameter for parameter in present if parameter in wanted]:
        message = f"the parameters of {name} are in another order than declared"
        yield FindingCode.PARAMETER_ORDER.finding(message, expected, line=actual.line)
    for parameter in shared:
        yield from _one_parameter_findings(
            name, wanted[parameter], present[parameter], actual.line, expected
        )


def _one_parameter_findings(
    name: str, declared: Parameter, actual: Parameter, line: int, expected: str
) -> Iterator[Finding]:
    if declared.kind != actual.kind:
        message = (
            f"parameter {declared.name} of {name} is declared {declared.kind}, "
            f"the answer makes it {actual.kind}"
        )
        yield FindingCode.PARAMETER_KIND.finding(message, expected, line=line)
    if form_of(declared.default) != form_of(actual.default):
        yield FindingCode.PARAMETER_DEFAULT.finding(
            f"parameter {declared.name} of {name} has "
            f"{_default_text(actual.default, declared.default)}",
            _default_text(declared.default),
            line=line,
        )
    if declared.annotation and meaning_of(declared.annotation) != meaning_of(actual.annotation):
        message = (
            f"parameter {declared.name} of {name} is annotated "
            f"{_answer_text(declared.annotation, actual.annotation)}"
        )
        yield FindingCode.PARAMETER_ANNOTATION.finding(message, declared.annotation.text, line=line)


def _decorator_findings(
    name: str, declared: FunctionFacts, actual: FunctionFacts, *, kind: Kind
) -> Iterator[Finding]:
    wanted = {decorator.form: decorator.text for decorator in declared.decorators}
    for decorator in actual.decorators:
        is_declared = wanted.pop(decorator.form, None) is not None
        if is_declared or _is_harmless(decorator, actual, kind):
            continue
        if kind is Kind.TEST:
            message = f"{name} is marked @{decorator.text}, so it proves nothing"
            yield FindingCode.TEST_SKIPPED.finding(message, "a test that runs", line=actual.line)
        else:
            message = (
                f"{name} has the decorator @{decorator.text}, which is not part of its "
                "declaration; the spec module applies its own"
            )
            yield FindingCode.DECORATORS.finding(message, declared.declaration, line=actual.line)
    for text in wanted.values():
        message = f"{name} lacks its decorator"
        yield FindingCode.DECORATORS.finding(message, f"@{text}", line=actual.line)


def _is_harmless(decorator: Expression, actual: FunctionFacts, kind: Kind) -> bool:
    """Whether a decorator that nobody asked for leaves the function what it is declared to be."""
    name = name_of_decorator(decorator)
    # Fixtures, parameters and other marks leave a test a test.
    if kind is Kind.TEST:
        return name not in _SKIPPING_MARKS
    return name in _HARMLESS_DECORATORS or (name in _CACHES and actual.shape == "function")


def name_of_decorator(decorator: Expression) -> str:
    """The qualified name of a decorator, or of what makes it."""
    return decorator.form.removeprefix("(Call :func ").split(" ", 1)[0].rstrip(")")


def form_of(expression: Expression | None) -> str:
    """The form of an expression that is compared; empty where there is none."""
    return expression.form if expression else ""


def meaning_of(expression: Expression | None) -> str:
    """What a type means, the same for all its spellings; empty where there is none."""
    return (expression.meaning or expression.form) if expression else ""


def _expression_text(expression: Expression | None) -> str:
    return expression.text if expression else "nothing"


def _answer_text(declared: Expression, actual: Expression | None) -> str:
    """How a message quotes the answer; the same text may mean something else there."""
    if actual is None or actual.text != declared.text:
        return _expression_text(actual)
    return f"{actual.text}, which means another thing here than in the spec module"


def _default_text(expression: Expression | None, declared: Expression | None = None) -> str:
    if expression is None:
        return "no default"
    return f"the default {_answer_text(declared, expression) if declared else expression.text}"
