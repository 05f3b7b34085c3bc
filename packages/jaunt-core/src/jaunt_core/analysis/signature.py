"""Compare what an answer defines with what the spec declares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jaunt_core.model.generation import Finding
from jaunt_core.model.spec import (
    AttributeFacts,
    ClassFacts,
    Expression,
    FunctionFacts,
    Kind,
    Parameter,
)

_HARMLESS_DECORATORS = ("typing.override", "typing_extensions.override")
_SKIPPING_MARKS = ("pytest.mark.skip", "pytest.mark.skipif", "pytest.mark.xfail")


def function_findings(
    declared: FunctionFacts, found: FunctionFacts, *, kind: Kind, owner: str = ""
) -> Iterator[Finding]:
    """How a function or method differs from its declaration; `owner` is its class."""
    name = f"{owner}.{declared.name}" if owner else declared.name
    yield from _shape_findings(name, declared, found)
    yield from _parameter_findings(name, declared, found, kind=kind)
    if declared.returns and _form(declared.returns) != _form(found.returns):
        yield Finding(
            code="return-annotation",
            line=found.line,
            message=f"{name} is declared to return {declared.returns.text}, "
            f"the answer says {_text(found.returns)}",
            expected=declared.declaration,
        )
    yield from _decorator_findings(name, declared, found, kind=kind)
    if found.stub:
        yield Finding(
            code="stub-body",
            line=found.line,
            message=f"the body of {name} is a stub; if doing nothing is right, say `return None`",
            expected="an implementation",
        )


def class_findings(declared: ClassFacts, found: ClassFacts) -> Iterator[Finding]:
    """How a class differs from its declaration; more members than declared are allowed."""
    name = declared.name
    if [base.form for base in declared.bases] != [base.form for base in found.bases]:
        yield Finding(
            code="base-classes",
            line=found.line,
            message=f"the bases of {name} are not as declared",
            expected=declared.declaration,
        )
    missing = {item.form: item.text for item in declared.decorators}
    for item in found.decorators:
        missing.pop(item.form, None)
    for text in missing.values():
        yield Finding(
            code="decorators",
            line=found.line,
            message=f"{name} lacks its decorator",
            expected=f"@{text}",
        )
    yield from _attribute_findings(declared, found)
    yield from _method_findings(declared, found)
    yield from _constructor_findings(declared, found)


def _shape_findings(name: str, declared: FunctionFacts, found: FunctionFacts) -> Iterator[Finding]:
    if declared.shape == found.shape or _may_be_generator(declared, found):
        return
    is_async, was_async = found.shape.startswith("async"), declared.shape.startswith("async")
    if is_async != was_async:
        yield Finding(
            code="async",
            line=found.line,
            message=f"{name} is declared {'' if was_async else 'not '}async",
            expected=declared.declaration,
        )
    elif declared.shape.endswith("generator"):
        yield Finding(
            code="generator",
            line=found.line,
            message=f"{name} is declared as a generator, the answer never yields",
            expected="a `yield` in its body",
        )
    else:
        yield Finding(
            code="generator",
            line=found.line,
            message=f"{name} is declared as a coroutine function, the answer yields",
            expected="no `yield` in its body; return an asynchronous iterator instead",
        )


def _may_be_generator(declared: FunctionFacts, found: FunctionFacts) -> bool:
    """A plain `def` may return its iterator from a generator, `async` for asynchronous ones."""
    returns = _form(declared.returns)
    if declared.shape != "function":
        return False
    if found.shape == "generator":
        return True
    return found.shape == "async generator" and returns.startswith("collections.abc.Async")


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
                code="parameter-missing",
                line=found.line,
                message=f"{name} lacks the parameter {item}",
                expected=expected,
            )
    for item in extra:
        yield Finding(
            code="parameter-extra",
            line=found.line,
            message=f"{name} has the parameter {item}, which is not declared",
            expected=expected,
        )
    shared = [item for item in wanted if item in given]
    if shared != [item for item in given if item in wanted]:
        yield Finding(
            code="parameter-order",
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
            code="parameter-kind",
            line=line,
            message=f"parameter {declared.name} of {name} is declared {declared.kind}, "
            f"the answer makes it {found.kind}",
            expected=expected,
        )
    if _form(declared.default) != _form(found.default):
        yield Finding(
            code="parameter-default",
            line=line,
            message=f"parameter {declared.name} of {name} has {_default(found.default)}",
            expected=_default(declared.default),
        )
    if declared.annotation and declared.annotation.form != _form(found.annotation):
        yield Finding(
            code="parameter-annotation",
            line=line,
            message=f"parameter {declared.name} of {name} is annotated {_text(found.annotation)}",
            expected=declared.annotation.text,
        )


def _decorator_findings(
    name: str, declared: FunctionFacts, found: FunctionFacts, *, kind: Kind
) -> Iterator[Finding]:
    wanted = {item.form: item.text for item in declared.decorators}
    for item in found.decorators:
        is_declared = wanted.pop(item.form, None) is not None
        bare = item.form.removeprefix("(Call :func ").split(" ", 1)[0].rstrip(")")
        if kind is Kind.TEST:
            if not is_declared and bare in _SKIPPING_MARKS:
                yield Finding(
                    code="test-skipped",
                    line=found.line,
                    message=f"{name} is marked @{item.text}, so it proves nothing",
                    expected="a test that runs",
                )
        elif not is_declared and item.form not in _HARMLESS_DECORATORS:
            yield Finding(
                code="decorators",
                line=found.line,
                message=f"{name} has the decorator @{item.text}, which is not part of its "
                "declaration; the spec module applies its own",
                expected=declared.declaration,
            )
    for text in wanted.values():
        yield Finding(
            code="decorators",
            line=found.line,
            message=f"{name} lacks its decorator",
            expected=f"@{text}",
        )


def _method_findings(declared: ClassFacts, found: ClassFacts) -> Iterator[Finding]:
    for method in declared.methods:
        same = [item for item in found.methods if item.name == method.name]
        match = _best_match(method, same)
        if match is None:
            yield Finding(
                code="member-missing",
                line=found.line,
                message=f"{declared.name} lacks the method {method.name}",
                expected="".join(f"@{item.text} " for item in method.decorators)
                + method.declaration,
            )
        else:
            yield from function_findings(method, match, kind=Kind.BUILD, owner=declared.name)


def _best_match(method: FunctionFacts, same: Sequence[FunctionFacts]) -> FunctionFacts | None:
    """The one with the same decorators: a property and its setter share a name."""
    forms = [item.form for item in method.decorators]
    exact = [item for item in same if [it.form for it in item.decorators] == forms]
    if exact:
        return exact[-1]
    is_accessor = any(form.endswith((".setter", ".deleter")) for form in forms)
    return same[-1] if same and not is_accessor else None


def _attribute_findings(declared: ClassFacts, found: ClassFacts) -> Iterator[Finding]:
    given = {item.name: item for item in found.attributes}
    for item in declared.attributes:
        match = given.get(item.name)
        if match is None:
            yield Finding(
                code="attribute-missing",
                line=found.line,
                message=f"the body of class {declared.name} lacks the attribute {item.name}",
                expected=_attribute(item),
            )
        elif _differs(item, match):
            yield Finding(
                code="attribute",
                line=match.line,
                message=f"attribute {item.name} of {declared.name} is not as declared",
                expected=_attribute(item),
            )


def _differs(declared: AttributeFacts, found: AttributeFacts) -> bool:
    if declared.annotation and declared.annotation.form != _form(found.annotation):
        return True
    return declared.default is not None and declared.default.form != _form(found.default)


def _constructor_findings(declared: ClassFacts, found: ClassFacts) -> Iterator[Finding]:
    if declared.bases or declared.decorators:
        return  # the constructor may come from there
    if any(item.name in ("__init__", "__new__") for item in declared.methods):
        return
    for method in found.methods:
        if method.name not in ("__init__", "__new__"):
            continue
        required = [
            item.name
            for item in method.parameters[1:]
            if item.default is None and item.kind not in ("*args", "**kwargs")
        ]
        if required:
            yield Finding(
                code="constructor",
                line=method.line,
                message=f"{declared.name} declares no {method.name}, so it must be callable "
                f"without arguments; the answer requires {', '.join(required)}",
                expected=f"{declared.name}()",
            )


def _attribute(item: AttributeFacts) -> str:
    annotation = f": {item.annotation.text}" if item.annotation else ""
    default = f" = {item.default.text}" if item.default else ""
    return f"{item.name}{annotation}{default}"


def _form(expression: Expression | None) -> str:
    return expression.form if expression else ""


def _text(expression: Expression | None) -> str:
    return expression.text if expression else "nothing"


def _default(expression: Expression | None) -> str:
    return f"the default {expression.text}" if expression else "no default"


__all__ = ["class_findings", "function_findings"]
