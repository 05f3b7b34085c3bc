"""Carry out a plan: the step between deciding and reporting, the same for both kinds."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from jaunt_core.generation.endings import skip_module
from jaunt_core.generation.module_task import run_module
from jaunt_core.generation.run_context import RunContext
from jaunt_core.generation.scheduler import run_scheduled
from jaunt_core.model.plan import BuildPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """A module of the plan that must not be done, and the module whose failure is to blame."""

    name: str
    cause: str


async def execute_plan(
    plan: BuildPlan,
    context: RunContext,
    *,
    jobs: int,
    blocked: tuple[Blocked, ...] = (),
) -> None:
    """Do all modules of the rebuild set; the sink is told how each of them ended.

    Args:
        plan: What is to be done.
        context: What the work needs.
        jobs: How many modules are done at once, at most.
        blocked: The modules that are skipped from the start.

    Raises:
        JauntConfigError: The backend cannot be used as it is configured.
    """
    plans = {module.name: module for module in plan.rebuild}
    for module in blocked:
        skip_module(context, plans.pop(module.name), module.cause)
    waits = {
        name: tuple(target for target in module.depends_on if target in plans)
        for name, module in plans.items()
    }
    try:
        await run_scheduled(
            waits,
            jobs=jobs,
            work=lambda name: run_module(context, plans[name]),
            succeeded=lambda report: report.outcome.is_success,
            skip=lambda name, cause: skip_module(context, plans[name], cause),
        )
    except asyncio.CancelledError:
        context.tools.worker.kill()  # it may sit in user code, with a thread of ours waiting for it
        raise
    finally:
        await context.tools.backends.aclose()
