"""Lines for `jaunt status` and `jaunt check`: modules by state, reasons, remedies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jaunt_cli.render.fresh import PASSED, all_fresh
from jaunt_cli.render.lines import Line, Span, Style, block_of, line_of
from jaunt_cli.words.module_state import State, recipe_of, state_of
from jaunt_cli.words.quantities import counted
from jaunt_cli.words.reasons import reason_with_digests
from jaunt_cli.words.remedies import remedies_of
from jaunt_core.model.inspection import Inspection, Orphan
from jaunt_core.model.plan import Header, ModulePlan

STATE_STYLES = {
    State.STALE: Style.CAUTION,
    State.MISSING: Style.CAUTION,
    State.DAMAGED: Style.CAUTION,
    State.EDITED: Style.BAD,
    State.FOREIGN: Style.BAD,
    State.FRESH: Style.GOOD,
}
_ORPHAN = "orphan"
_WIDTH = max(len(state.value) for state in State)
_INDENT = " " * (_WIDTH + 1)


def status_lines(inspection: Inspection, *, verbose: bool) -> list[Line]:
    """The output of `jaunt status`; with `verbose` also the fresh modules and all recipes."""
    lines = [_summary_line(inspection), *_state_lines(inspection, verbose=verbose)]
    return [*lines, *_remedy_lines(inspection)]


def check_lines(inspection: Inspection) -> list[Line]:
    """The output of `jaunt check`: one line where all is fresh, else everything that is not."""
    if inspection.ok and inspection.modules:
        return [all_fresh(len(inspection.modules), passed=True)]
    if inspection.ok:
        return [line_of(*PASSED, *_summary_line(inspection))]
    head = line_of(Span("check: ", Style.NAME), Span("failed", Style.BAD), ", ")
    lines = [(*head, *_summary_line(inspection)), *_state_lines(inspection, verbose=False)]
    return [*lines, *_remedy_lines(inspection)]


def recipe_line(header: Header | None) -> Line:
    """How the code in a file was made; empty where its header cannot be read."""
    if header is None:
        return ()
    recipe = recipe_of(header)
    parts = [f"written by jaunt {header.tool_version or '(version unknown)'}"]
    parts += [f"{name} {recipe[name]}" for name in ("provider", "model") if recipe.get(name)]
    if recipe.get("templates"):
        parts.append(f"templates {recipe['templates'][:8]}")
    return line_of(Span("; ".join(parts), Style.QUIET))


def _summary_line(inspection: Inspection) -> Line:
    modules = inspection.modules
    if modules and inspection.ok:
        return all_fresh(len(modules), passed=False)
    if not modules and not inspection.orphans:
        return line_of("there are no specs: write one with @jaunt.magic below a source root")
    states = [state_of(plan) for plan in modules]
    parts = [
        Span(f"{states.count(state):,} {state}", STATE_STYLES[state])
        for state in State
        if state in states
    ]
    if inspection.orphans:
        parts.append(Span(counted(len(inspection.orphans), _ORPHAN), Style.CAUTION))
    joined = [span for part in parts for span in (Span(", "), part)][1:]
    return line_of(f"{counted(len(modules), 'module')}: ", *joined)


def _state_lines(inspection: Inspection, *, verbose: bool) -> Iterator[Line]:
    order = list(State)
    for plan in sorted(inspection.modules, key=lambda plan: order.index(state_of(plan))):
        if verbose or state_of(plan) is not State.FRESH:
            yield from _module_lines(plan, verbose=verbose)
    for orphan in inspection.orphans:
        yield line_of(
            Span(f"{_ORPHAN:{_WIDTH}}", Style.CAUTION), " ", Span(str(orphan.path), Style.NAME)
        )
        yield line_of(_INDENT, _orphan_text(orphan))


def _orphan_text(orphan: Orphan) -> str:
    if orphan.source_module:
        return f"{orphan.source_module} has no specs (any more)"
    if orphan.path.name == "__init__.py":
        return "nothing generated stands beside it (any more)"
    return "its header does not say which module it belongs to, and none needs it"


def _module_lines(plan: ModulePlan, *, verbose: bool) -> Iterator[Line]:
    state = state_of(plan)
    head = Span(f"{state.value:{_WIDTH}}", STATE_STYLES[state])
    yield line_of(head, " ", Span(plan.name, Style.NAME), Span(f"  {plan.file.path}", Style.QUIET))
    for reason in plan.reasons:
        yield from block_of(reason_with_digests(reason), indent=_INDENT)
    recipe = recipe_line(plan.file.header) if verbose else ()
    if recipe:
        yield line_of(_INDENT, *recipe)


def _remedy_lines(inspection: Inspection) -> Sequence[Line]:
    return [line_of("hint: ", str(remedy)) for remedy in remedies_of(inspection)]
