"""Remedies: what the user can do about modules that are not fresh."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jaunt_cli.words.module_state import State, state_of
from jaunt_core.model.inspection import Inspection
from jaunt_core.model.plan import BuildPlan, ModulePlan
from jaunt_core.model.spec import Kind

_COMMANDS = {Kind.BUILD: "jaunt build", Kind.TEST: "jaunt test"}
_NOT_REBUILT = (State.FRESH, State.EDITED, State.FOREIGN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """One thing to do; `command` is empty where no command of ours does it."""

    text: str
    command: str = ""

    def __str__(self) -> str:
        """The remedy as a person reads it."""
        return f"`{self.command}` {self.text}" if self.command else self.text


def remedies_of(inspection: Inspection) -> tuple[Remedy, ...]:
    """Everything to do before `jaunt check` passes."""
    return tuple(_remedies(inspection))


def _remedies(inspection: Inspection) -> Iterator[Remedy]:
    """In the order in which they help: a run stops at refused modules and their dependents."""
    for plan in inspection.modules:
        if state_of(plan) in (State.EDITED, State.FOREIGN):
            yield remedy_of(plan)
    if _is_behind(inspection.build):
        yield Remedy(command="jaunt build", text="writes the code that is not up to date")
    if _is_behind(inspection.tests):
        yield Remedy(
            command="jaunt test", text="writes the tests that are not up to date, and runs them"
        )
    if inspection.orphans:
        yield Remedy(
            command="jaunt clean --orphans",
            text="removes the files that no spec needs (--dry-run lists them)",
        )


def remedy_of(plan: ModulePlan) -> Remedy:
    """The remedy for one module that is not fresh."""
    command, path = _COMMANDS[plan.module.kind], plan.file.path
    state = state_of(plan)
    if state is State.FOREIGN:
        return Remedy(text=f"move {path} somewhere else: {path.parent} is for generated files")
    if state is State.EDITED:
        return Remedy(
            command=f"{command} --force --target {plan.name}",
            text=f"overwrites {path} and keeps a copy below .jaunt/overwritten/; put what was "
            "changed into the spec first, or undo the edit instead",
        )
    return Remedy(command=command, text="brings it up to date")


def _is_behind(plan: BuildPlan) -> bool:
    return any(state_of(module) not in _NOT_REBUILT for module in plan.modules)
