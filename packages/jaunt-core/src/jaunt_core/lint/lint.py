"""What a model would have to guess about specs, from their facts alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from jaunt_core.lint.examples import example_problems
from jaunt_core.lint.judging import Problem
from jaunt_core.model.lint import LintCode, LintFinding, PartFacts, ProseFacts, SpecLint
from jaunt_core.model.spec import Binding, Kind, SpecModule, SpecRef, SpecSource

_CONSTRUCTORS = ("__init__", "__new__", "__init_subclass__", "__post_init__")


def lint_findings(
    module: SpecModule,
    facts: Iterable[SpecLint],
    specs: Mapping[SpecRef, SpecSource],
    *,
    unseen: Iterable[Binding] = (),
    infers: bool,
) -> list[LintFinding]:
    """All findings about the specs of a module, ordered by line.

    Args:
        module: The module.
        facts: What the linter read of its specs.
        specs: All specs of the project.
        unseen: The project's own names that the module imports and nothing in it mentions.
        infers: Whether dependencies are inferred where a spec does not say so itself.
    """
    listed = {spec_facts.name: spec_facts for spec_facts in facts}
    findings: list[LintFinding] = []
    for spec in module.specs:
        if spec.name not in listed:
            continue
        spec_facts = listed[spec.name]
        problems = [
            *_spec_problems(spec, spec_facts),
            *_order_problems(spec),
            *_dependency_problems(spec, spec_facts, specs, infers=infers),
            *example_problems(spec_facts, listed),
        ]
        findings += [
            LintFinding(
                code=code, spec=spec.ref, path=spec.path, line=line, message=message, remedy=remedy
            )
            for code, line, message, remedy in problems
        ]
    findings += [_unseen_finding(module.specs[0], binding) for binding in unseen]
    return sorted(set(findings), key=lambda finding: (finding.line, finding.code, finding.message))


def _unseen_finding(spec: SpecSource, binding: Binding) -> LintFinding:
    """The finding about an import, which belongs to no spec: that of the first one."""
    name = binding.name
    return LintFinding(
        code=LintCode.UNSEEN_IMPORT,
        spec=spec.ref,
        path=spec.path,
        line=binding.line,
        message=f"{name} is imported and no spec mentions it, so the model does not see it",
        remedy=f"mention `{name}` in a docstring or in deps=, or remove the import",
    )


def _spec_problems(spec: SpecSource, facts: SpecLint) -> Iterator[Problem]:
    if not facts.documented:
        remedy = "say what it does; the docstring is what the model works from"
        yield LintCode.NO_DOCSTRING, facts.line, f"{facts.name} has no docstring", remedy
    for attribute in facts.attributes_of_any:
        yield _any_problem(f"attribute {attribute.name} of {facts.name}", attribute.line)
    for part in facts.parts:
        yield from _part_problems(part, facts, spec.kind)
    for prose in (facts.prose, *(part.prose for part in facts.parts)):
        if prose is not None:
            yield from _prose_problems(prose)


def _order_problems(spec: SpecSource) -> Iterator[Problem]:
    for decorator in spec.replacing:
        message = (
            f"@{decorator.name} stands above @jaunt.magic, so it would make another class of the "
            f"{spec.name} that is generated"
        )
        remedy = f"@jaunt.magic on top, and @{decorator.name} directly above `class {spec.name}`"
        yield LintCode.DECORATOR_ORDER, decorator.line, message, remedy


def _part_problems(part: PartFacts, facts: SpecLint, kind: Kind) -> Iterator[Problem]:
    name = part.name.rpartition(".")[2]
    if kind is Kind.BUILD:  # what a test takes are fixtures, and it returns nothing
        for parameter in part.untyped:
            message = f"parameter {parameter.name} of {part.name} has no type"
            remedy = f"annotate it: `{parameter.name}: …`"
            yield LintCode.UNTYPED_PARAMETER, parameter.line, message, remedy
        if part.returns is None and name not in _CONSTRUCTORS:
            message = f"{part.name} does not say what it returns"
            remedy = "annotate it, with `-> None` where it returns nothing"
            yield LintCode.UNTYPED_RETURN, part.line, message, remedy
    for parameter in part.any:
        yield _any_problem(f"parameter {parameter.name} of {part.name}", parameter.line)
    if part.returns_any:
        yield _any_problem(f"what {part.name} returns", part.line)
    if facts.is_class and part.empty and not (part.documented or name.startswith("_")):
        message = f"method {part.name} has neither docstring nor body"
        yield LintCode.NO_DOCSTRING, part.line, message, "say what it does"


def _any_problem(what: str, line: int) -> Problem:
    remedy = "name the type; `object` where it may really be anything"
    return LintCode.ANY_TYPE, line, f"{what} is Any, which tells a model nothing", remedy


def _prose_problems(prose: ProseFacts) -> Iterator[Problem]:
    for error in prose.raises:
        if not error.condition.strip(" ."):
            message = f"{error.name} is said to be raised, but not when"
            remedy = f"add the condition: `{error.name}: If …`"
            yield LintCode.RAISES_WITHOUT_CONDITION, error.line, message, remedy
    for unknown in prose.unknown:
        meant = f"did you mean `{unknown.nearest}`?" if unknown.nearest else "correct or import it"
        yield LintCode.UNKNOWN_NAME, unknown.line, f"there is no {unknown.name} here", meant


def _dependency_problems(
    spec: SpecSource, facts: SpecLint, specs: Mapping[SpecRef, SpecSource], *, infers: bool
) -> Iterator[Problem]:
    """The specs that a spec names but, without inference, does not depend on."""
    if infers if spec.infer_deps is None else spec.infer_deps:
        return
    lines = {named.ref: named.line for named in facts.named}
    for ref in spec.inferred:
        if ref in specs and ref != spec.ref and ref not in spec.explicit:
            message = f"{spec.name} uses the spec {ref}, which is not in its deps="
            remedy = f"add it to deps=, as dependencies are not inferred here: {ref.qualname}"
            yield LintCode.UNDECLARED_DEPENDENCY, lines.get(ref, facts.line), message, remedy
