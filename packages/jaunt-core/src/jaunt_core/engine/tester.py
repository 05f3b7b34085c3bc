"""`jaunt test`: build, generate tests, run them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from jaunt_core.backend.registry import LoadBackend, load_backend, offline_loader
from jaunt_core.config.loading import Project
from jaunt_core.engine.builder import BuildOptions, build_modules, calls_of_tests, wanted_modules
from jaunt_core.engine.noop import CODE_AND_TESTS, find_unchanged
from jaunt_core.generation.execute import Blocked
from jaunt_core.generation.repair import blamed_modules
from jaunt_core.generation.session import Session, open_session
from jaunt_core.llm.confirmation import Confirm
from jaunt_core.llm.retry_policy import RetryPolicy
from jaunt_core.model.events import (
    MutationFinished,
    MutationStarted,
    PytestFinished,
    PytestPrinted,
    PytestStarted,
    Sink,
    SpecScored,
    WarningRaised,
)
from jaunt_core.model.plan import Action, BuildPlan
from jaunt_core.model.report import (
    BuildReport,
    MutationReport,
    Outcome,
    PytestResult,
    TestReport,
)
from jaunt_core.model.spec import Kind
from jaunt_core.planning.staleness import selected_modules
from jaunt_core.sandbox.pytest_run import NO_TESTS, require_pytest, run_pytest
from jaunt_core.snapshot.snapshot import target_modules

_NOT_MADE = (Outcome.FAILED, Outcome.SKIPPED)


@dataclass(frozen=True, slots=True, kw_only=True)
class TestOptions(BuildOptions):
    """What a user may say about a test run.

    `targets` are test modules, or code modules, which stand for the tests of them. `force` asks
    anew for all that is targeted, code and tests; `jobs` is about the tests. `color` asks pytest
    for colours; its output comes as `PytestPrinted` events. `strength` asks how many mutants of
    the code the tests notice, where all of them pass; `repair`, that code whose tests fail is
    asked for anew.
    """

    __test__ = False

    build: bool = True
    run: bool = True
    pytest_args: tuple[str, ...] = ()
    color: bool = False
    strength: bool = False
    repair: bool = False


def run_tests(
    project: Project,
    options: TestOptions,
    *,
    sink: Sink,
    environ: Mapping[str, str],
    load: LoadBackend = load_backend,
    retry_policy: RetryPolicy = RetryPolicy(),  # noqa: B008 - a frozen value
    confirm: Confirm | None = None,
) -> TestReport:
    """Build, generate the stale tests and run them, and tell `sink` what happens.

    Arguments and errors are those of `builder.build`. Test modules whose code could not be
    built are skipped; those that could be made run all the same. Where all is known to be fresh
    the project need not be writable.
    """
    with open_session(
        project,
        kinds=list(Kind),
        sink=sink,
        environ=environ,
        load=offline_loader(load) if options.offline else load,
        retry_policy=retry_policy,
        offline=options.offline,
        wanted=None if options.strength or options.repair else wanted_modules(options),
        at_rest=_is_fresh(project, options, environ),
        confirm=confirm,
        wait=options.wait,
    ) as session:
        if options.run:
            require_pytest(session.worker)
        chosen = _Chosen.of(session, options)
        built = None
        if options.build:
            code_options = BuildOptions(force=options.force, infer_deps=options.infer_deps)
            built = build_modules(
                session,
                code_options,
                targets=chosen.code,
                forced=chosen.named_code,
                later=calls_of_tests(session, chosen.tests, options),
            )
        tests = _make_tests(session, options, chosen, built)
        if options.infer_deps is None:
            session.remember()
        result = _run_made(session, options, tests, environ) if options.run else None
        if options.repair and result is not None and result.failures:
            repaired = _repair(session, options, tests, result, environ)
            result = _run_made(session, options, tests, environ) if repaired else result
            built = session.report(Kind.BUILD)
        mutation = None
        if options.strength and result is not None and result.ok:
            mutation = _measure(session, options, tests)
        return TestReport(
            build=built, tests=session.report(Kind.TEST), pytest=result, mutation=mutation
        )


def _is_fresh(project: Project, options: TestOptions, environ: Mapping[str, str]) -> bool:
    """Whether nothing will be written, as far as can be told without reading any spec."""
    is_usual = not options.targets and not options.force and options.infer_deps is None
    if not is_usual or options.repair:
        return False
    unchanged = find_unchanged(CODE_AND_TESTS, config=project.config_path, environ=environ)
    return unchanged is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chosen:
    """The modules that a test run is about; None stands for all code modules.

    `named_code` are those that the user named, `code` has what they and the tests build on too.
    """

    named_code: frozenset[str]
    code: frozenset[str] | None
    tests: frozenset[str]

    @classmethod
    def of(cls, session: Session, options: TestOptions) -> _Chosen:
        """What `--target` asks for: test modules, and the tests of code modules."""
        snapshot = session.snapshot
        everything = snapshot.names(Kind.TEST)
        targets = target_modules(snapshot, options.targets)
        if not targets:
            return cls(named_code=frozenset(), code=None, tests=everything)
        edges = snapshot.judge(session.inference(options.infer_deps)).graph.module_edges()
        code = targets & snapshot.names(Kind.BUILD)
        tests = {name for name in everything if name in targets or code & set(edges.get(name, ()))}
        needed = selected_modules(tests | code, edges) & snapshot.names(Kind.BUILD)
        selected = selected_modules(tests, edges) & everything
        return cls(named_code=code, code=needed, tests=selected)


def _make_tests(
    session: Session, options: TestOptions, chosen: _Chosen, built: BuildReport | None
) -> BuildReport:
    inference = session.inference(options.infer_deps)
    edges = session.snapshot.judge(inference).graph.module_edges()
    missing = [item.module for item in built.modules if item.outcome in _NOT_MADE] if built else []

    def blocked(plan: BuildPlan) -> Iterator[Blocked]:
        for item in plan.rebuild:
            causes = [name for name in missing if name in edges[item.name]]
            if causes:
                yield Blocked(name=item.name, cause=causes[0])

    return session.run(
        Kind.TEST,
        selected=chosen.tests,
        forced=chosen.tests if options.force else frozenset(),
        inference=inference,
        jobs=options.jobs or session.project.config.test.jobs,
        blocked=blocked,
    )


def _run_made(
    session: Session, options: TestOptions, tests: BuildReport, environ: Mapping[str, str]
) -> PytestResult:
    paths: tuple[PurePosixPath, ...] = tuple(
        item.path for item in tests.modules if item.outcome not in _NOT_MADE
    )
    session.sink(PytestStarted(paths=paths))
    if paths:
        result = _pytest_on(
            session,
            options,
            paths,
            environ,
            on_output=lambda text: session.sink(PytestPrinted(text=text)),
        )
    else:
        if not tests.modules:
            roots = ", ".join(str(root) for root in session.roots.test) or "none exists"
            message = f"no test specs below the test roots ({roots}): write one with @jaunt.test"
            session.sink(WarningRaised(kind=Kind.TEST, message=message))
        result = PytestResult(exit_code=NO_TESTS, passed=0, failed=0)
    session.sink(PytestFinished(result=result))
    return result


def _pytest_on(
    session: Session,
    options: TestOptions,
    paths: tuple[PurePosixPath, ...],
    environ: Mapping[str, str],
    *,
    on_output: Callable[[str], None],
    stopped: threading.Event | None = None,
) -> PytestResult:
    return run_pytest(
        session.project,
        session.roots,
        session.worker.python,
        paths,
        arguments=(*session.project.config.test.pytest_args, *options.pytest_args),
        environ=environ,
        color=options.color,
        on_output=on_output,
        stopped=stopped,
    )


def _repair(
    session: Session,
    options: TestOptions,
    tests: BuildReport,
    result: PytestResult,
    environ: Mapping[str, str],
) -> bool:
    """Have the code asked for anew whose tests fail; whether any of it was exchanged."""
    made = {item.module: item.path for item in tests.modules if item.outcome not in _NOT_MADE}
    inference = session.inference(options.infer_deps)
    graph = session.snapshot.judge(inference).graph
    edges = graph.module_edges()

    def run(modules: frozenset[str], stopped: threading.Event | None = None) -> PytestResult:
        paths = tuple(made[name] for name in sorted(modules))
        return _pytest_on(
            session, options, paths, environ, on_output=lambda _: None, stopped=stopped
        )

    repairing = session.repairing(inference, run)
    everything = session.snapshot.names(Kind.BUILD)
    plan = session.plan(
        Kind.BUILD,
        selected=everything,
        forced=frozenset(),
        inference=inference,
        stored_in=None,
    )
    by_path = {str(path): name for name, path in made.items()}
    repaired = False
    for blamed in blamed_modules(graph, result.failures, by_path):
        about = frozenset(name for name in made if blamed.module in edges[name])
        (item,) = (each for each in plan.modules if each.name == blamed.module)
        if item.action is Action.REFUSE:  # somebody's own edits are not for us to mend
            continue
        before = run(about) if repaired else result
        if any(failure in before.failures for failure in blamed.failures):
            session.confirmation.require(1)
            repaired = repairing.repair(item, blamed, about, before) is not None or repaired
    return repaired


def _measure(session: Session, options: TestOptions, tests: BuildReport) -> MutationReport:
    """How many mutants of the code the tests that ran notice."""
    from jaunt_core.sandbox.mutation import Measuring, measured_specs  # noqa: PLC0415 - rare

    made = {item.module: item.path for item in tests.modules if item.outcome not in _NOT_MADE}
    graph = session.snapshot.judge(session.inference(options.infer_deps)).graph
    specs = measured_specs(graph, made)
    session.sink(MutationStarted(specs=len(specs)))
    measuring = Measuring(
        session.project,
        session.sandbox(),
        (*session.project.config.test.pytest_args, *options.pytest_args),
        lambda score: session.sink(SpecScored(score=score)),
    )
    jobs = options.jobs or session.project.config.test.jobs
    report = MutationReport(specs=measuring.measure(specs, jobs=jobs))
    session.sink(MutationFinished(report=report))
    return report
