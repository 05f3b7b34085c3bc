"""Events as a log tells them: all that they hold, but for plans, which hold whole projects."""

from __future__ import annotations

from jaunt_cli.words.reasons import reason_text
from jaunt_core.model.events import Event, PlanReady


def text_of_event(event: Event) -> str:
    """The event with all of its fields; of a plan, a line for each module."""
    if not isinstance(event, PlanReady):
        return repr(event)
    plan = event.plan
    lines = (
        "; ".join([f"{module.name}: {module.action.value}", *map(reason_text, module.reasons)])
        for module in plan.modules
    )
    return "\n".join([f"PlanReady, {plan.kind.value}, {len(plan.modules)} modules", *lines])
