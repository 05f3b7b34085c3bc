"""One run on one project: the lock, the worker, the snapshot and the stages between them."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

from jaunt_core.backend.registry import LoadBackend
from jaunt_core.config.loading import Project
from jaunt_core.execution.landing import Landing
from jaunt_core.execution.lock import project_lock
from jaunt_core.execution.road import Road
from jaunt_core.execution.run import BackendSource, Blocked, execute_plan
from jaunt_core.execution.snapshot import Snapshot, read_snapshot
from jaunt_core.execution.sources import Roots, find_roots
from jaunt_core.execution.store import AnswerStore, store_key
from jaunt_core.execution.templates import load_templates
from jaunt_core.execution.worker import Worker
from jaunt_core.execution.workshop import Workshop
from jaunt_core.model.events import Event, PlanReady, RunFinished, Sink, WarningRaised, fold_events
from jaunt_core.model.plan import BuildPlan, Inference
from jaunt_core.model.report import BuildReport
from jaunt_core.model.spec import Digest, Kind
from jaunt_core.planning.plan import PlanInput, plan_modules


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A project that is locked and read."""

    project: Project
    roots: Roots
    worker: Worker
    snapshot: Snapshot
    source: BackendSource
    sink: Sink
    road: Road
    clock: Callable[[], float]
    started: float

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
    ) -> BuildReport:
        """Plan and execute one kind; the report is what the events add up to."""
        started = self.clock()
        told: list[Event] = []

        def sink(event: Event) -> None:
            told.append(event)
            self.sink(event)

        for message in self.snapshot.warnings(kind):
            sink(WarningRaised(kind=kind, message=message))
        store = AnswerStore(
            self.project.root, lambda message: sink(WarningRaised(kind=kind, message=message))
        )
        plan = plan_modules(
            PlanInput(
                kind=kind,
                inference=inference,
                judge=self.snapshot.judge,
                files=self.snapshot.files,
                generated_modules=self.snapshot.generated_modules,
                selected=selected,
                forced=forced,
                is_stored=lambda request: self._is_stored(store, request),
            )
        )
        sink(PlanReady(plan=plan))
        shop = self._workshop(kind, inference, store, sink)
        execute_plan(plan, shop, self.source, jobs=jobs, blocked=tuple(blocked(plan)))
        sink(RunFinished(kind=kind, seconds=self.clock() - started))
        return fold_events(told, kind)

    def _is_stored(self, store: AnswerStore, request: Digest) -> bool:
        return store.has_usable(store_key(request, self.source().fingerprint))

    def _workshop(
        self, kind: Kind, inference: Inference, store: AnswerStore, sink: Sink
    ) -> Workshop:
        project = self.project
        return Workshop(
            project=project,
            kind=kind,
            judged=self.snapshot.judge(inference),
            inference=inference,
            attempts=project.config.build.attempts,
            worker=self.worker,
            store=store,
            landing=Landing(project.root, self.roots.of(kind), project.config.paths.generated_dir),
            road=self.road,
            templates=cache(lambda: load_templates(project, kind)),
            backend=self.source,
            sink=sink,
            clock=self.clock,
        )


@contextmanager
def open_session(
    project: Project,
    *,
    kinds: Iterable[Kind],
    sink: Sink,
    environ: Mapping[str, str],
    load: LoadBackend,
    road: Road,
) -> Generator[Session]:
    """Lock a project and read what it holds.

    Raises:
        JauntConfigError: A root or the interpreter is wrong.
        JauntDiscoveryError: A spec module cannot be read.
        LandingError: `.jaunt/` cannot be written.
    """
    clock = time.monotonic
    started = clock()
    roots = find_roots(project)

    def warn(message: str) -> None:
        sink(WarningRaised(kind=Kind.BUILD, message=message))

    with project_lock(project.root, warn), Worker(project, roots, environ) as worker:
        yield Session(
            project=project,
            roots=roots,
            worker=worker,
            snapshot=read_snapshot(project, roots, worker, kinds),
            source=BackendSource(project, environ, load),
            sink=sink,
            road=road,
            clock=clock,
            started=started,
        )


__all__ = ["Session", "open_session"]
