"""One run on one project: the lock, the worker, the snapshot and the stages between them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Generator, Iterable, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from jaunt_core.backend.registry import LoadBackend
from jaunt_core.config.declared import declared_packages
from jaunt_core.config.loading import Project, require_prices
from jaunt_core.generation.execute import BackendSource, Blocked, execute_plan
from jaunt_core.generation.module_task import ModuleWork
from jaunt_core.generation.repair import Repairing, RunTests
from jaunt_core.generation.requests import Asking
from jaunt_core.generation.run_context import Workshop
from jaunt_core.landing.recovery import claimed
from jaunt_core.landing.writer import Landing
from jaunt_core.llm.confirmation import Confirm, Confirmation
from jaunt_core.llm.retry_policy import RetryPolicy
from jaunt_core.llm.spending import Spending, spending_of
from jaunt_core.model.events import Event, PlanReady, RunFinished, Sink, WarningRaised, fold_events
from jaunt_core.model.generation import GenerationRequest, ImportPolicy
from jaunt_core.model.plan import Action, BuildPlan, Inference, ModulePlan
from jaunt_core.model.report import BuildReport
from jaunt_core.model.spec import Digest, Kind
from jaunt_core.planning.attempt_schedule import attempt_schedule
from jaunt_core.planning.plan import PlanInput, plan_modules
from jaunt_core.project.sources import Roots, find_roots
from jaunt_core.project.templates import load_templates
from jaunt_core.snapshot.cache import fresh_plan
from jaunt_core.snapshot.cache_writer import FinishedRun, write_cache
from jaunt_core.snapshot.snapshot import Snapshot, read_snapshot
from jaunt_core.snapshot.spec_files import SpecFiles
from jaunt_core.snapshot.worker_client import Worker
from jaunt_core.storage.answers import AnswerStore, answer_key

if TYPE_CHECKING:
    from jaunt_core.sandbox.sandbox import Sandbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A project that is read, and locked where something may be written.

    `told` has all that was told to `sink`, from the beginning of the session on, `landed` what
    each generated file holds that was written.
    """

    project: Project
    roots: Roots
    environ: Mapping[str, str]
    worker: Worker
    snapshot: Snapshot
    source: BackendSource
    sink: Sink
    told: Sequence[Event]
    landed: dict[PurePosixPath, bytes]
    retry_policy: RetryPolicy
    spending: Spending
    confirmation: Confirmation
    clock: Callable[[], float]
    offline: bool
    closing: ExitStack

    def inference(self, infer_deps: bool | None) -> Inference:  # noqa: FBT001 - what the user said
        """The inference setting of this run."""
        config = self.project.config
        if infer_deps is not None:
            return Inference(build=infer_deps, test=infer_deps)
        return Inference(build=config.build.infer_deps, test=config.test.infer_deps)

    def run(
        self,
        kind: Kind,
        *,
        selected: frozenset[str],
        forced: frozenset[str],
        inference: Inference,
        jobs: int,
        blocked: Callable[[BuildPlan], Iterable[Blocked]] = lambda _: (),
        later: int = 0,
    ) -> BuildReport:
        """Plan and execute one kind, with so many calls `later`; the report is what was told."""
        started, warn = self.clock(), self._warner(kind)
        for message in self.snapshot.warnings(kind):
            warn(message)
        store = AnswerStore(self.project.root, warn)
        plan = self.plan(
            kind, selected=selected, forced=forced, inference=inference, stored_in=store
        )
        self.sink(PlanReady(plan=plan))
        calls = plan.count(Action.GENERATE)
        if calls:
            require_prices(self.project)
        self.confirmation.require(calls, later=later)
        shop = self._workshop(kind, inference, store)
        shop = self._equipped(shop) if plan.rebuild else shop
        execute_plan(plan, shop, self.source, jobs=jobs, blocked=tuple(blocked(plan)))
        self.closing.close()  # before the notes, after which a next run may sweep nothing
        self.sink(RunFinished(kind=kind, seconds=self.clock() - started))
        return self.report(kind)

    def report(self, kind: Kind) -> BuildReport:
        """What all events so far add up to."""
        return fold_events(self.told, kind)

    def plan(
        self,
        kind: Kind,
        *,
        selected: frozenset[str],
        forced: frozenset[str],
        inference: Inference,
        stored_in: AnswerStore | None,
    ) -> BuildPlan:
        """What a run of one kind would do; without a store, nothing counts as stored.

        Modules that are known to be fresh stand in it without their specs.
        """

        def is_stored(request: Digest) -> bool:
            if stored_in is None:
                return False
            keys = (answer_key(request, backend.fingerprint) for backend in self.source())
            return any(stored_in.has_usable(key) for key in keys)

        plan = plan_modules(
            PlanInput(
                kind=kind,
                inference=inference,
                judge=self.snapshot.judge,
                files=self.snapshot.files,
                generated_modules=self.snapshot.generated_modules,
                selected=selected,
                forced=forced,
                is_stored=is_stored,
            )
        )
        settled = self.snapshot.fresh_of(kind)
        modules = (*plan.modules, *(fresh_plan(it) for it in settled if it.name in selected))
        return BuildPlan(kind=kind, modules=tuple(sorted(modules, key=lambda item: item.name)))

    def remember(self, *, orphans: bool | None = None) -> None:
        """Keep what this run learnt, so that the next one need not read it again.

        `orphans` tells whether there are orphaned files, None where nobody looked.
        """
        run = FinishedRun(
            project=self.project,
            roots=self.roots,
            snapshot=self.snapshot,
            python=self.worker.python,
            environ=self.environ,
            inference=self.inference(None),
            landed=self.landed,
            orphans=orphans,
        )
        write_cache(run)

    def repairing(self, inference: Inference, run: RunTests) -> Repairing:
        """What asks for code anew that fails its tests."""
        store = AnswerStore(self.project.root, self._warner(Kind.BUILD))
        shop = self._equipped(self._workshop(Kind.BUILD, inference, store))
        # One thread: what the tests said would be lost in a fresh start.
        shop = replace(shop, schedule=attempt_schedule(attempts=2, further_models=0))
        return Repairing(shop, self.source, run)

    def _equipped(self, shop: Workshop) -> Workshop:
        from jaunt_core.generation.checks import equipped  # noqa: PLC0415 - only for work

        warn = self._warner(shop.kind)
        return equipped(shop, self.roots, self.environ, warn, self.closing)

    def _warner(self, kind: Kind) -> Callable[[str], None]:
        return lambda message: self.sink(WarningRaised(kind=kind, message=message))

    def request_for(self, plan: ModulePlan, inference: Inference) -> GenerationRequest:
        """What would be sent for a module first.

        Raises:
            RequestError: It is too long.
        """
        return Asking(self._reading_workshop(plan, inference)).request(plan)

    def next_request_for(self, plan: ModulePlan, inference: Inference) -> GenerationRequest:
        """What would be sent for a module next, where an earlier run left it in the middle.

        Raises:
            RequestError: It is too long.
        """
        work = ModuleWork(self._equipped(self._reading_workshop(plan, inference)))
        return asyncio.run(work.next_request(plan))

    def _reading_workshop(self, plan: ModulePlan, inference: Inference) -> Workshop:
        store = AnswerStore(self.project.root, lambda _: None, read_only=True)
        return self._workshop(plan.module.kind, inference, store)

    def _imports(self, kind: Kind) -> ImportPolicy:
        return ImportPolicy(
            packages=declared_packages(self.project.root, kind), python=self.worker.version
        )

    def _workshop(self, kind: Kind, inference: Inference, store: AnswerStore) -> Workshop:
        project = self.project
        generated_dir = project.config.paths.generated_dir
        return Workshop(
            project=project,
            kind=kind,
            judged=self.snapshot.judge(inference),
            inference=inference,
            schedule=attempt_schedule(
                attempts=project.config.build.attempts,
                further_models=len(project.config.build.escalate),
            ),
            worker=self.worker,
            store=store,
            specs=SpecFiles(project.root, self.snapshot.discovered),
            landing=Landing(project.root, self.roots, kind, generated_dir, landed=self.landed),
            retry_policy=self.retry_policy,
            spending=self.spending,
            confirmation=self.confirmation,
            templates=cache(lambda: load_templates(project, kind)),
            imports=cache(lambda: self._imports(kind)),
            backends=self.source,
            sink=self.sink,
            clock=self.clock,
            offline=self.offline,
        )

    def sandbox(self) -> Sandbox:
        """Where generated code is tried."""
        from jaunt_core.sandbox.sandbox import Sandbox  # noqa: PLC0415 - runs without work

        return Sandbox(self.project, self.roots, self.worker.python, self.environ)


@contextmanager
def open_session(
    project: Project,
    *,
    kinds: Iterable[Kind],
    sink: Sink,
    environ: Mapping[str, str],
    load: LoadBackend,
    retry_policy: RetryPolicy,
    wanted: Collection[str] | None,
    confirm: Confirm | None = None,
    locked: bool = True,
    wait: bool = True,
    at_rest: bool = False,
    offline: bool = False,
) -> Generator[Session]:
    """Read what a project holds, with the project locked where something may be written.

    What is known to be fresh is not read, unless it is `wanted`; all is where that is None. A
    project `at_rest`, in which nothing will be written, is read even if it cannot be locked.

    Raises:
        JauntConfigError: A root or the interpreter is wrong.
        JauntDiscoveryError: A spec module cannot be read.
        LandingError: `.jaunt/` cannot be written, or another run is not to be waited for.
    """
    roots = find_roots(project)
    told: list[Event] = []

    def tell(event: Event) -> None:
        told.append(event)
        sink(event)

    def warn(message: str) -> None:
        tell(WarningRaised(kind=Kind.BUILD, message=message))

    lock = claimed(project, roots, warn, needed=not at_rest, wait=wait) if locked else nullcontext()
    with lock, Worker(project, roots, environ) as worker, ExitStack() as closing:
        yield Session(
            project=project,
            roots=roots,
            environ=environ,
            worker=worker,
            snapshot=read_snapshot(project, roots, worker, kinds, wanted=wanted),
            source=BackendSource(project, environ, load),
            sink=tell,
            told=told,
            landed={},
            retry_policy=retry_policy,
            spending=spending_of(project.config),
            confirmation=Confirmation(project.config.budget.confirm_above, confirm),
            clock=time.monotonic,
            offline=offline,
            closing=closing,
        )
