"""Differences between a class of an answer and its declaration."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jaunt_core.findings.codes import FindingCode
from jaunt_core.findings.provided_members import DATACLASS, is_field, methods_of, provides
from jaunt_core.findings.signature import form_of, function_findings, meaning_of, name_of_decorator
from jaunt_core.findings.stubs import may_be_empty, stub_findings
from jaunt_core.model.generation import Finding
from jaunt_core.model.spec import AttributeFacts, ClassFacts, Expression, FunctionFacts, Kind

# They leave a class what it is: what they say is for readers, and what they add is more members.
# The constructor that a dataclass brings is looked at like any other.
_HARMLESS_DECORATORS = frozenset(
    {
        DATACLASS,
        "functools.total_ordering",
        "enum.unique",
        "enum.verify",
        "abc.update_abstractmethods",
        *(
            f"{module}.{name}"
            for module in ("typing", "typing_extensions")
            for name in ("final", "no_type_check", "runtime_checkable")
        ),
    }
)


def class_findings(
    declared: ClassFacts, actual: ClassFacts, *, is_bare: bool = True
) -> Iterator[Finding]:
    """Where a class differs from its declaration; more members than declared are allowed.

    Args:
        declared: The class of the spec.
        actual: The class of the answer.
        is_bare: Whether no decorator but ours stands on the spec.
    """
    name = declared.name
    if _base_forms(declared) != _base_forms(actual):
        message = f"the bases of {name} are not as declared"
        yield FindingCode.BASE_CLASSES.finding(message, declared.declaration, line=actual.line)
    is_stub = actual.stub and not (_base_forms(actual) or actual.decorators)
    if is_stub and not may_be_empty(declared):
        message = f"the body of {name} is empty; if that is right, say `__slots__ = ()`"
        yield FindingCode.STUB_BODY.finding(message, "an implementation", line=actual.line)
    yield from _decorator_findings(declared, actual)
    yield from _attribute_findings(declared, actual)
    yield from _method_findings(declared, actual)
    if is_bare and not _base_forms(declared):  # else the constructor may come from there
        yield from _constructor_findings(declared, actual)


def _decorator_findings(declared: ClassFacts, actual: ClassFacts) -> Iterator[Finding]:
    missing = {_bare_form(decorator): decorator.text for decorator in declared.decorators}
    for decorator in actual.decorators:
        is_declared = missing.pop(_bare_form(decorator), None) is not None
        if not is_declared and name_of_decorator(decorator) not in _HARMLESS_DECORATORS:
            message = (
                f"{declared.name} has the decorator @{decorator.text}, which is not part of its "
                "declaration; the spec module applies its own"
            )
            yield FindingCode.DECORATORS.finding(message, declared.declaration, line=actual.line)
    for text in missing.values():
        message = f"{declared.name} lacks its decorator"
        yield FindingCode.DECORATORS.finding(message, f"@{text}", line=actual.line)


def _bare_form(decorator: Expression) -> str:
    """The form of a decorator, the same for `@dataclass` and `@dataclass()`."""
    name = name_of_decorator(decorator)
    is_bare = decorator.form == f"(Call :func {name})" and name == DATACLASS
    return name if is_bare else decorator.form


def _base_forms(facts: ClassFacts) -> list[str]:
    bases = [meaning_of(base) for base in facts.bases if base.form != "object"]
    return [*bases, *sorted(keyword.form for keyword in facts.keywords)]


def _method_findings(declared: ClassFacts, actual: ClassFacts) -> Iterator[Finding]:
    methods = methods_of(actual)
    is_alone = all(method.stub for method in actual.methods)
    for method in methods_of(declared):
        same = [candidate for candidate in methods if candidate.name == method.name]
        match = _best_match(method, same)
        if match is None and provides(actual, method):
            continue
        if match is None:
            message = f"{declared.name} lacks the method {method.name}"
            expected = "".join(f"@{item.text} " for item in method.decorators) + method.declaration
            yield FindingCode.MEMBER_MISSING.finding(message, expected, line=actual.line)
            continue
        yield from function_findings(method, match, kind=Kind.BUILD, owner=declared.name)
        yield from stub_findings(method, match, owner=declared, is_alone=is_alone)


def _best_match(method: FunctionFacts, same: Sequence[FunctionFacts]) -> FunctionFacts | None:
    """The method with the same decorators: a property and its setter share a name."""
    wanted = _decorator_forms(method)
    exact = [candidate for candidate in same if _decorator_forms(candidate) == wanted]
    if exact or _is_accessor(method):
        return exact[-1] if exact else None
    others = [candidate for candidate in same if not _is_accessor(candidate)]
    covering = [
        candidate for candidate in others if set(wanted) <= set(_decorator_forms(candidate))
    ]
    # Of several definitions the last one counts at run time.
    return next(reversed(covering or others), None)


def _decorator_forms(method: FunctionFacts) -> list[str]:
    return [item.form for item in method.decorators]


def _is_accessor(method: FunctionFacts) -> bool:
    return any(form.endswith((".setter", ".deleter")) for form in _decorator_forms(method))


def _attribute_findings(declared: ClassFacts, actual: ClassFacts) -> Iterator[Finding]:
    attributes = {attribute.name: attribute for attribute in actual.attributes}
    aliases = {method.name for method in methods_of(declared)}
    for attribute in declared.attributes:
        if attribute.name in aliases:  # another name for a method, which is compared as one
            continue
        match = attributes.get(attribute.name)
        if match is None:
            message = f"the body of class {declared.name} lacks the attribute {attribute.name}"
            expected = _attribute_text(attribute)
            yield FindingCode.ATTRIBUTE_MISSING.finding(message, expected, line=actual.line)
        elif _differs(attribute, match):
            message = f"attribute {attribute.name} of {declared.name} is not as declared"
            expected = _attribute_text(attribute)
            yield FindingCode.ATTRIBUTE.finding(message, expected, line=match.line)


def _differs(declared: AttributeFacts, actual: AttributeFacts) -> bool:
    if declared.annotation and meaning_of(declared.annotation) != meaning_of(actual.annotation):
        return True
    return declared.default is not None and declared.default.form != form_of(actual.default)


def _constructor_findings(declared: ClassFacts, actual: ClassFacts) -> Iterator[Finding]:
    if any(item.name in ("__init__", "__new__") for item in declared.methods):
        return
    for name, line, required in _required_arguments(actual):
        if required:
            message = (
                f"{declared.name} declares no {name}, so it must be callable "
                f"without arguments; the answer requires {', '.join(required)}"
            )
            yield FindingCode.CONSTRUCTOR.finding(message, f"{declared.name}()", line=line)


def _required_arguments(actual: ClassFacts) -> Iterator[tuple[str, int, list[str]]]:
    """Name, line and required arguments of each constructor of a class."""
    constructors = [method for method in actual.methods if method.name in ("__init__", "__new__")]
    for method in constructors:
        required = [
            parameter.name
            for parameter in method.parameters[1:]
            if parameter.default is None and parameter.kind not in ("*args", "**kwargs")
        ]
        yield method.name, method.line, required
    is_dataclass = any(name_of_decorator(each) == DATACLASS for each in actual.decorators)
    if is_dataclass and not constructors:
        fields = [
            field.name for field in actual.attributes if field.default is None and is_field(field)
        ]
        yield "__init__", actual.line, fields


def _attribute_text(attribute: AttributeFacts) -> str:
    annotation = f": {attribute.annotation.text}" if attribute.annotation else ""
    default = f" = {attribute.default.text}" if attribute.default else ""
    return f"{attribute.name}{annotation}{default}"
