"""One run on one project: the lock, the worker, the snapshot and the stages between them."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import PurePosixPath

from jaunt_core.backend.registry import LoadBackend, load_backend, offline_loader
from jaunt_core.config.loading import Project
from jaunt_core.generation.options import BuildOptions
from jaunt_core.landing.recovery import claim_project
from jaunt_core.llm.backends import RunBackends
from jaunt_core.llm.confirmation import Confirm, Confirmation
from jaunt_core.llm.retry_policy import RetryPolicy
from jaunt_core.llm.spending import Spending, spending_of
from jaunt_core.model.events import Event, Sink, WarningRaised, fold_events
from jaunt_core.model.plan import BuildPlan, Inference
from jaunt_core.model.report import BuildReport
from jaunt_core.model.spec import Digest, Kind
from jaunt_core.planning.plan import PlanInput, plan_modules
from jaunt_core.project.workspace import Workspace
from jaunt_core.snapshot.cache import fresh_plan
from jaunt_core.snapshot.cache_writer import FinishedRun, write_cache
from jaunt_core.snapshot.decorator_order import check_decorator_order
from jaunt_core.snapshot.snapshot import Snapshot, read_snapshot
from jaunt_core.snapshot.worker_client import Worker
from jaunt_core.storage.answers import AnswerStore, answer_key


class SessionMode(Enum):
    """What a session is for, which says how the project is locked."""

    LOOK = auto()
    """Nothing is written, and nobody is kept from writing."""

    VERIFY = auto()
    """Nothing has to be written: it goes on where the project cannot be locked."""

    WRITE = auto()
    """Alone on the project, with what a killed run left cleared away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A project that is read, and locked where something may be written.

    `events` has all that was told to `sink`, from the beginning of the session on, `landed` what
    each generated file holds that was written. What checks make on the disk is removed when
    `closing` is left.
    """

    workspace: Workspace
    options: BuildOptions
    worker: Worker
    snapshot: Snapshot
    backends: RunBackends
    sink: Sink
    events: Sequence[Event]
    landed: dict[PurePosixPath, bytes]
    retry_policy: RetryPolicy
    spending: Spending
    confirmation: Confirmation
    clock: Callable[[], float]
    closing: ExitStack

    @property
    def project(self) -> Project:
        """The project of this run."""
        return self.workspace.project

    @property
    def inference(self) -> Inference:
        """The inference setting of this run."""
        config, infer_deps = self.project.config, self.options.infer_deps
        if infer_deps is not None:
            return Inference(build=infer_deps, test=infer_deps)
        return Inference(build=config.build.infer_deps, test=config.test.infer_deps)

    @property
    def module_edges(self) -> Mapping[str, tuple[str, ...]]:
        """For each module those that it depends on."""
        return self.snapshot.judge(self.inference).graph.module_edges()

    def report(self, kind: Kind) -> BuildReport:
        """What all events so far add up to."""
        return fold_events(self.events, kind)

    def plan(
        self,
        kind: Kind,
        *,
        selected: frozenset[str],
        forced: frozenset[str] = frozenset(),
        answers: AnswerStore | None,
    ) -> BuildPlan:
        """What a run of one kind would do; without a store, nothing counts as stored.

        Modules that are known to be fresh stand in it without their specs.
        """

        def is_stored(request: Digest) -> bool:
            if answers is None:
                return False
            keys = (answer_key(request, backend.fingerprint) for backend in self.backends())
            return any(answers.has_usable(key) for key in keys)

        plan = plan_modules(
            PlanInput(
                kind=kind,
                inference=self.inference,
                judge=self.snapshot.judge,
                files=self.snapshot.files,
                generated_modules=self.snapshot.generated_modules,
                selected=selected,
                forced=forced,
                is_stored=is_stored,
            )
        )
        fresh = (module for module in self.snapshot.fresh_of(kind) if module.name in selected)
        modules = (*plan.modules, *map(fresh_plan, fresh))
        return BuildPlan(kind=kind, modules=tuple(sorted(modules, key=lambda plan: plan.name)))

    def save_cache(self, *, orphans: bool | None = None) -> None:
        """Write down what this run found out, so that the next one need not read it again.

        Nothing is written by a run with another inference setting than that of `jaunt.toml`.
        `orphans` tells whether there are orphaned files, None where nobody looked.
        """
        if self.options.infer_deps is not None:
            return
        run = FinishedRun(
            workspace=self.workspace,
            snapshot=self.snapshot,
            inference=self.inference,
            landed=self.landed,
            orphans=orphans,
        )
        write_cache(run)

    def warner(self, kind: Kind) -> Callable[[str], None]:
        """What tells the sink of warnings about one kind."""
        return lambda message: self.sink(WarningRaised(kind=kind, message=message))


@contextmanager
def open_session(
    project: Project,
    options: BuildOptions,
    *,
    environ: Mapping[str, str],
    mode: SessionMode = SessionMode.LOOK,
    kinds: Iterable[Kind] = tuple(Kind),
    sink: Sink = lambda _: None,
    load: LoadBackend = load_backend,
    retry_policy: RetryPolicy = RetryPolicy(),  # noqa: B008 - a frozen value
    confirm: Confirm | None = None,
) -> Generator[Session]:
    """Read what a project holds, with the project locked where something may be written.

    What is known to be fresh is not read, unless the options name it.

    Raises:
        JauntConfigError: A root or the interpreter is wrong.
        JauntDiscoveryError: A spec module cannot be read, or a spec is misused.
        LandingError: `.jaunt/` cannot be written, or another run is not to be waited for.
    """
    load = offline_loader(load) if options.offline else load
    workspace = Workspace(project=project, environ=environ)
    events: list[Event] = []

    def tell(event: Event) -> None:
        events.append(event)
        sink(event)

    def warn(message: str) -> None:
        tell(WarningRaised(kind=Kind.BUILD, message=message))

    lock = _lock_for(mode, workspace, warn, wait=options.wait)
    with lock, Worker(workspace) as worker, ExitStack() as closing:
        snapshot = read_snapshot(workspace, worker, kinds, wanted=options.modules_to_read)
        check_decorator_order(snapshot.modules)
        yield Session(
            workspace=workspace,
            options=options,
            worker=worker,
            snapshot=snapshot,
            backends=RunBackends(workspace, load),
            sink=tell,
            events=events,
            landed={},
            retry_policy=retry_policy,
            spending=spending_of(project.config),
            confirmation=Confirmation(project.config.budget.confirm_above, confirm),
            clock=time.monotonic,
            closing=closing,
        )


def _lock_for(
    mode: SessionMode, workspace: Workspace, warn: Callable[[str], None], *, wait: bool
) -> AbstractContextManager[None]:
    """What holds the project for as long as a run may write there."""
    if mode is SessionMode.LOOK:
        return nullcontext()
    return claim_project(workspace, warn, needed=mode is SessionMode.WRITE, wait=wait)
