"""The state of a module, and the recipe in the header of its file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum

from jaunt_core.model.plan import Action, Header, ModulePlan
from jaunt_core.model.reason import ReasonKind


class State(StrEnum):
    """The state of a module, in the order in which they are listed; its value is promised."""

    STALE = "stale"
    MISSING = "missing"
    DAMAGED = "damaged"
    EDITED = "edited"
    FOREIGN = "foreign"
    FRESH = "fresh"


_FILE_STATES = {
    ReasonKind.MISSING: State.MISSING,
    ReasonKind.DAMAGED: State.DAMAGED,
    ReasonKind.EDITED: State.EDITED,
    ReasonKind.FOREIGN: State.FOREIGN,
}


def state_of(plan: ModulePlan) -> State:
    """The state of a module: that of its file where that is not whole, else of its specs."""
    if plan.action is Action.FRESH:
        return State.FRESH
    states = (_FILE_STATES[reason.kind] for reason in plan.reasons if reason.kind in _FILE_STATES)
    return next(states, State.STALE)


def recipe_of(header: Header | None) -> Mapping[str, str]:
    """How the answer in a file was made, by its header; empty where that is not known."""
    try:
        recipe = json.loads(header.recipe) if header is not None and header.recipe else {}
    except (ValueError, RecursionError):  # anybody may have edited the header
        return {}
    if not isinstance(recipe, dict):
        return {}
    return {str(name): str(value) for name, value in recipe.items()}
