"""Events as a log tells them: all that they hold, but for plans, which hold whole projects."""

from __future__ import annotations

from jaunt_core.model.events import Event, PlanReady


def text_of_event(event: Event) -> str:
    """The event with all of its fields; of a plan, a line for each module."""
    if not isinstance(event, PlanReady):
        return repr(event)
    plan = event.plan
    lines = (
        f"{item.name}: {item.action.value}{''.join(f'; {reason}' for reason in item.reasons)}"
        for item in plan.modules
    )
    return "\n".join([f"PlanReady, {plan.kind.value}, {len(plan.modules)} modules", *lines])


__all__ = ["text_of_event"]
