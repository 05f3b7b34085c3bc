"""Compare a function of an answer with its declaration."""

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
    declared: FunctionFacts, found: FunctionFacts, *, kind: Kind, owner: str = ""
) -> Iterator[Finding]:
    """How a function or method differs from its declaration; `owner` is its class."""
    name = f"{owner}.{declared.name}" if owner else declared.name
    yield from _shape_findings(name, declared, found)
    yield from _parameter_findings(name, declared, found, kind=kind)
    if declared.returns and form_of(declared.returns) != form_of(found.returns):
        yield Finding(
            code=FindingCode.RETURN_ANNOTATION,
            line=found.line,
            message=f"{name} is declared to return {declared.returns.text}, "
            f"the answer says {_said(declared.returns, found.returns)}",
            expected=declared.declaration,
        )
    yield from _decorator_findings(name, declared, found, kind=kind)
    if found.stub and "NotImplementedError" not in declared.docstring:
        yield Finding(
            code=FindingCode.STUB_BODY,
            line=found.line,
            message=f"the body of {name} is a stub; if doing nothing is right, say `return None`",
            expected="an implementation",
        )


def _shape_findings(name: str, declared: FunctionFacts, found: FunctionFacts) -> Iterator[Finding]:
    if declared.shape == found.shape or _may_be_generator(declared, found):
        return
    is_async, was_async = found.shape.startswith("async"), declared.shape.startswith("async")
    if is_async != was_async:
        yield Finding(
            code=FindingCode.ASYNC,
            line=found.line,
            message=f"{name} is declared {'' if was_async else 'not '}async",
            expected=declared.declaration,
        )
    elif declared.shape.endswith("generator"):
        yield Finding(
            code=FindingCode.GENERATOR,
            line=found.line,
            message=f"{name} is declared as a generator, the answer never yields",
            expected="a `yield` in its body",
        )
    elif was_async:
        yield Finding(
            code=FindingCode.GENERATOR,
            line=found.line,
            message=f"{name} is declared as a coroutine function, the answer yields",
            expected="no `yield` in its body; return an asynchronous iterator instead",
        )
    else:
        yield Finding(
            code=FindingCode.GENERATOR,
            line=found.line,
            message=f"{name} is declared to return {_text(declared.returns)}, the answer yields",
            expected="no `yield` in its body",
        )


def _may_be_generator(declared: FunctionFacts, found: FunctionFacts) -> bool:
    """A plain `def` may return its iterator from a generator, `async` for asynchronous ones.

    An alias, which nobody can see through here, gets the benefit of the doubt.
    """
    if declared.shape != "function":
        return False
    base = re.split(r"[\[ ]", form_of(declared.returns))[0]
    module, _, last = base.rpartition(".")
    if module in ("collections.abc", "typing") and last != "Any":
        is_async = found.shape == "async generator"
        return last in _ITERATORS and last.startswith("Async") == is_async
    return found.shape == "generator" and (not base.isidentifier() or base == "object")


def _parameter_findings(
    name: str, declared: FunctionFacts, found: FunctionFacts, *, kind: Kind
) -> Iterator[Finding]:
    expected = declared.declaration
    wanted = {item.name: item for item in declared.parameters}
    given = {item.name: item for item in found.parameters}
    extra = [item for item in given if item not in wanted]
    if kind is Kind.TEST:
        extra = [item for item in extra if item not in found.parametrized]
    for item in wanted:
        if item not in given:
            yield Finding(
                code=FindingCode.PARAMETER_MISSING,
                line=found.line,
                message=f"{name} lacks the parameter {item}",
                expected=expected,
            )
    for item in extra:
        yield Finding(
            code=FindingCode.PARAMETER_EXTRA,
            line=found.line,
            message=f"{name} has the parameter {item}, which is not declared",
            expected=expected,
        )
    shared = [item for item in wanted if item in given]
    if shared != [item for item in given if item in wanted]:
        yield Finding(
            code=FindingCode.PARAMETER_ORDER,
            line=found.line,
            message=f"the parameters of {name} are in another order than declared",
            expected=expected,
        )
    for item in shared:
        yield from _one_parameter(name, wanted[item], given[item], found.line, expected)


def _one_parameter(
    name: str, declared: Parameter, found: Parameter, line: int, expected: str
) -> Iterator[Finding]:
    if declared.kind != found.kind:
        yield Finding(
            code=FindingCode.PARAMETER_KIND,
            line=line,
            message=f"parameter {declared.name} of {name} is declared {declared.kind}, "
            f"the answer makes it {found.kind}",
            expected=expected,
        )
    if form_of(declared.default) != form_of(found.default):
        yield Finding(
            code=FindingCode.PARAMETER_DEFAULT,
            line=line,
            message=f"parameter {declared.name} of {name} has "
            f"{_default(found.default, declared.default)}",
            expected=_default(declared.default),
        )
    if declared.annotation and declared.annotation.form != form_of(found.annotation):
        yield Finding(
            code=FindingCode.PARAMETER_ANNOTATION,
            line=line,
            message=f"parameter {declared.name} of {name} is annotated "
            f"{_said(declared.annotation, found.annotation)}",
            expected=declared.annotation.text,
        )


def _decorator_findings(
    name: str, declared: FunctionFacts, found: FunctionFacts, *, kind: Kind
) -> Iterator[Finding]:
    wanted = {item.form: item.text for item in declared.decorators}
    for item in found.decorators:
        is_declared = wanted.pop(item.form, None) is not None
        if is_declared or _is_harmless(item, found, kind):
            continue
        if kind is Kind.TEST:
            yield Finding(
                code=FindingCode.TEST_SKIPPED,
                line=found.line,
                message=f"{name} is marked @{item.text}, so it proves nothing",
                expected="a test that runs",
            )
        else:
            yield Finding(
                code=FindingCode.DECORATORS,
                line=found.line,
                message=f"{name} has the decorator @{item.text}, which is not part of its "
                "declaration; the spec module applies its own",
                expected=declared.declaration,
            )
    for text in wanted.values():
        yield Finding(
            code=FindingCode.DECORATORS,
            line=found.line,
            message=f"{name} lacks its decorator",
            expected=f"@{text}",
        )


def _is_harmless(decorator: Expression, found: FunctionFacts, kind: Kind) -> bool:
    """Whether a decorator that nobody asked for leaves the function what it is declared to be."""
    name = decorator.form.removeprefix("(Call :func ").split(" ", 1)[0].rstrip(")")
    if kind is Kind.TEST:
        return name not in _SKIPPING_MARKS
    return name in _HARMLESS_DECORATORS or (name in _CACHES and found.shape == "function")


def form_of(expression: Expression | None) -> str:
    """The form that is compared, empty where there is nothing."""
    return expression.form if expression else ""


def _text(expression: Expression | None) -> str:
    return expression.text if expression else "nothing"


def _said(declared: Expression, found: Expression | None) -> str:
    """What the answer says in place of what is declared."""
    if found is None or found.text != declared.text:
        return _text(found)
    return f"{found.text}, which means another thing here than in the spec module"


def _default(expression: Expression | None, declared: Expression | None = None) -> str:
    if expression is None:
        return "no default"
    return f"the default {_said(declared, expression) if declared else expression.text}"


__all__ = ["form_of", "function_findings"]
