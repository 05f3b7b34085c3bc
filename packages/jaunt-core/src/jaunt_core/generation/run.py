"""Plan and execute one kind of module, with the tools that this takes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from functools import cache

from jaunt_core.config.declared import declared_packages
from jaunt_core.config.loading import require_prices
from jaunt_core.generation.execute import Blocked, execute_plan
from jaunt_core.generation.requests import RequestBuilder
from jaunt_core.generation.run_context import RunContext, RunPolicy, RunTarget, RunTools
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
from jaunt_core.project.templates import load_templates
from jaunt_core.snapshot.spec_files import SpecFiles
from jaunt_core.storage.answers import AnswerStore
from jaunt_core.storage.contracts import ContractTexts
from jaunt_core.storage.rejected import RejectedAnswers


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
    project, worker, warn = session.project, session.worker, session.warner(kind)
    root, config, judged = project.root, project.config, session.snapshot.judge(session.inference)

    @cache
    def imports() -> ImportPolicy:
        return ImportPolicy(packages=declared_packages(root, kind), python=worker.version)

    @cache
    def templates() -> Templates:
        return load_templates(project, kind)

    return RunContext(
        target=RunTarget(project=project, kind=kind, judged=judged),
        policy=RunPolicy(
            schedule=schedule
            or attempt_schedule(
                attempts=config.build.attempts, further_models=len(config.build.escalate)
            ),
            inference=session.inference,
            offline=session.options.offline,
            spending=session.spending,
            confirmation=session.confirmation,
        ),
        tools=RunTools(
            worker=worker,
            requests=RequestBuilder(
                project, kind, judged, templates=templates, imports=imports, warn=warn
            ),
            backends=session.backends,
            client=ModelClient(session.retry_policy, session.spending),
            answers=answers or AnswerStore(root, lambda _: None, read_only=True),
            rejected=RejectedAnswers(root, kind),
            validator=Validator(
                project,
                worker,
                judged,
                imports=imports,
                checks=_checks(session, kind) if with_checks else Checks(),
            ),
            specs=SpecFiles(root, session.snapshot.discovered),
            landing=Landing(
                root,
                session.workspace.roots,
                kind,
                config.paths.generated_dir,
                landed=session.landed,
            ),
            contracts=ContractTexts(root, kind),
            sink=session.sink,
            clock=session.clock,
        ),
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
