"""Lines for `jaunt why`: the state of one module, its reasons, and each of its specs."""

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
    """A spec on a path to a root cause: what happened to it, and the specs that follow it."""

    notes: list[str] = field(default_factory=list)
    further: dict[str, _Node] = field(default_factory=dict)


def why_lines(explanation: Explanation) -> list[Line]:
    """The output of `jaunt why`."""
    lines = [*_module_lines(explanation), line_of(), *_reason_lines(explanation.plan)]
    for spec in explanation.specs:
        lines += [line_of(), *_spec_lines(spec)]
    for spec in explanation.causes:
        lines += [line_of(), *_cause_lines(spec)]
    return lines


def _module_lines(explanation: Explanation) -> Iterator[Line]:
    plan = explanation.plan
    state = state_of(plan)
    what = ": there is no generated file" if state is State.MISSING else ""
    shown = Span(state.value, STATE_STYLES[state])
    yield line_of(Span(plan.name, Style.NAME), " is ", shown, what)
    yield _field_line("specs", str(plan.module.path))
    yield _field_line("generated", str(plan.file.path))
    old = plan.file.header.module_digest if plan.file.header else ""
    yield _field_line("digest", _digests_text(old, plan.module_digest))
    recipe = recipe_line(plan.file.header)
    if recipe:
        yield line_of(_STEP, f"{'recipe':12}", *recipe)
    yield _field_line("next", _next_text(plan, explanation.blocked_by))


def _next_text(plan: ModulePlan, blocked_by: str) -> str:
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
    """The reasons as a tree: each root cause below the specs on the path to it."""
    # Paths that begin alike share that part of the tree.
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


def _spec_lines(spec: SpecExplanation) -> Iterator[Line]:
    yield _title("spec", spec)
    yield _field_line("digest", _digests_text(spec.old, spec.local))
    yield from _list_lines("depends on", spec.dependencies)
    yield from _list_lines("needed by", spec.dependents)
    yield from _list_lines(
        "names",
        [f"{named.ref}  {named.path}:{named.line}" for named in spec.context],
    )
    yield from _change_lines(spec)


def _cause_lines(spec: SpecExplanation) -> Iterator[Line]:
    """A spec of another module that is a root cause, with its digests and what changed in it."""
    yield _title("cause", spec)
    yield _field_line("digest", _digests_text(spec.old, spec.local))
    yield from _change_lines(spec)


def _title(word: str, spec: SpecExplanation) -> Line:
    place = Span(f"  {spec.place}", Style.QUIET)
    return line_of(f"{word} ", Span(spec.ref, Style.NAME), place)


def _change_lines(spec: SpecExplanation) -> Iterator[Line]:
    if spec.diff:
        yield line_of(_STEP, "changes since its code was accepted:")
        for row in spec.diff.splitlines():
            yield line_of(_STEP * 2, Span(row, _DIFF_STYLES.get(row[:1], Style.PLAIN)))
    elif spec.old == spec.local or not spec.old:
        return
    elif spec.diff is None:
        yield _field_line("changes", "the contract that this code was written for is not at hand")
    else:
        yield _field_line("changes", "none in its words: what they stand for changed")


def _field_line(name: str, value: str) -> Line:
    return line_of(_STEP, f"{name:12}", value)


def _list_lines(name: str, values: Sequence[str]) -> Iterator[Line]:
    for index, value in enumerate(values or ("nothing",)):
        yield _field_line("" if index else name, value)


def _digests_text(old: str, new: str) -> str:
    if not old:
        return f"{short_digest(new)} (none was recorded)"
    return short_digest(new) if old == new else f"{short_digest(old)} -> {short_digest(new)}"
