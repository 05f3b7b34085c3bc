"""The whole story of one module: where it stands, why, and what each of its specs is made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from jaunt_cli.remedies import remedy_of
from jaunt_cli.render.lines import Line, Span, Style, line_of
from jaunt_cli.render.standing import STATE_STYLES, reason_text, recipe_line
from jaunt_cli.render.words import change, short_digest
from jaunt_cli.standing import concerns_context, place_of, state_of
from jaunt_core.model.inspection import Explanation, SpecStory
from jaunt_core.model.plan import Action, ModulePlan, Reason, ReasonKind
from jaunt_core.model.spec import Kind, SpecRef, SpecSource

_COMMANDS = {Kind.BUILD: "jaunt build", Kind.TEST: "jaunt test"}
_DIFF_STYLES = {"+": Style.GOOD, "-": Style.BAD, "@": Style.QUIET}
_STEP = "  "


@dataclass(slots=True)
class _Node:
    """A spec on the way to a root cause, with what happened to it and where the way leads on."""

    notes: list[str] = field(default_factory=list)
    further: dict[SpecRef, _Node] = field(default_factory=dict)


def why_lines(explanation: Explanation) -> list[Line]:
    """What `jaunt why` says."""
    plan = explanation.plan
    sources = {spec.ref: spec for spec in plan.module.specs}
    lines = [*_module_lines(plan), line_of(), *_reason_lines(plan)]
    for story in explanation.specs:
        lines += [line_of(), *_spec_lines(story, sources[story.ref])]
    return lines


def _module_lines(plan: ModulePlan) -> Iterator[Line]:
    state = state_of(plan)
    yield line_of(Span(plan.name, Style.NAME), " is ", Span(state.value, STATE_STYLES[state]))
    yield _field("specs", str(plan.module.path))
    yield _field("generated", str(plan.file.path))
    old = plan.file.header.module_digest if plan.file.header else ""
    yield _field("digest", _digests(old, plan.module_digest))
    recipe = recipe_line(plan.file.header)
    if recipe:
        yield line_of(_STEP, f"{'recipe':12}", *recipe)
    yield _field("next", _next(plan))


def _next(plan: ModulePlan) -> str:
    command = _COMMANDS[plan.module.kind]
    match plan.action:
        case Action.FRESH:
            return f"nothing: `{command}` leaves it as it is"
        case Action.KEEP:
            return f"`{command}` keeps the code: it would be asked for in the same words"
        case Action.REUSE:
            return f"`{command}` reuses a stored answer"
        case Action.GENERATE:
            return f"`{command}` asks the model"
        case Action.REFUSE:
            return str(remedy_of(plan))


def _reason_lines(plan: ModulePlan) -> list[Line]:
    if not plan.reasons:
        return [line_of("why: ", "its specs, and what they build on, are as they were")]
    return [line_of("why:"), *_tree_lines(plan)]


def _tree_lines(plan: ModulePlan) -> Iterator[Line]:
    """What happened, each root cause below the specs that it reaches the module through."""
    top = _Node()
    for reason in plan.reasons:
        node = top
        for ref in reason.path or ((reason.spec,) if reason.spec else ()):
            node = node.further.setdefault(ref, _Node())
        node.notes.append(_note(plan, reason))
    yield from _node_lines(top, _STEP)


def _node_lines(node: _Node, indent: str) -> Iterator[Line]:
    for note in node.notes:
        yield line_of(indent, note)
    for ref, following in node.further.items():
        yield line_of(indent, Span(ref, Style.NAME))
        yield from _node_lines(following, indent + _STEP)


def _note(plan: ModulePlan, reason: Reason) -> str:
    """What happened to the spec that the note stands below."""
    if reason.kind is ReasonKind.DEPENDENCY and reason.path:
        return reason.detail or _link_note(reason)
    if reason.kind in (ReasonKind.ADDED, ReasonKind.REMOVED):
        return reason.kind.value
    if reason.kind is not ReasonKind.CHANGED:
        return reason_text(plan, reason)
    place = f" in {place_of(plan, reason)}" if concerns_context(reason) else ""
    digests = f" ({change(reason)})" if change(reason) else ""
    return f"{reason.part}{place} changed{digests}"


def _link_note(reason: Reason) -> str:
    if reason.new and not reason.old:
        return "is a dependency now"
    if reason.old and not reason.new:
        return "is no dependency any more"
    return "changed"


def _spec_lines(story: SpecStory, source: SpecSource) -> Iterator[Line]:
    place = Span(f"  {story.path}:{story.line}", Style.QUIET)
    yield line_of("spec ", Span(story.ref, Style.NAME), place)
    yield _field("digest", _digests(story.old, story.local))
    yield from _list("depends on", story.dependencies)
    yield from _list("needed by", story.dependents)
    yield from _list("names", [f"{item.ref}  {item.path}:{item.line}" for item in source.context])
    if story.diff:
        yield line_of(_STEP, "changes since its code was accepted:")
        for row in story.diff.splitlines():
            yield line_of(_STEP * 2, Span(row, _DIFF_STYLES.get(row[:1], Style.PLAIN)))
    elif story.old != story.local:
        yield _field("changes", "the contract that was accepted is not known here")


def _field(name: str, value: str) -> Line:
    return line_of(_STEP, f"{name:12}", value)


def _list(name: str, values: Sequence[str]) -> Iterator[Line]:
    for index, value in enumerate(values or ("nothing",)):
        yield _field("" if index else name, value)


def _digests(old: str, new: str) -> str:
    if not old:
        return f"{short_digest(new)} (none was recorded)"
    return short_digest(new) if old == new else f"{short_digest(old)} -> {short_digest(new)}"


__all__ = ["why_lines"]
