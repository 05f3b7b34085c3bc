"""Compare a class of an answer with its declaration."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jaunt_core.findings.codes import FindingCode
from jaunt_core.findings.signature import form_of, function_findings
from jaunt_core.model.generation import Finding
from jaunt_core.model.spec import AttributeFacts, ClassFacts, FunctionFacts, Kind

_DATACLASS = ("dataclasses.dataclass", "(Call :func dataclasses.dataclass")
_CLASS_VARIABLE = "typing.ClassVar"


def class_findings(
    declared: ClassFacts, found: ClassFacts, *, is_bare: bool = True
) -> Iterator[Finding]:
    """How a class differs from its declaration; more members than declared are allowed.

    Args:
        declared: The class of the spec.
        found: The class of the answer.
        is_bare: Whether no decorator but ours stands on the spec.
    """
    name = declared.name
    if _bases(declared) != _bases(found):
        yield Finding(
            code=FindingCode.BASE_CLASSES,
            line=found.line,
            message=f"the bases of {name} are not as declared",
            expected=declared.declaration,
        )
    if found.stub and not _bases(found) and not found.decorators:
        yield Finding(
            code=FindingCode.STUB_BODY,
            line=found.line,
            message=f"the body of {name} is empty; if that is right, say `__slots__ = ()`",
            expected="an implementation",
        )
    missing = {item.form: item.text for item in declared.decorators}
    for item in found.decorators:
        missing.pop(item.form, None)
    for text in missing.values():
        yield Finding(
            code=FindingCode.DECORATORS,
            line=found.line,
            message=f"{name} lacks its decorator",
            expected=f"@{text}",
        )
    yield from _attribute_findings(declared, found)
    yield from _method_findings(declared, found)
    if is_bare and not _bases(declared):  # else the constructor may come from there
        yield from _constructor_findings(declared, found)


def _bases(facts: ClassFacts) -> list[str]:
    bases = [item.form for item in facts.bases if item.form != "object"]
    return [*bases, *sorted(item.form for item in facts.keywords)]


def _method_findings(declared: ClassFacts, found: ClassFacts) -> Iterator[Finding]:
    for method in declared.methods:
        same = [item for item in found.methods if item.name == method.name]
        match = _best_match(method, same)
        if match is None:
            yield Finding(
                code=FindingCode.MEMBER_MISSING,
                line=found.line,
                message=f"{declared.name} lacks the method {method.name}",
                expected="".join(f"@{item.text} " for item in method.decorators)
                + method.declaration,
            )
        else:
            yield from function_findings(method, match, kind=Kind.BUILD, owner=declared.name)


def _best_match(method: FunctionFacts, same: Sequence[FunctionFacts]) -> FunctionFacts | None:
    """The one with the same decorators: a property and its setter share a name."""
    wanted = _decorators(method)
    exact = [item for item in same if _decorators(item) == wanted]
    if exact or _is_accessor(method):
        return exact[-1] if exact else None
    others = [item for item in same if not _is_accessor(item)]
    covering = [item for item in others if set(wanted) <= set(_decorators(item))]
    return next(reversed(covering or others), None)


def _decorators(method: FunctionFacts) -> list[str]:
    return [item.form for item in method.decorators]


def _is_accessor(method: FunctionFacts) -> bool:
    return any(form.endswith((".setter", ".deleter")) for form in _decorators(method))


def _attribute_findings(declared: ClassFacts, found: ClassFacts) -> Iterator[Finding]:
    given = {item.name: item for item in found.attributes}
    for item in declared.attributes:
        match = given.get(item.name)
        if match is None:
            yield Finding(
                code=FindingCode.ATTRIBUTE_MISSING,
                line=found.line,
                message=f"the body of class {declared.name} lacks the attribute {item.name}",
                expected=_attribute(item),
            )
        elif _differs(item, match):
            yield Finding(
                code=FindingCode.ATTRIBUTE,
                line=match.line,
                message=f"attribute {item.name} of {declared.name} is not as declared",
                expected=_attribute(item),
            )


def _differs(declared: AttributeFacts, found: AttributeFacts) -> bool:
    if declared.annotation and declared.annotation.form != form_of(found.annotation):
        return True
    return declared.default is not None and declared.default.form != form_of(found.default)


def _constructor_findings(declared: ClassFacts, found: ClassFacts) -> Iterator[Finding]:
    if any(item.name in ("__init__", "__new__") for item in declared.methods):
        return
    for name, line, required in _required_arguments(found):
        if required:
            yield Finding(
                code=FindingCode.CONSTRUCTOR,
                line=line,
                message=f"{declared.name} declares no {name}, so it must be callable "
                f"without arguments; the answer requires {', '.join(required)}",
                expected=f"{declared.name}()",
            )


def _required_arguments(found: ClassFacts) -> Iterator[tuple[str, int, list[str]]]:
    """What each constructor of a class cannot do without."""
    constructors = [item for item in found.methods if item.name in ("__init__", "__new__")]
    for method in constructors:
        required = [
            item.name
            for item in method.parameters[1:]
            if item.default is None and item.kind not in ("*args", "**kwargs")
        ]
        yield method.name, method.line, required
    is_dataclass = any(item.form.startswith(_DATACLASS) for item in found.decorators)
    if is_dataclass and not constructors:
        fields = [
            item.name
            for item in found.attributes
            if item.default is None and not form_of(item.annotation).startswith(_CLASS_VARIABLE)
        ]
        yield "__init__", found.line, fields


def _attribute(item: AttributeFacts) -> str:
    annotation = f": {item.annotation.text}" if item.annotation else ""
    default = f" = {item.default.text}" if item.default else ""
    return f"{item.name}{annotation}{default}"


__all__ = ["class_findings"]
