"""What a model would have to guess about specs: facts in, findings out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from jaunt_core.lint.examples import example_findings
from jaunt_core.model.lint import LintCode, LintFinding, PartFacts, ProseFacts, SpecLint
from jaunt_core.model.spec import Kind, SpecModule, SpecRef, SpecSource

Found = tuple[LintCode, int, str, str]
"""Code, line, message and remedy."""

_CONSTRUCTORS = ("__init__", "__new__", "__init_subclass__", "__post_init__")


def lint_findings(
    module: SpecModule,
    facts: Iterable[SpecLint],
    specs: Mapping[SpecRef, SpecSource],
    *,
    infers: bool,
) -> list[LintFinding]:
    """All that is to be said about the specs of a module, ordered by line.

    Args:
        module: The module.
        facts: What the linter read of its specs.
        specs: All specs of the project.
        infers: Whether dependencies are inferred where a spec does not say so itself.
    """
    listed = {item.name: item for item in facts}
    found: list[LintFinding] = []
    for spec in module.specs:
        if spec.name not in listed:
            continue
        item = listed[spec.name]
        said = [
            *_spec_findings(spec, item),
            *_dependency_findings(spec, item, specs, infers=infers),
            *example_findings(item, listed),
        ]
        found += [
            LintFinding(
                code=code, spec=spec.ref, path=spec.path, line=line, message=message, remedy=remedy
            )
            for code, line, message, remedy in said
        ]
    return sorted(set(found), key=lambda each: (each.line, each.code, each.message))


def _spec_findings(spec: SpecSource, item: SpecLint) -> Iterator[Found]:
    if not item.documented:
        yield (
            LintCode.NO_DOCSTRING,
            item.line,
            f"{item.name} has no docstring",
            "say what it does; the docstring is what the model works from",
        )
    for attribute in item.attributes_of_any:
        yield _any_finding(f"attribute {attribute.name} of {item.name}", attribute.line)
    for part in item.parts:
        yield from _part_findings(part, item, spec.kind)
    for prose in (item.prose, *(part.prose for part in item.parts)):
        if prose is not None:
            yield from _prose_findings(prose)


def _part_findings(part: PartFacts, item: SpecLint, kind: Kind) -> Iterator[Found]:
    name = part.name.rpartition(".")[2]
    if kind is Kind.BUILD:  # what a test takes are fixtures, and it returns nothing
        for parameter in part.untyped:
            yield (
                LintCode.UNTYPED_PARAMETER,
                parameter.line,
                f"parameter {parameter.name} of {part.name} has no type",
                f"annotate it: `{parameter.name}: …`",
            )
        if part.returns is None and name not in _CONSTRUCTORS:
            yield (
                LintCode.UNTYPED_RETURN,
                part.line,
                f"{part.name} does not say what it returns",
                "annotate it, with `-> None` where it returns nothing",
            )
    for parameter in part.any:
        yield _any_finding(f"parameter {parameter.name} of {part.name}", parameter.line)
    if part.returns_any:
        yield _any_finding(f"what {part.name} returns", part.line)
    if item.is_class and part.empty and not (part.documented or name.startswith("_")):
        yield (
            LintCode.NO_DOCSTRING,
            part.line,
            f"method {part.name} has neither docstring nor body",
            "say what it does",
        )


def _any_finding(what: str, line: int) -> Found:
    return (
        LintCode.ANY_TYPE,
        line,
        f"{what} is Any, which tells a model nothing",
        "name the type; `object` where it may really be anything",
    )


def _prose_findings(prose: ProseFacts) -> Iterator[Found]:
    for item in prose.raises:
        if not item.condition.strip(" ."):
            yield (
                LintCode.RAISES_WITHOUT_CONDITION,
                item.line,
                f"{item.name} is said to be raised, but not when",
                f"add the condition: `{item.name}: If …`",
            )
    for name in prose.unknown:
        meant = f"did you mean `{name.nearest}`?" if name.nearest else "correct or import it"
        yield LintCode.UNKNOWN_NAME, name.line, f"there is no {name.name} here", meant


def _dependency_findings(
    spec: SpecSource, item: SpecLint, specs: Mapping[SpecRef, SpecSource], *, infers: bool
) -> Iterator[Found]:
    """The specs that a spec names but, without inference, does not depend on."""
    if infers if spec.infer_deps is None else spec.infer_deps:
        return
    lines = {named.ref: named.line for named in item.named}
    for ref in spec.inferred:
        if ref in specs and ref != spec.ref and ref not in spec.explicit:
            yield (
                LintCode.UNDECLARED_DEPENDENCY,
                lines.get(ref, item.line),
                f"{spec.name} uses the spec {ref}, which is not in its deps=",
                f"add it to deps=, as dependencies are not inferred here: {ref.qualname}",
            )


__all__ = ["Found", "lint_findings"]
