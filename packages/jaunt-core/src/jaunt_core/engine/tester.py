"""`jaunt test`: build, generate tests, run them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from jaunt_core.backend.registry import LoadBackend, load_backend
from jaunt_core.config.loading import Project
from jaunt_core.engine.noop import CODE_AND_TESTS, find_unchanged
from jaunt_core.generation.options import BuildOptions
from jaunt_core.generation.repair import repair_failing
from jaunt_core.generation.run import Blocked, make_context, run_kind
from jaunt_core.generation.session import Session, SessionMode, open_session
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
from jaunt_core.model.report import BuildReport, MutationReport, PytestResult, TestReport
from jaunt_core.model.spec import Kind
from jaunt_core.planning.attempt_schedule import attempt_schedule
from jaunt_core.planning.staleness import selected_modules
from jaunt_core.sandbox.pytest_run import NO_TESTS, require_pytest, run_pytest
from jaunt_core.snapshot.snapshot import target_modules
from jaunt_core.storage.answers import AnswerStore


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

    @property
    def modules_to_read(self) -> frozenset[str] | None:
        """As for a build; what measures or repairs code has to know all of it."""
        if self.strength or self.repair:
            return None
        return super(TestOptions, self).modules_to_read


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
    is_fresh = _is_fresh(project, options, environ)
    with open_session(
        project,
        options,
        mode=SessionMode.VERIFY if is_fresh else SessionMode.WRITE,
        sink=sink,
        environ=environ,
        load=load,
        retry_policy=retry_policy,
        confirm=confirm,
    ) as session:
        if options.run:
            require_pytest(session.worker)
        selection = _Selection.of(session, options)
        built = _build_code(session, options, selection) if options.build else None
        tests = _build_tests(session, options, selection, built)
        session.save_cache()
        result = mutation = None
        if options.run:
            runner = _TestRunner(session, options, tests)
            result = runner.run()
            if options.repair and result.failures and _repair(session, runner, result):
                result = runner.run()
                built = session.report(Kind.BUILD)
            if options.strength and result.ok:
                mutation = _measure(session, options, runner.files)
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
class _Selection:
    """The modules that a test run is about.

    `named_code` are the code modules that the user named, all where he named nothing; `code` has
    what they and the tests build on too.
    """

    named_code: frozenset[str]
    code: frozenset[str]
    tests: frozenset[str]

    @classmethod
    def of(cls, session: Session, options: TestOptions) -> _Selection:
        """What `--target` asks for: test modules, and the tests of code modules."""
        snapshot = session.snapshot
        all_code, all_tests = snapshot.names(Kind.BUILD), snapshot.names(Kind.TEST)
        targets = target_modules(snapshot, options.targets)
        if not targets:
            return cls(named_code=all_code, code=all_code, tests=all_tests)
        edges = session.module_edges
        code = targets & all_code
        tests = {name for name in all_tests if name in targets or code & set(edges.get(name, ()))}
        return cls(
            named_code=code,
            code=selected_modules(tests | code, edges) & all_code,
            tests=selected_modules(tests, edges) & all_tests,
        )


def _build_code(session: Session, options: TestOptions, selection: _Selection) -> BuildReport:
    forced_tests = selection.tests if options.force else frozenset()
    later = 0
    if session.confirmation.is_limited:  # the question is about all calls of the run
        answers = AnswerStore(session.project.root, lambda _: None, read_only=True)
        plan = session.plan(
            Kind.TEST, selected=selection.tests, forced=forced_tests, answers=answers
        )
        later = plan.count(Action.GENERATE)
    return run_kind(
        session,
        Kind.BUILD,
        selected=selection.code,
        forced=selection.named_code if options.force else frozenset(),
        jobs=session.project.config.build.jobs,
        later=later,
    )


def _build_tests(
    session: Session, options: TestOptions, selection: _Selection, built: BuildReport | None
) -> BuildReport:
    edges, reports = session.module_edges, built.modules if built else ()
    missing = [report.module for report in reports if not report.outcome.is_success]

    def blocked(plan: BuildPlan) -> Iterator[Blocked]:
        for module in plan.rebuild:
            causes = [name for name in missing if name in edges[module.name]]
            if causes:
                yield Blocked(name=module.name, cause=causes[0])

    return run_kind(
        session,
        Kind.TEST,
        selected=selection.tests,
        forced=selection.tests if options.force else frozenset(),
        jobs=options.jobs or session.project.config.test.jobs,
        blocked=blocked,
    )


class _TestRunner:
    """Runs the generated tests of one run, those that stand.

    `files` has the generated file of each test module.
    """

    def __init__(self, session: Session, options: TestOptions, tests: BuildReport) -> None:
        self._session = session
        self._options = options
        self.files: dict[str, PurePosixPath] = {
            report.module: report.path for report in tests.modules if report.outcome.is_success
        }
        self._has_specs = bool(tests.modules)

    def run(self) -> PytestResult:
        """Run all of them, and tell the sink what pytest prints."""
        sink, paths = self._session.sink, tuple(self.files.values())
        sink(PytestStarted(paths=paths))
        if paths:
            result = self._pytest(paths, on_output=lambda text: sink(PytestPrinted(text=text)))
        else:
            if not self._has_specs:
                roots = ", ".join(map(str, self._session.workspace.roots.test)) or "none exists"
                message = (
                    f"no test specs below the test roots ({roots}): write one with @jaunt.test"
                )
                sink(WarningRaised(kind=Kind.TEST, message=message))
            result = PytestResult(exit_code=NO_TESTS, passed=0, failed=0)
        sink(PytestFinished(result=result))
        return result

    def run_modules(self, modules: frozenset[str], stopped: threading.Event) -> PytestResult:
        """Run those of some test modules, and tell nobody; until the event is set."""
        paths = tuple(self.files[name] for name in sorted(modules))
        return self._pytest(paths, on_output=lambda _: None, stopped=stopped)

    def _pytest(
        self,
        paths: tuple[PurePosixPath, ...],
        *,
        on_output: Callable[[str], None],
        stopped: threading.Event | None = None,
    ) -> PytestResult:
        session, options = self._session, self._options
        return run_pytest(
            session.workspace,
            paths,
            arguments=(*session.project.config.test.pytest_args, *options.pytest_args),
            color=options.color,
            on_output=on_output,
            stopped=stopped,
        )


def _repair(session: Session, runner: _TestRunner, result: PytestResult) -> bool:
    """Have the code asked for anew whose tests fail; whether any of it was exchanged."""
    answers = AnswerStore(session.project.root, session.warner(Kind.BUILD))
    # One thread: what the tests said would be lost in a fresh start.
    schedule = attempt_schedule(attempts=2, further_models=0)
    everything = session.snapshot.names(Kind.BUILD)
    return repair_failing(
        make_context(session, Kind.BUILD, answers, schedule=schedule),
        session.plan(Kind.BUILD, selected=everything, answers=None),
        result,
        test_files={str(path): name for name, path in runner.files.items()},
        run_tests=runner.run_modules,
    )


def _measure(
    session: Session, options: TestOptions, files: Mapping[str, PurePosixPath]
) -> MutationReport:
    """How many mutants of the code the tests that ran notice."""
    from jaunt_core.sandbox.mutation import MutationRun, measured_specs  # noqa: PLC0415 - rare
    from jaunt_core.sandbox.sandbox import Sandbox  # noqa: PLC0415 - rare

    graph = session.snapshot.judge(session.inference).graph
    specs = measured_specs(graph, files)
    session.sink(MutationStarted(specs=len(specs)))
    mutation_run = MutationRun(
        session.project,
        Sandbox(session.workspace),
        (*session.project.config.test.pytest_args, *options.pytest_args),
        lambda score: session.sink(SpecScored(score=score)),
    )
    jobs = options.jobs or session.project.config.test.jobs
    report = MutationReport(specs=mutation_run.measure(specs, jobs=jobs))
    session.sink(MutationFinished(report=report))
    return report
