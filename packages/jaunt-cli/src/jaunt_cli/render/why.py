"""The whole story of one module: where it stands, why, and what each of its specs is made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from jaunt_cli.render.lines import Line, Span, Style, line_of
from jaunt_cli.render.status import STATE_STYLES, recipe_line
from jaunt_cli.words.module_state import State, state_of
from jaunt_cli.words.reasons import chain_of, reason_notes, short_digest
from jaunt_cli.words.remedies import remedy_of
from jaunt_core.model.inspection import Explanation, SpecExplanation
from jaunt_core.model.plan import Action, ModulePlan
from jaunt_core.model.spec import Kind

_COMMANDS = {Kind.BUILD: "jaunt build", Kind.TEST: "jaunt test"}
_DIFF_STYLES = {"+": Style.GOOD, "-": Style.BAD, "@": Style.QUIET}
_STEP = "  "


@dataclass(slots=True)
class _Node:
    """A spec on the way to a root cause, with what happened to it and where the way leads on."""

    notes: list[str] = field(default_factory=list)
    further: dict[str, _Node] = field(default_factory=dict)


def why_lines(explanation: Explanation) -> list[Line]:
    """What `jaunt why` says."""
    lines = [*_module_lines(explanation), line_of(), *_reason_lines(explanation.plan)]
    for story in explanation.specs:
        lines += [line_of(), *_spec_lines(story)]
    for story in explanation.causes:
        lines += [line_of(), *_cause_lines(story)]
    return lines


def _module_lines(explanation: Explanation) -> Iterator[Line]:
    plan = explanation.plan
    state = state_of(plan)
    what = ": there is no generated file" if state is State.MISSING else ""
    shown = Span(state.value, STATE_STYLES[state])
    yield line_of(Span(plan.name, Style.NAME), " is ", shown, what)
    yield _field("specs", str(plan.module.path))
    yield _field("generated", str(plan.file.path))
    old = plan.file.header.module_digest if plan.file.header else ""
    yield _field("digest", _digests(old, plan.module_digest))
    recipe = recipe_line(plan.file.header)
    if recipe:
        yield line_of(_STEP, f"{'recipe':12}", *recipe)
    yield _field("next", _next(plan, explanation.blocked_by))


def _next(plan: ModulePlan, blocked_by: str) -> str:
    command = _COMMANDS[plan.module.kind]
    if blocked_by:
        return f"`{command}` skips it: it depends on {blocked_by}, see `jaunt why {blocked_by}`"
    match plan.action:
        case Action.FRESH:
            return f"nothing: `{command}` leaves it as it is"
        case Action.KEEP:
            return f"`{command}` keeps the code: nothing that the model is shown has changed"
        case Action.REUSE:
            return f"`{command}` reuses a stored answer"
        case Action.GENERATE:
            return f"`{command}` asks the model"
        case Action.REFUSE:
            return f"`{command}` stops here; {remedy_of(plan)}"


def _reason_lines(plan: ModulePlan) -> list[Line]:
    if not plan.reasons:
        return [line_of("why: ", "its specs, and what they build on, are as they were")]
    return [line_of("why:"), *_tree_lines(plan)]


def _tree_lines(plan: ModulePlan) -> Iterator[Line]:
    """What happened, each root cause below the specs that it reaches the module through."""
    top = _Node()
    for reason in plan.reasons:
        node = top
        for ref in chain_of(reason) or ((reason.spec,) if reason.spec else ()):
            node = node.further.setdefault(ref, _Node())
        node.notes += reason_notes(reason)
    yield from _node_lines(top, _STEP)


def _node_lines(node: _Node, indent: str) -> Iterator[Line]:
    for note in node.notes:
        yield line_of(indent, note)
    for ref, following in node.further.items():
        yield line_of(indent, Span(ref, Style.NAME))
        yield from _node_lines(following, indent + _STEP)


def _spec_lines(story: SpecExplanation) -> Iterator[Line]:
    yield _title("spec", story)
    yield _field("digest", _digests(story.old, story.local))
    yield from _list("depends on", story.dependencies)
    yield from _list("needed by", story.dependents)
    yield from _list("names", [f"{item.ref}  {item.path}:{item.line}" for item in story.context])
    yield from _change_lines(story)


def _cause_lines(story: SpecExplanation) -> Iterator[Line]:
    """A spec of another module that the reasons lead to, only with what changed in it."""
    yield _title("cause", story)
    yield _field("digest", _digests(story.old, story.local))
    yield from _change_lines(story)


def _title(word: str, story: SpecExplanation) -> Line:
    place = Span(f"  {story.place}", Style.QUIET)
    return line_of(f"{word} ", Span(story.ref, Style.NAME), place)


def _change_lines(story: SpecExplanation) -> Iterator[Line]:
    if story.diff:
        yield line_of(_STEP, "changes since its code was accepted:")
        for row in story.diff.splitlines():
            yield line_of(_STEP * 2, Span(row, _DIFF_STYLES.get(row[:1], Style.PLAIN)))
    elif story.old == story.local or not story.old:
        return
    elif story.diff is None:
        yield _field("changes", "the contract that this code was written for is not at hand")
    else:
        yield _field("changes", "none in its words: what they stand for changed")


def _field(name: str, value: str) -> Line:
    return line_of(_STEP, f"{name:12}", value)


def _list(name: str, values: Sequence[str]) -> Iterator[Line]:
    for index, value in enumerate(values or ("nothing",)):
        yield _field("" if index else name, value)


def _digests(old: str, new: str) -> str:
    if not old:
        return f"{short_digest(new)} (none was recorded)"
    return short_digest(new) if old == new else f"{short_digest(old)} -> {short_digest(new)}"
