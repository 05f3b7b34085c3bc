"""Events as text for a log: with all fields, except for plans, which hold whole projects."""

from __future__ import annotations

from jaunt_cli.words.reasons import reason_text
from jaunt_core.model.events import Event, ModuleFinished, PlanReady


def text_of_event(event: Event) -> str:
    """The event with all its fields; for a plan, one line for each module."""
    if isinstance(event, ModuleFinished) and event.report.failure is not None:
        return f"{event!r}\n{event.report.failure.traceback}".rstrip()
    if not isinstance(event, PlanReady):
        return repr(event)
    plan = event.plan
    lines = (
        "; ".join([f"{module.name}: {module.action.value}", *map(reason_text, module.reasons)])
        for module in plan.modules
    )
    return "\n".join([f"PlanReady, {plan.kind.value}, {len(plan.modules)} modules", *lines])
