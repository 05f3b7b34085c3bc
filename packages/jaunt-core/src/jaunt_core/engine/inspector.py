"""`jaunt status`, `plan`, `check`, `why` and `clean`: look, and say; no model is asked."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import PurePosixPath

from jaunt_core.backend.registry import LoadBackend, load_backend
from jaunt_core.config.loading import Project
from jaunt_core.errors import RequestError
from jaunt_core.generation.session import Session, open_session
from jaunt_core.landing.recovery import claimed
from jaunt_core.llm.retry_policy import RetryPolicy
from jaunt_core.model.events import Sink, WarningRaised
from jaunt_core.model.generation import GenerationRequest
from jaunt_core.model.inspection import Explanation, Inspection, SpecExplanation
from jaunt_core.model.plan import Action, BuildPlan, ModulePlan
from jaunt_core.model.spec import Kind, SpecRef
from jaunt_core.planning.prompt_limit import estimated_tokens
from jaunt_core.planning.staleness import selected_modules
from jaunt_core.project.sources import find_roots, walk_tree
from jaunt_core.snapshot.explanation import causes_elsewhere, explain_spec
from jaunt_core.snapshot.orphans import (
    find_orphans,
    orphaned_files,
    remove_generated,
    with_our_header,
)
from jaunt_core.snapshot.snapshot import target_modules, warnings_of
from jaunt_core.snapshot.worker_client import Worker
from jaunt_core.storage.answers import AnswerStore


def inspect_project(
    project: Project,
    *,
    environ: Mapping[str, str],
    targets: tuple[str, ...] = (),
    infer_deps: bool | None = None,
    load: LoadBackend | None = load_backend,
) -> Inspection:
    """What a run would do and why; nobody is asked, and no file of the project is written.

    Args:
        project: Where, and under which configuration.
        environ: The environment that specs are read in, the key left out.
        targets: `MODULE` or `MODULE:QUALNAME`, each with its dependencies and its tests; all
            modules where it is empty.
        infer_deps: The inference setting; that of `jaunt.toml` where None.
        load: Makes the backend, whose fingerprint says which answers are stored; None to do
            without, so that nothing counts as stored and no cost is estimated.

    Raises:
        JauntConfigError, JauntDiscoveryError, JauntDependencyCycleError: It cannot be told.
    """
    wanted = frozenset(target.partition(":")[0] for target in targets)
    with _looking(
        project, environ, load or load_backend, wanted=wanted if infer_deps is None else None
    ) as session:
        snapshot = session.snapshot
        build = _plan(session, Kind.BUILD, targets, infer_deps, with_store=load is not None)
        tests = _plan(session, Kind.TEST, targets, infer_deps, with_store=load is not None)
        edges = snapshot.judge(session.inference(infer_deps)).graph.module_edges()
        blocked = _blocked((*build.rebuild, *tests.rebuild), edges)
        asked = [
            item
            for item in (*build.modules, *tests.modules)
            if item.action is Action.GENERATE and item.name not in blocked and load is not None
        ]
        inspection = Inspection(
            build=build,
            tests=tests,
            orphans=() if targets else find_orphans(snapshot, project.root, session.worker),
            input_tokens={item.name: _tokens_of(session, item, infer_deps) for item in asked},
            warnings=(*snapshot.warnings(Kind.BUILD), *snapshot.warnings(Kind.TEST)),
            blocked=blocked,
        )
        if infer_deps is None:
            session.remember(orphans=None if targets else bool(inspection.orphans))
        return inspection


def explain_module(
    project: Project,
    target: str,
    *,
    environ: Mapping[str, str],
    load: LoadBackend = load_backend,
) -> Explanation:
    """The whole story of one module, or of one spec in it, fresh or not.

    Raises:
        JauntConfigError: `target` names no spec.
    """
    wanted = frozenset({target.partition(":")[0]})
    with _looking(project, environ, load, wanted=wanted) as session:
        snapshot = session.snapshot
        (name,) = target_modules(snapshot, [target], option="")
        module = snapshot.module(name)
        kinds = (Kind.BUILD,) if module.kind is Kind.BUILD else tuple(Kind)
        plans = {kind: _plan(session, kind, (), None, with_store=True) for kind in kinds}
        plan = next(item for item in plans[module.kind].modules if item.name == name)
        header = plan.file.header  # a file is judged by the setting that it was made with
        judged = snapshot.judge(header.inference if header else session.inference(None))
        rebuilt = tuple(item for each in plans.values() for item in each.rebuild)
        qualname = target.partition(":")[2]

        def story(ref: SpecRef) -> SpecExplanation:
            return explain_spec(project.root, judged, snapshot.files[ref.module], ref)

        return Explanation(
            plan=plan,
            specs=tuple(story(spec.ref) for spec in module.specs if qualname in ("", spec.name)),
            causes=tuple(story(ref) for ref in causes_elsewhere(plan, judged.graph)),
            warnings=tuple(warnings_of(module)),
            blocked_by=_blocked(rebuilt, judged.graph.module_edges()).get(name, ""),
        )


def show_request(
    project: Project,
    target: str,
    *,
    environ: Mapping[str, str],
    infer_deps: bool | None = None,
    load: LoadBackend = load_backend,
) -> GenerationRequest:
    """What would be sent for a module next, whether or not it is fresh; nobody is asked.

    Raises:
        JauntConfigError: `target` names no spec.
        RequestError: The request would be too long.
    """
    wanted = frozenset({target.partition(":")[0]})
    with _looking(project, environ, load, wanted=wanted if infer_deps is None else None) as session:
        (name,) = target_modules(session.snapshot, [target], option="")
        kind = session.snapshot.module(name).kind
        plan = _plan(session, kind, (target,), infer_deps, with_store=False)
        (item,) = (each for each in plan.modules if each.name == name)
        return session.next_request_for(item, session.inference(infer_deps))


def clean_project(
    project: Project,
    *,
    environ: Mapping[str, str],
    orphans_only: bool,
    dry_run: bool,
    wait: bool = True,
    sink: Sink = lambda _: None,
) -> tuple[PurePosixPath, ...]:
    """Remove generated files: all with our header, or only those that no spec needs.

    What was edited by hand is copied to `.jaunt/overwritten/` first. Stored answers stay, so a
    build brings the files back without asking.

    Returns:
        The files that were removed, or with `dry_run` would be, ordered by path.

    Raises:
        LandingError: A file cannot be removed.
        BusyError: Another run works on the project, and this one does not `wait`.
    """
    if not orphans_only:
        return _clean_all(project, environ, dry_run=dry_run, wait=wait, sink=sink)
    with _looking(
        project, environ, load_backend, locked=not dry_run, wait=wait, sink=sink
    ) as session:
        files = orphaned_files(session.snapshot, project.root, session.worker)
        return remove_generated(project.root, files, dry_run=dry_run)


def _clean_all(
    project: Project, environ: Mapping[str, str], *, dry_run: bool, wait: bool, sink: Sink
) -> tuple[PurePosixPath, ...]:
    """Remove all files with our header; no spec is read, so that none can stand in the way."""

    def warn(message: str) -> None:
        sink(WarningRaised(kind=Kind.BUILD, message=message))

    roots = find_roots(project)
    lock = nullcontext() if dry_run else claimed(project, roots, warn, wait=wait)
    with lock, Worker(project, roots, environ) as worker:
        tree = walk_tree(project, roots)
        files = with_our_header(project.root, tree.generated, worker).values()
        return remove_generated(project.root, files, dry_run=dry_run)


@contextmanager
def _looking(
    project: Project,
    environ: Mapping[str, str],
    load: LoadBackend,
    *,
    wanted: frozenset[str] | None = frozenset(),
    locked: bool = False,
    wait: bool = True,
    sink: Sink = lambda _: None,
) -> Generator[Session]:
    with open_session(
        project,
        kinds=list(Kind),
        sink=sink,
        environ=environ,
        load=load,
        retry_policy=RetryPolicy(),
        wanted=wanted,
        locked=locked,
        wait=wait,
    ) as session:
        yield session


def _plan(
    session: Session,
    kind: Kind,
    targets: tuple[str, ...],
    infer_deps: bool | None,  # noqa: FBT001
    *,
    with_store: bool,
) -> BuildPlan:
    snapshot = session.snapshot
    inference = session.inference(infer_deps)
    everything = snapshot.names(kind)
    edges = snapshot.judge(inference).graph.module_edges()
    named = target_modules(snapshot, targets)
    named |= {name for name in snapshot.names(Kind.TEST) if named & set(edges.get(name, ()))}
    return session.plan(
        kind,
        selected=selected_modules(named, edges) & everything if named else everything,
        forced=frozenset(),
        inference=inference,
        stored_in=AnswerStore(session.project.root, lambda _: None, read_only=True)
        if with_store
        else None,
    )


def _blocked(
    rebuilt: tuple[ModulePlan, ...], edges: Mapping[str, tuple[str, ...]]
) -> dict[str, str]:
    """The modules of a rebuild set that a run would skip, each with the refused one to blame."""
    refused = {item.name for item in rebuilt if item.action is Action.REFUSE}
    dependents: dict[str, list[str]] = {}
    for name, targets in edges.items():
        for target in targets:
            dependents.setdefault(target, []).append(name)
    found: dict[str, str] = {}
    for cause in sorted(refused):
        pending = list(dependents.get(cause, ()))
        while pending:
            name = pending.pop()
            if name not in found:  # else all that depends on it was found as well
                found[name] = cause
                pending.extend(dependents.get(name, ()))
    blocked = found.keys() - refused
    return {item.name: found[item.name] for item in rebuilt if item.name in blocked}


def _tokens_of(session: Session, plan: ModulePlan, infer_deps: bool | None) -> int:  # noqa: FBT001
    """About how many tokens the first request for a module has; no tokenizer is asked."""
    try:
        request = session.request_for(plan, session.inference(infer_deps))
    except RequestError as error:
        return error.tokens
    return estimated_tokens(request.messages)
