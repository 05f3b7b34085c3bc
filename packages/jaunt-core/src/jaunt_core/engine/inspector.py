"""`jaunt status`, `plan`, `check`, `why` and `clean`: look, and say; no model is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from functools import cache
from pathlib import PurePosixPath

from jaunt_core.backend.registry import LoadBackend, load_backend
from jaunt_core.config.loading import Project
from jaunt_core.errors import RequestError
from jaunt_core.generation.module_task import next_request
from jaunt_core.generation.options import BuildOptions
from jaunt_core.generation.requests import RequestBuilder
from jaunt_core.generation.run import make_context
from jaunt_core.generation.session import Session, SessionMode, open_session
from jaunt_core.landing.recovery import claim_project
from jaunt_core.model.events import Sink, WarningRaised
from jaunt_core.model.generation import GenerationRequest
from jaunt_core.model.inspection import Explanation, Inspection, SpecExplanation
from jaunt_core.model.plan import Action, BuildPlan, ModulePlan
from jaunt_core.model.spec import Kind, SpecRef
from jaunt_core.planning.prompt_limit import estimated_tokens
from jaunt_core.planning.staleness import selected_modules
from jaunt_core.project.sources import walk_tree
from jaunt_core.project.workspace import Workspace
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
    options = BuildOptions(targets=targets, infer_deps=infer_deps)
    with open_session(project, options, environ=environ, load=load or load_backend) as session:
        snapshot = session.snapshot
        build, tests = (_plan(session, kind, targets, with_store=load is not None) for kind in Kind)
        blocked = _blocked((*build.rebuild, *tests.rebuild), session.module_edges)
        asked = [
            plan
            for plan in (*build.modules, *tests.modules)
            if plan.action is Action.GENERATE and plan.name not in blocked and load is not None
        ]
        inspection = Inspection(
            build=build,
            tests=tests,
            orphans=() if targets else find_orphans(snapshot, project.root, session.worker),
            input_tokens=_input_tokens(session, asked),
            warnings=(*snapshot.warnings(Kind.BUILD), *snapshot.warnings(Kind.TEST)),
            blocked=blocked,
        )
        session.save_cache(orphans=None if targets else bool(inspection.orphans))
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
    options = BuildOptions(targets=(target,))
    with open_session(project, options, environ=environ, load=load) as session:
        snapshot = session.snapshot
        (name,) = target_modules(snapshot, [target], option="")
        module = snapshot.module(name)
        kinds = (Kind.BUILD,) if module.kind is Kind.BUILD else tuple(Kind)
        plans = {kind: _plan(session, kind, (), with_store=True) for kind in kinds}
        plan = next(plan for plan in plans[module.kind].modules if plan.name == name)
        header = plan.file.header  # a file is judged by the setting that it was made with
        judged = snapshot.judge(header.inference if header else session.inference)
        rebuilt = tuple(module for plan in plans.values() for module in plan.rebuild)
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
    options = BuildOptions(targets=(target,), infer_deps=infer_deps)
    with open_session(project, options, environ=environ, load=load) as session:
        (name,) = target_modules(session.snapshot, [target], option="")
        kind = session.snapshot.module(name).kind
        plan = _plan(session, kind, (target,), with_store=False)
        (module,) = (module for module in plan.modules if module.name == name)
        return asyncio.run(next_request(make_context(session, kind), module))


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
    mode = SessionMode.LOOK if dry_run else SessionMode.WRITE
    options = BuildOptions(wait=wait)
    with open_session(project, options, mode=mode, environ=environ, sink=sink) as session:
        files = orphaned_files(session.snapshot, project.root, session.worker)
        return remove_generated(project.root, files, dry_run=dry_run)


def _clean_all(
    project: Project, environ: Mapping[str, str], *, dry_run: bool, wait: bool, sink: Sink
) -> tuple[PurePosixPath, ...]:
    """Remove all files with our header; no spec is read, so that none can stand in the way."""

    def warn(message: str) -> None:
        sink(WarningRaised(kind=Kind.BUILD, message=message))

    workspace = Workspace(project=project, environ=environ)
    lock = nullcontext() if dry_run else claim_project(workspace, warn, wait=wait)
    with lock, Worker(workspace) as worker:
        tree = walk_tree(workspace)
        files = with_our_header(project.root, tree.generated, worker).values()
        return remove_generated(project.root, files, dry_run=dry_run)


def _plan(session: Session, kind: Kind, targets: tuple[str, ...], *, with_store: bool) -> BuildPlan:
    """What a run would do with the modules that are meant, those that test them included."""
    snapshot = session.snapshot
    selected = everything = snapshot.names(kind)
    if targets:
        edges, named = session.module_edges, target_modules(snapshot, targets)
        named |= {name for name in snapshot.names(Kind.TEST) if named & set(edges.get(name, ()))}
        selected = selected_modules(named, edges) & everything
    answers = AnswerStore(session.project.root, lambda _: None, read_only=True)
    return session.plan(kind, selected=selected, answers=answers if with_store else None)


def _blocked(
    rebuilt: tuple[ModulePlan, ...], edges: Mapping[str, tuple[str, ...]]
) -> dict[str, str]:
    """The modules of a rebuild set that a run would skip, each with the refused one to blame."""
    refused = {plan.name for plan in rebuilt if plan.action is Action.REFUSE}
    dependents: dict[str, list[str]] = {}
    for name, targets in edges.items():
        for target in targets:
            dependents.setdefault(target, []).append(name)
    causes: dict[str, str] = {}
    for cause in sorted(refused):
        pending = list(dependents.get(cause, ()))
        while pending:
            name = pending.pop()
            if name not in causes:  # else all that depends on it has its cause already
                causes[name] = cause
                pending.extend(dependents.get(name, ()))
    blocked = causes.keys() - refused
    return {plan.name: causes[plan.name] for plan in rebuilt if plan.name in blocked}


def _input_tokens(session: Session, plans: Iterable[ModulePlan]) -> dict[str, int]:
    """About how many tokens the first request for each module has; no tokenizer is asked."""

    @cache
    def requests(kind: Kind) -> RequestBuilder:
        return make_context(session, kind, with_checks=False).tools.requests

    tokens: dict[str, int] = {}
    for plan in plans:
        try:
            request = requests(plan.module.kind).request_for(plan)
            tokens[plan.name] = estimated_tokens(request.messages)
        except RequestError as error:
            tokens[plan.name] = error.tokens
    return tokens
