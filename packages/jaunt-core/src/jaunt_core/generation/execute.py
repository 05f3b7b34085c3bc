"""Carry out a plan: the step between deciding and reporting, the same for both kinds."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from jaunt_core.backend.protocol import BackendSetup, GeneratorBackend
from jaunt_core.backend.registry import LoadBackend
from jaunt_core.config.loading import Project
from jaunt_core.generation.module_task import ModuleWork
from jaunt_core.generation.run_context import Workshop
from jaunt_core.generation.scheduler import run_scheduled
from jaunt_core.llm.key_guard import KeyGuard, setup_of
from jaunt_core.model.plan import BuildPlan, ModulePlan
from jaunt_core.model.report import ModuleReport, Outcome


class BackendSource:
    """The run's backends, made when they are first needed and closed at the end."""

    def __init__(self, project: Project, environ: Mapping[str, str], load: LoadBackend) -> None:
        self._project = project
        self._environ = environ
        self._load = load
        self._guard = KeyGuard(project, environ)
        self._backends: tuple[GeneratorBackend, ...] = ()

    def __call__(self) -> tuple[GeneratorBackend, ...]:
        """The backend with the model of `[llm]`, and one for each model of `[build] escalate`.

        Raises:
            JauntConfigError: There is none for `[llm] provider`, or its settings are wrong.
        """
        if not self._backends:
            models = self._project.config.models
            self._backends = tuple(
                self._guard.around(self._load(self._setup(model))) for model in models
            )
        return self._backends

    def _setup(self, model: str) -> BackendSetup:
        return setup_of(self._project, self._environ, model, self._guard.key.value)

    async def aclose(self) -> None:
        """Close the backends that were made."""
        backends, self._backends = self._backends, ()
        for backend in backends:
            await backend.aclose()


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """A module of the plan that must not be done, and the module whose failure is to blame."""

    name: str
    cause: str


def execute_plan(
    plan: BuildPlan,
    shop: Workshop,
    source: BackendSource,
    *,
    jobs: int,
    blocked: tuple[Blocked, ...] = (),
) -> dict[str, ModuleReport]:
    """Do all modules of the rebuild set; the reports by module name.

    Raises:
        JauntConfigError: The backend cannot be used as it is configured.
        KeyboardInterrupt: The user interrupted; what has landed stays.
    """
    if not plan.rebuild:
        return {}
    return asyncio.run(_execute(plan, shop, source, jobs, blocked))


async def _execute(
    plan: BuildPlan,
    shop: Workshop,
    source: BackendSource,
    jobs: int,
    blocked: tuple[Blocked, ...],
) -> dict[str, ModuleReport]:
    plans = {item.name: item for item in plan.rebuild}
    work = ModuleWork(shop)
    reports: dict[str, ModuleReport] = {}

    def skip(name: str, cause: str) -> None:
        reports[name] = work.skip(plans[name], cause)

    async def do(name: str) -> bool:
        report = reports[name] = await work.run(plans[name])
        return report.outcome not in (Outcome.FAILED, Outcome.SKIPPED)

    for item in blocked:
        skip(item.name, item.cause)
    try:
        await run_scheduled(_waits(plans, reports), jobs=jobs, work=do, skip=skip)
    except asyncio.CancelledError:
        shop.worker.kill()  # it may sit in user code, with a thread of ours waiting for it
        raise
    finally:
        await source.aclose()
    return reports


def _waits(
    plans: Mapping[str, ModulePlan], done: Mapping[str, ModuleReport]
) -> dict[str, tuple[str, ...]]:
    return {
        name: tuple(target for target in plan.depends_on if target not in done)
        for name, plan in plans.items()
        if name not in done
    }
