"""Plan and execute one kind of module, with the tools that this takes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from jaunt_core.config.declared import declared_packages
from jaunt_core.config.loading import require_prices
from jaunt_core.generation.endings import skip_module
from jaunt_core.generation.module_task import run_module
from jaunt_core.generation.repair_scope import RepairScopes
from jaunt_core.generation.requests import RequestBuilder
from jaunt_core.generation.run_context import RunContext, RunPolicy, RunTarget, RunTools
from jaunt_core.generation.scheduler import run_scheduled
from jaunt_core.generation.session import Session
from jaunt_core.generation.validation import Checks, Validator
from jaunt_core.landing.writer import Landing
from jaunt_core.llm.client import ModelClient
from jaunt_core.model.events import PlanReady, RunFinished
from jaunt_core.model.generation import ImportPolicy
from jaunt_core.model.plan import Action, BuildPlan
from jaunt_core.model.report import BuildReport
from jaunt_core.model.spec import Kind
from jaunt_core.planning.attempt_schedule import AttemptSchedule, attempt_schedule
from jaunt_core.planning.prompt import Templates
from jaunt_core.planning.staleness import JudgedGraph
from jaunt_core.project.templates import load_templates
from jaunt_core.snapshot.spec_files import SpecFiles
from jaunt_core.storage.answers import AnswerStore
from jaunt_core.storage.contracts import ContractTexts
from jaunt_core.storage.last_answer import LastAnswers
from jaunt_core.storage.rejected import RejectedAnswers

if TYPE_CHECKING:
    from jaunt_core.generation.judged_by import JudgedBy


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """A module of the plan that must not be done, and the module whose failure is to blame."""

    name: str
    cause: str


def run_kind(
    session: Session,
    kind: Kind,
    *,
    selected: frozenset[str],
    forced: frozenset[str],
    jobs: int,
    blocked: Callable[[BuildPlan], Iterable[Blocked]] = lambda _: (),
    later: int = 0,
) -> BuildReport:
    """Plan and execute one kind; the report is what the sink was told.

    Args:
        session: The project, as it was read.
        kind: What is built.
        selected: The modules that the run is about.
        forced: Those of them that are asked for anew in any case.
        jobs: How many modules are done at once, at most.
        blocked: Tells which modules of the plan must not be done.
        later: How many calls a later stage of the run is going to make.

    Raises:
        JauntConfigError: A backend or a check cannot be used as it is configured.
        ConfirmationError: The run would make more calls than it may without being asked.
        KeyboardInterrupt: The user interrupted; what has landed stays.
    """
    started, warn = session.clock(), session.warner(kind)
    for message in session.snapshot.warnings(kind):
        warn(message)
    answers = AnswerStore(session.project.root, warn)
    plan = session.plan(kind, selected=selected, forced=forced, answers=answers)
    session.sink(PlanReady(plan=plan))
    calls = plan.count(Action.GENERATE)
    if calls:
        require_prices(session.project)
    session.confirmation.require(calls, later=later)
    if plan.rebuild:
        context = make_context(session, kind, answers)
        asyncio.run(execute_plan(plan, context, jobs=jobs, blocked=tuple(blocked(plan))))
    session.closing.close()  # before the notes, after which a next run may sweep nothing
    session.sink(RunFinished(kind=kind, seconds=session.clock() - started))
    return session.report(kind)


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


def make_context(
    session: Session,
    kind: Kind,
    answers: AnswerStore | None = None,
    *,
    schedule: AttemptSchedule | None = None,
    with_checks: bool = True,
) -> RunContext:
    """What work on the modules of one kind needs.

    Args:
        session: The project, as it was read.
        kind: What the modules hold.
        answers: Where answers are kept; without it nothing is stored.
        schedule: How often a module is asked for, of which models; else as `[build]` says.
        with_checks: Whether answers are put to the costly checks.

    Raises:
        JauntConfigError: The project's environment lacks the type checker that is named.
    """
    config, judged = session.project.config, session.snapshot.judge(session.inference)
    build = config.build
    usual = attempt_schedule(attempts=build.attempts, further_models=len(build.escalate))
    checks = _checks(session, kind) if with_checks else Checks()
    return RunContext(
        target=RunTarget(project=session.project, kind=kind, judged=judged),
        policy=RunPolicy(
            schedule=schedule or usual,
            inference=session.inference,
            offline=session.options.offline,
            spending=session.spending,
            confirmation=session.confirmation,
        ),
        tools=_make_tools(session, kind, judged, answers, checks),
    )


def _make_tools(
    session: Session, kind: Kind, judged: JudgedGraph, answers: AnswerStore | None, checks: Checks
) -> RunTools:
    project, worker, root = session.project, session.worker, session.project.root
    roots, generated_dir = session.workspace.roots, project.config.paths.generated_dir

    @cache
    def imports() -> ImportPolicy:
        return ImportPolicy(packages=declared_packages(root, kind), python=worker.version)

    @cache
    def templates() -> Templates:
        return load_templates(project, kind)

    @cache
    def judged_by() -> JudgedBy:
        from jaunt_core.generation.judged_by import JudgedBy  # noqa: PLC0415 - only for requests

        return JudgedBy(session.workspace, kind, python=worker.version)

    requests = RequestBuilder(
        project,
        kind,
        judged,
        templates=templates,
        imports=imports,
        judged_by=lambda plan: judged_by().lines_for(plan),
        warn=session.warner(kind),
    )
    return RunTools(
        worker=worker,
        requests=requests,
        backends=session.backends,
        client=ModelClient(session.retry_policy, session.spending),
        answers=answers or AnswerStore(root, lambda _: None, read_only=True),
        rejected=RejectedAnswers(root, kind),
        last_answers=LastAnswers(root, kind),
        validator=Validator(project, worker, judged, imports=imports, checks=checks),
        repair_scopes=RepairScopes(worker),
        specs=SpecFiles(root, session.snapshot.discovered),
        landing=Landing(root, roots, kind, generated_dir, landed=session.landed),
        contracts=ContractTexts(root, kind),
        sink=session.sink,
        clock=session.clock,
    )


def _checks(session: Session, kind: Kind) -> Checks:
    from jaunt_core.generation.checks import build_checks  # noqa: PLC0415 - only for work

    return build_checks(
        session.workspace,
        kind,
        session.snapshot.judge(session.inference),
        warn=session.warner(kind),
        closing=session.closing,
    )
