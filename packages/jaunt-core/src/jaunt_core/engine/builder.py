"""`jaunt build`: from specs to landed code, in the four steps that every command shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jaunt_core.backend.registry import LoadBackend, load_backend, offline_loader
from jaunt_core.config.loading import Project
from jaunt_core.generation.session import Session, open_session
from jaunt_core.llm.confirmation import Confirm
from jaunt_core.llm.retry_policy import RetryPolicy
from jaunt_core.model.events import Sink
from jaunt_core.model.plan import Action
from jaunt_core.model.report import BuildReport
from jaunt_core.model.spec import Kind
from jaunt_core.planning.staleness import selected_modules
from jaunt_core.snapshot.snapshot import target_modules
from jaunt_core.storage.answers import AnswerStore


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOptions:
    """What a user may say about one run; None stands for what `jaunt.toml` says.

    `targets` are `MODULE` or `MODULE:QUALNAME`; all modules where it is empty. An `offline` run
    asks no model: what is not stored fails. Where another run works on the project, this one fails
    or does `wait`.
    """

    jobs: int | None = None
    force: bool = False
    targets: tuple[str, ...] = ()
    infer_deps: bool | None = None
    offline: bool = False
    wait: bool = True


def build(
    project: Project,
    options: BuildOptions,
    *,
    sink: Sink,
    environ: Mapping[str, str],
    load: LoadBackend = load_backend,
    retry_policy: RetryPolicy = RetryPolicy(),  # noqa: B008 - a frozen value
    confirm: Confirm | None = None,
) -> BuildReport:
    """Build what is stale, and tell `sink` what happens.

    Args:
        project: Where, and under which configuration.
        options: What this run is asked for.
        sink: Is told every event, from any thread but one at a time.
        environ: The environment; the key of the backend is read from it and passed to nobody
            else.
        load: Makes the backend; entry points do by default.
        retry_policy: How faults between us and the model are tried again.
        confirm: Asks a person whether more calls may be made than `[budget] confirm_above`;
            nobody is there where None.

    Raises:
        JauntConfigError, JauntDiscoveryError, JauntDependencyCycleError: The run did not begin.
        LandingError: `.jaunt/` cannot be written.
        ConfirmationError: The run would make more calls than it may without being asked.
        BusyError: Another run works on the project, and this one does not wait.
        KeyboardInterrupt: The user interrupted; what has landed stays.
    """
    with open_session(
        project,
        kinds=[Kind.BUILD],
        sink=sink,
        environ=environ,
        load=offline_loader(load) if options.offline else load,
        retry_policy=retry_policy,
        offline=options.offline,
        wanted=wanted_modules(options),
        confirm=confirm,
        wait=options.wait,
    ) as session:
        targets = target_modules(session.snapshot, options.targets)
        report = build_modules(session, options, targets=targets or None, forced=targets)
        if options.infer_deps is None:
            session.remember()
        return report


def wanted_modules(options: BuildOptions) -> frozenset[str] | None:
    """The modules that a run has to read even if nothing has changed; None for all."""
    if options.infer_deps is not None or (options.force and not options.targets):
        return None
    return frozenset(target.partition(":")[0] for target in options.targets)


def build_modules(
    session: Session,
    options: BuildOptions,
    *,
    targets: frozenset[str] | None,
    forced: frozenset[str],
    later: int = 0,
) -> BuildReport:
    """Build `targets` and what they depend on; all code modules where it is None.

    With `options.force`, the code of `forced` is asked for anew, or that of all modules where
    there are no targets. The run is going to make so many calls `later`.
    """
    inference = session.inference(options.infer_deps)
    everything = session.snapshot.names(Kind.BUILD)
    edges = session.snapshot.judge(inference).graph.module_edges()
    anew = everything if targets is None else forced
    wanted = everything if targets is None else selected_modules(targets, edges)
    return session.run(
        Kind.BUILD,
        selected=wanted & everything,
        forced=anew & everything if options.force else frozenset(),
        inference=inference,
        jobs=options.jobs or session.project.config.build.jobs,
        later=later,
    )


def calls_of_tests(session: Session, tests: frozenset[str], options: BuildOptions) -> int:
    """How many test modules would be asked for, where that has to be known before a build."""
    if not session.confirmation.is_limited:
        return 0
    plan = session.plan(
        Kind.TEST,
        selected=tests,
        forced=tests if options.force else frozenset(),
        inference=session.inference(options.infer_deps),
        stored_in=AnswerStore(session.project.root, lambda _: None),
    )
    return plan.count(Action.GENERATE)
