"""How a module stands: its state, what its file says of itself, where a reason points."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum

from jaunt_core.model.plan import Action, Header, ModulePlan, Reason, ReasonKind

_CONTEXT = "context "


class State(StrEnum):
    """The state of a module, in the order in which they are listed; its value is promised."""

    STALE = "stale"
    MISSING = "missing"
    DAMAGED = "damaged"
    EDITED = "edited"
    FOREIGN = "foreign"
    FRESH = "fresh"


_OF_FILES = {
    ReasonKind.MISSING: State.MISSING,
    ReasonKind.DAMAGED: State.DAMAGED,
    ReasonKind.EDITED: State.EDITED,
    ReasonKind.FOREIGN: State.FOREIGN,
}


def state_of(plan: ModulePlan) -> State:
    """The state of a module: that of its file where that is not whole, else of its specs."""
    if plan.action is Action.FRESH:
        return State.FRESH
    found = (_OF_FILES[reason.kind] for reason in plan.reasons if reason.kind in _OF_FILES)
    return next(found, State.STALE)


def recipe_of(header: Header | None) -> Mapping[str, str]:
    """How the answer in a file came about, as its header says; empty where that is not known."""
    try:
        recipe = json.loads(header.recipe) if header is not None and header.recipe else {}
    except (ValueError, RecursionError):
        return {}
    if not isinstance(recipe, dict):
        return {}
    return {str(name): str(value) for name, value in recipe.items()}


def place_of(plan: ModulePlan, reason: Reason) -> str:
    """The file and line of what changed, `shop/models.py:12`; empty where it is not in reach."""
    for spec in plan.module.specs:
        if spec.ref != reason.spec:
            continue
        if not reason.part.startswith(_CONTEXT):
            return f"{spec.path}:{spec.line}"
        for item in spec.context:
            if item.ref == reason.part.removeprefix(_CONTEXT):
                return f"{item.path}:{item.line}"
    return ""


def concerns_context(reason: Reason) -> bool:
    """Whether what changed is a handwritten definition that a spec names."""
    return reason.part.startswith(_CONTEXT)


__all__ = ["State", "concerns_context", "place_of", "recipe_of", "state_of"]
