"""The stream of events: all that a listener needs to tell what the report tells."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from jaunt_core.config.loading import Project
from jaunt_core.engine.builder import BuildOptions, build
from jaunt_core.engine.tester import TestOptions, run_tests
from jaunt_core.errors import BackendError, FaultKind
from jaunt_core.llm.retry_policy import RetryPolicy
from jaunt_core.model.events import (
    AttemptStarted,
    Event,
    ModuleFinished,
    ModuleStarted,
    PlanReady,
    RunFinished,
    WarningRaised,
    fold_events,
)
from jaunt_core.model.plan import Action
from jaunt_core.model.report import BuildReport, Outcome
from jaunt_core.model.spec import Kind
from jaunt_core.storage.lock import project_lock
from jaunt_core.testing import Scripted, ScriptedBackend, loader_of

MakeProject = Callable[..., Project]

SPEC = '''
    import jaunt
    {imports}

    @jaunt.magic{arguments}
    def {name}() -> int:
        """Return a number."""
        {calls}
        raise NotImplementedError
    '''


def spec(name: str, *targets: str, arguments: str = "") -> str:
    imports = "\n    ".join(f"from {item} import {item}_one" for item in targets)
    calls = "\n        ".join(f"{item}_one()" for item in targets)
    return SPEC.format(name=f"{name}_one", imports=imports, calls=calls, arguments=arguments)


FILES = {
    "a.py": spec("a"),
    "b.py": spec("b", "a"),
    "c.py": spec("c", "b"),
    "d.py": spec("d"),
    "e.py": spec("e", "d", arguments='(deps=["nobody:knows"])'),
    "tests/test_a.py": '''
        import jaunt
        from a import a_one

        @jaunt.test(targets=[a_one])
        def test_a() -> None:
            """It is a number."""
        ''',
    "tests/test_c.py": '''
        import jaunt
        from c import c_one

        @jaunt.test(targets=[c_one])
        def test_c() -> None:
            """It is a number."""
        ''',
}


def answers(**others: list[Scripted]) -> dict[str, list[Scripted]]:
    good: dict[str, list[Scripted]] = {
        name: [f"def {name}_one() -> int:\n    return 1\n"] for name in "abcde"
    }
    for name in "ac":
        code = f"from {name} import {name}_one\n\n\ndef test_{name}() -> None:\n"
        good[f"tests.test_{name}"] = [f"{code}    assert {name}_one() == 1\n"]
    return good | others


def fault(kind: FaultKind) -> BackendError:
    return BackendError("no luck", kind=kind)


def made(
    project: Project, script: dict[str, list[Scripted]], **options: object
) -> tuple[BuildReport, list[Event]]:
    events: list[Event] = []
    report = build(
        project,
        BuildOptions(**options),  # ty: ignore[invalid-argument-type]
        sink=events.append,
        environ={},
        load=loader_of(ScriptedBackend(script)),
        retry_policy=RetryPolicy(tries=1),
    )
    return report, events


def check_order(events: Sequence[Event], kind: Kind) -> None:
    """What listeners rely on."""
    (plan,) = (
        item.plan for item in events if isinstance(item, PlanReady) and item.plan.kind is kind
    )
    started = [
        item.module for item in events if isinstance(item, ModuleStarted) and item.kind is kind
    ]
    finished = {
        item.report.module: item.report
        for item in events
        if isinstance(item, ModuleFinished) and item.kind is kind
    }
    counted = Counter(
        item.module for item in events if isinstance(item, AttemptStarted) and item.kind is kind
    )
    assert set(finished) == {item.name for item in plan.rebuild}
    assert len(finished) == sum(
        isinstance(item, ModuleFinished) and item.kind is kind for item in events
    )
    skipped = {name for name, item in finished.items() if item.outcome is Outcome.SKIPPED}
    # One that another has stopped may have been started.
    assert len(started) == len(set(started))
    assert set(started) - skipped == set(finished) - skipped
    for name, report in finished.items():
        assert report.bill.calls >= counted[name] or name in skipped
    for item in plan.rebuild:
        assert finished[item.name].reasons == item.reasons
        if item.action is Action.KEEP:
            assert finished[item.name].outcome is not Outcome.FRESH


SCRIPTS: dict[str, dict[str, list[Scripted]]] = {
    "all good": {},
    "one is wrong": {"a": ["nonsense"]},
    "one is repaired": {"b": ["nonsense", "def b_one() -> int:\n    return 1\n"]},
    "one gets no answer": {"d": [fault(FaultKind.REQUEST)]},
    "the key is wrong": {"b": [fault(FaultKind.AUTHENTICATION)]},
    "all is wrong": {name: ["nonsense"] for name in "abcde"},
}


@pytest.mark.parametrize("name", SCRIPTS)
@pytest.mark.parametrize("jobs", [1, 8])
def test_the_stream_adds_up_to_the_report(make_project: MakeProject, name: str, jobs: int) -> None:
    project = make_project(FILES)

    report, events = made(project, answers(**SCRIPTS[name]), jobs=jobs)

    assert fold_events(events, Kind.BUILD) == report
    assert [item.module for item in report.modules] == ["a", "b", "c", "d", "e"]
    assert report.ok is (name in ("all good", "one is repaired"))
    assert isinstance(events[-1], RunFinished)
    assert events[-1].seconds == report.seconds
    check_order(events, Kind.BUILD)
    assert report.warnings == (
        "e.py:4: e:e_one depends on 'nobody:knows', which names nothing in this project",
    )


@pytest.mark.parametrize("name", sorted({*SCRIPTS} - {"the key is wrong"}))
def test_reports_do_not_depend_on_luck(make_project: MakeProject, name: str) -> None:
    def timeless(report: BuildReport) -> BuildReport:
        modules = tuple(replace(item, seconds=0.0) for item in report.modules)
        return replace(report, modules=modules, seconds=0.0)

    found = [
        timeless(
            made(make_project(FILES, folder=f"try {jobs}"), answers(**SCRIPTS[name]), jobs=jobs)[0]
        )
        for jobs in (1, 3)
    ]

    assert found[0] == found[1]


def test_later_runs_add_up_too(make_project: MakeProject) -> None:
    project = make_project(FILES)
    made(project, answers(a=["nonsense"]))
    edited = project.root / "__generated__" / "d.py"
    edited.write_text(edited.read_text("utf-8").replace("return 1", "return 2"), encoding="utf-8")
    (project.root / "__generated__" / "e.py").unlink()
    (stored,) = (
        path
        for path in (project.root / ".jaunt" / "answers").rglob("*.json")
        if "e_one" in path.read_text("utf-8")
    )
    stored.write_text("{}")

    report, events = made(project, answers())
    again, more = made(project, {})

    assert fold_events(events, Kind.BUILD) == report
    assert {item.module: item.outcome.value for item in report.modules} == {
        "a": "generated",
        "b": "generated",
        "c": "generated",
        "d": "failed",
        "e": "skipped",
    }
    assert len(report.warnings) == 2
    assert "was dropped" in report.warnings[1]
    assert fold_events(more, Kind.BUILD) == again
    assert [item.outcome.value for item in again.modules] == [
        "fresh",
        "fresh",
        "fresh",
        "failed",
        "skipped",
    ]
    check_order(events, Kind.BUILD)
    check_order(more, Kind.BUILD)


def test_tests_have_a_report_of_their_own(make_project: MakeProject) -> None:
    events: list[Event] = []
    report = run_tests(
        make_project(FILES),
        TestOptions(run=False),
        sink=events.append,
        environ={},
        load=loader_of(ScriptedBackend(answers(b=["nonsense"]))),
    )

    assert report.build is not None
    assert fold_events(events, Kind.BUILD) == report.build
    assert fold_events(events, Kind.TEST) == report.tests
    assert {item.module: item.outcome.value for item in report.tests.modules} == {
        "tests.test_a": "generated",
        "tests.test_c": "skipped",
    }
    failure = report.tests.modules[1].failure
    assert failure is not None
    assert failure.blocked_by == "c"
    check_order(events, Kind.BUILD)
    check_order(events, Kind.TEST)


def test_what_is_said_when_there_are_no_tests_is_in_the_report(make_project: MakeProject) -> None:
    events: list[Event] = []
    report = run_tests(
        make_project({"a.py": FILES["a.py"], "tests/conftest.py": ""}),
        TestOptions(),
        sink=events.append,
        environ={"PATH": os.environ["PATH"]},
        load=loader_of(ScriptedBackend(answers())),
    )

    assert report.tests.warnings == (
        "no test specs below the test roots (tests): write one with @jaunt.test",
    )
    assert fold_events(events, Kind.TEST) == report.tests


@pytest.fixture
def locked(make_project: MakeProject) -> Iterator[Callable[[Project], Callable[[Event], None]]]:
    """Somebody else holds the lock of a project until a first event is told."""
    threads: list[threading.Thread] = []

    def hold(project: Project) -> Callable[[Event], None]:
        held, told = threading.Event(), threading.Event()

        def other_run(root: Path) -> None:
            with project_lock(root, lambda _: None):
                held.set()
                told.wait(30)

        threads.append(threading.Thread(target=other_run, args=(project.root,)))
        threads[-1].start()
        held.wait(30)
        return lambda _: told.set()

    yield hold
    for thread in threads:
        thread.join()


def test_waiting_for_another_run_is_in_the_report(
    make_project: MakeProject, locked: Callable[[Project], Callable[[Event], None]]
) -> None:
    project = make_project({"a.py": FILES["a.py"]})
    release = locked(project)
    events: list[Event] = []

    def sink(event: Event) -> None:
        events.append(event)
        release(event)

    report = build(
        project,
        BuildOptions(),
        sink=sink,
        environ={},
        load=loader_of(ScriptedBackend(answers())),
    )

    (warning,) = (event for event in events if isinstance(event, WarningRaised))
    assert warning.message.startswith("another jaunt (process ")
    assert report.warnings == (warning.message,)
    assert fold_events(events, Kind.BUILD) == report
