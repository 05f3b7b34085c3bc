"""Lines for `jaunt plan`: what would be done with each module, and the cost."""

from __future__ import annotations

from collections.abc import Iterator

from jaunt_cli.render.lines import Line, Span, Style, block_of, line_of
from jaunt_cli.render.runs import plan_line
from jaunt_cli.words.quantities import counted
from jaunt_cli.words.reasons import first_reason_text
from jaunt_cli.words.remedies import remedy_of
from jaunt_core.model.inspection import Inspection
from jaunt_core.model.plan import Action, BuildPlan, ModulePlan

_STYLES = {
    Action.GENERATE: Style.CAUTION,
    Action.REUSE: Style.GOOD,
    Action.KEEP: Style.GOOD,
    Action.REFUSE: Style.BAD,
}
_SKIP = "skip"
_WIDTH = max(len(action.value) for action in Action)


def plan_lines(inspection: Inspection) -> list[Line]:
    """The output of `jaunt plan`: a build, then a test run, then the cost of both."""
    lines: list[Line] = []
    for plan in (inspection.build, inspection.tests):
        lines += [plan_line(plan), *_module_lines(plan, inspection)]
    return [*lines, _cost_line(inspection)]


def _module_lines(plan: BuildPlan, inspection: Inspection) -> Iterator[Line]:
    for module in plan.rebuild:
        yield _module_line(module, inspection)
        if module.action is Action.REFUSE:
            yield from block_of(str(remedy_of(module)), first=line_of("hint: "), indent="    ")


def _module_line(module: ModulePlan, inspection: Inspection) -> Line:
    name = Span(module.name, Style.NAME)
    blocked = inspection.blocked.get(module.name)
    if blocked:
        head = Span(f"{_SKIP:{_WIDTH}}", Style.CAUTION)
        return line_of("  ", head, " ", name, f"  it depends on {blocked}, which is refused")
    head = Span(f"{module.action.value:{_WIDTH}}", _STYLES[module.action])
    parts = ["  ", head, " ", name]
    tokens = inspection.input_tokens.get(module.name)
    if tokens is not None:
        parts.append(f"  about {tokens:,} input tokens")
    return line_of(*parts, Span(f"  ({first_reason_text(module.reasons)})", Style.QUIET))


def _cost_line(inspection: Inspection) -> Line:
    calls = len(inspection.input_tokens)
    head = Span("cost: ", Style.NAME)
    if not calls:
        return line_of(head, "no model call")
    tokens = sum(inspection.input_tokens.values())
    return line_of(
        head,
        f"{counted(calls, 'model call')} with about {tokens:,} input tokens, "
        "and one more for each answer that is rejected",
    )
