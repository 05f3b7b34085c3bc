"""Whole builds with a scripted backend: what is asked and kept, and never paid twice."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from jaunt_core.config.loading import Project, load_project
from jaunt_core.engine.builder import BuildOptions, build
from jaunt_core.engine.tester import TestOptions, run_tests
from jaunt_core.errors import BackendError, FaultKind, JauntConfigError
from jaunt_core.llm.retry_policy import RetryPolicy
from jaunt_core.model.events import (
    AttemptRejected,
    AttemptStarted,
    Event,
    PlanReady,
    RequestDelayed,
    RunFinished,
)
from jaunt_core.model.generation import (
    GenerationRequest,
    GenerationResult,
    StopReason,
    TokenUsage,
)
from jaunt_core.model.report import BuildReport, Outcome
from jaunt_core.testing import Scripted, ScriptedBackend, loader_of

MakeProject = Callable[..., Project]

SPECS = {
    "alpha.py": '''
        import jaunt

        @jaunt.magic
        def double(value: int) -> int:
            """Return `value` doubled."""
            # by adding
            raise NotImplementedError
        ''',
    "beta.py": '''
        import jaunt
        from alpha import double

        @jaunt.magic
        def quadruple(value: int) -> int:
            """Return `value` four times."""
            double(double(value))
            raise NotImplementedError
        ''',
    "gamma.py": '''
        import jaunt
        from shapes import Square

        @jaunt.magic
        def nothing() -> None:
            """Do nothing, with no `Square`."""
        ''',
    "shapes.py": "def area(): ...\n\n\nclass Square:\n    side: int = 1\n",
}
ALPHA = "def double(value: int) -> int:\n    return value + value\n"
BETA = (
    "from alpha import double\nfrom shapes import area as _area\n\n\n"
    "def quadruple(value: int) -> int:\n    return double(double(value)) if _area else 0\n"
)
GAMMA = "def nothing() -> None:\n    print()\n"
WRONG = "def double(value: str) -> int:\n    return 2\n"
ANSWERS: dict[str, list[Scripted]] = {"alpha": [ALPHA], "beta": [BETA], "gamma": [GAMMA]}


@dataclass(frozen=True)
class Run:
    """What one build was asked, said and reported."""

    report: BuildReport
    events: Sequence[Event]
    backend: ScriptedBackend

    @property
    def outcomes(self) -> dict[str, str]:
        return {item.module: item.outcome.value for item in self.report.modules}

    def told(self, kind: type) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]


def run(
    project: Project,
    answers: dict[str, list[Scripted]] | ScriptedBackend | None = None,
    *,
    retry_policy: RetryPolicy | None = None,
    environ: dict[str, str] | None = None,
    **options: object,
) -> Run:
    given = ANSWERS if answers is None else answers
    backend = given if isinstance(given, ScriptedBackend) else ScriptedBackend(given)
    events: list[Event] = []
    report = build(
        project,
        BuildOptions(**options),  # ty: ignore[invalid-argument-type]
        sink=events.append,
        environ=environ or {},
        load=loader_of(backend),
        retry_policy=retry_policy or RetryPolicy(tries=1),
    )
    return Run(report, events, backend)


def edit(project: Project, name: str, old: str, new: str) -> None:
    path = project.root / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def generated(project: Project) -> dict[str, bytes]:
    folder = project.root / "__generated__"
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.py"))}


def stored(project: Project) -> list[str]:
    folder = project.root / ".jaunt" / "answers"
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.json"))


@pytest.fixture(scope="module")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project of this module, built."""
    root = tmp_path_factory.mktemp("built") / "project"
    root.mkdir()
    for name, text in {"jaunt.toml": "version = 1\n", **SPECS}.items():
        lines = [line.removeprefix("        ") for line in text.split("\n")]
        (root / name).write_text("\n".join(lines).lstrip("\n"), encoding="utf-8")
    first = run(load_project(root=root))
    assert first.outcomes == dict.fromkeys(("alpha", "beta", "gamma"), "generated")
    return root


@pytest.fixture
def built(built_once: Path, tmp_path: Path) -> Project:
    """A copy of the built project."""
    shutil.copytree(built_once, tmp_path / "project")
    return load_project(root=tmp_path / "project")


def test_a_second_run_does_nothing(built: Project) -> None:
    before = generated(built)
    times = [path.stat().st_mtime_ns for path in (built.root / "__generated__").iterdir()]

    again = run(built)

    assert again.outcomes == dict.fromkeys(("alpha", "beta", "gamma"), "fresh")
    assert again.backend.asked == []
    assert generated(built) == before
    assert times == [path.stat().st_mtime_ns for path in (built.root / "__generated__").iterdir()]
    assert [type(event) for event in again.events] == [PlanReady, RunFinished]
    bill = again.report.bill
    assert (bill.calls, bill.usage) == (0, TokenUsage())


def test_a_removed_folder_costs_nothing(built: Project) -> None:
    before = generated(built)
    shutil.rmtree(built.root / "__generated__")

    again = run(built, {})

    assert again.outcomes == dict.fromkeys(("alpha", "beta", "gamma"), "reused")
    assert generated(built) == before


def test_an_edit_that_is_taken_back_costs_nothing(built: Project) -> None:
    before = generated(built)
    edit(built, "alpha.py", "doubled", "two times")
    changed = run(built)
    edit(built, "alpha.py", "two times", "doubled")

    back = run(built, {})

    # What a dependency says is in the request of `beta`, so it was asked for too.
    assert changed.outcomes == {"alpha": "generated", "beta": "generated", "gamma": "fresh"}
    assert changed.backend.asked == ["alpha", "beta"]
    assert back.outcomes == {"alpha": "reused", "beta": "reused", "gamma": "fresh"}
    assert generated(built) == before


def test_switching_branches_costs_nothing_the_third_time(built: Project) -> None:
    main = {name: (built.root / name).read_text("utf-8") for name in SPECS}
    other = {**main, "gamma.py": main["gamma.py"].replace("nothing,", "something,")}

    def switch(files: dict[str, str]) -> None:
        for name, text in files.items():
            (built.root / name).write_text(text, encoding="utf-8")

    before = generated(built)
    switch(other)
    assert run(built).backend.asked == ["gamma"]
    switch(main)
    assert run(built, {}).outcomes["gamma"] == "reused"
    assert generated(built) == before
    switch(other)
    assert run(built, {}).outcomes["gamma"] == "reused"


def test_an_unchanged_request_keeps_the_code(built: Project) -> None:
    before = generated(built)
    edit(built, "alpha.py", "# by adding", "# by shifting")

    changed = run(built, {"alpha": [ALPHA]})
    third = run(built, {})

    assert changed.outcomes == {"alpha": "generated", "beta": "kept", "gamma": "fresh"}
    assert changed.backend.asked == ["alpha"]
    after = generated(built)
    header, _, code = after["beta.py"].partition(b"\n\n")
    old_header, _, old_code = before["beta.py"].partition(b"\n\n")
    assert code == old_code
    assert header != old_header
    assert third.outcomes == dict.fromkeys(("alpha", "beta", "gamma"), "fresh")


def test_kept_code_has_to_be_valid_still(built: Project) -> None:
    edit(built, "alpha.py", "# by adding", "# by shifting")
    edit(built, "shapes.py", "area", "surface")
    good = BETA.replace("area as _area", "surface as _area")

    changed = run(built, {"alpha": [ALPHA], "beta": [good]})

    assert changed.outcomes["beta"] == "generated"
    assert [(item.context.spec_module, item.attempt) for item in changed.backend.requests] == [
        ("alpha", 1),
        ("beta", 1),
    ]
    assert b"surface" in generated(built)["beta.py"]


def test_a_hand_edit_is_not_lost_and_not_paid_for(built: Project) -> None:
    path = built.root / "__generated__" / "gamma.py"
    path.write_text(path.read_text("utf-8").replace("print()", "print(1)"), encoding="utf-8")

    stopped = run(built, {})
    forced = run(built, force=True, targets=("gamma",))

    (report,) = [item for item in stopped.report.modules if item.module == "gamma"]
    assert report.outcome is Outcome.FAILED
    assert report.failure is not None
    assert (
        report.failure.message == "__generated__/gamma.py was edited by hand and is left as it is"
    )
    assert forced.outcomes == {"gamma": "generated"}
    (copy,) = (built.root / ".jaunt" / "overwritten").rglob("*.py")
    assert "print(1)" in copy.read_text("utf-8")


def test_force_asks_anew_for_its_targets_only(built: Project) -> None:
    other = BETA.replace("else 0", "else 1")

    forced = run(built, {"beta": [other]}, force=True, targets=("beta:quadruple",))

    assert forced.backend.asked == ["beta"]
    assert forced.outcomes == {"alpha": "fresh", "beta": "generated"}
    assert b"else 1" in generated(built)["beta.py"]
    # The latest accepted answer is the one that is reused from now on.
    (built.root / "__generated__" / "beta.py").unlink()
    assert run(built, {}).outcomes["beta"] == "reused"
    assert b"else 1" in generated(built)["beta.py"]


def test_force_without_targets_asks_for_everything(built: Project) -> None:
    forced = run(built, force=True)

    assert sorted(forced.backend.asked) == ["alpha", "beta", "gamma"]
    assert [item.attempt for item in forced.backend.requests] == [1, 1, 1]


def test_force_does_not_take_up_an_old_thread(make_project: MakeProject) -> None:
    project = make_project(SPECS, "[build]\nattempts = 3")
    interrupted = ScriptedBackend(ANSWERS | {"alpha": [WRONG, fault(FaultKind.REQUEST)]})
    run(project, interrupted, targets=("alpha",))

    forced = run(project, force=True, targets=("alpha",))

    assert [item.attempt for item in forced.backend.requests] == [1]
    assert forced.backend.requests[0].context.previous_answer is None


def fault(kind: FaultKind, **more: float) -> BackendError:
    return BackendError("no luck", kind=kind, retry_after=more.get("retry_after"))


def test_the_repair_carries_the_answer_and_the_exact_findings(make_project: MakeProject) -> None:
    first = run(make_project(SPECS), {"alpha": [WRONG, ALPHA]}, targets=("alpha",))

    assert first.outcomes == {"alpha": "generated"}
    asked, repair = first.backend.requests
    assert (asked.attempt, repair.attempt) == (1, 2)
    assert [message.role for message in asked.messages] == ["system", "user"]
    assert asked.context.findings == ()
    (rejection,) = first.told(AttemptRejected)
    assert isinstance(rejection, AttemptRejected)
    assert repair.messages[:2] == asked.messages
    assert [message.role for message in repair.messages[2:]] == ["assistant", "user"]
    assert repair.messages[2].text == WRONG
    assert repair.context.previous_answer == WRONG
    assert repair.context.findings == rejection.findings
    assert len(rejection.findings) == 1
    for finding in rejection.findings:
        assert f"- {finding}\n" in repair.messages[3].text
    assert repair.digest == asked.digest
    assert (first.report.bill.calls, first.report.bill.usage) == (
        2,
        TokenUsage(input=200, output=20),
    )


def test_a_repair_shows_the_code_without_what_stood_around_it(make_project: MakeProject) -> None:
    thought = f"<think>\nIt isn't hard.\n</think>\n```python\n{WRONG}```<|im_end|>"
    first = run(make_project(SPECS), {"alpha": [thought, ALPHA]}, targets=("alpha",))

    assert first.backend.requests[1].context.previous_answer == WRONG


@pytest.mark.parametrize("attempts", [1, 2, 3])
def test_the_budget_of_attempts(make_project: MakeProject, attempts: int) -> None:
    project = make_project(SPECS, f"[build]\nattempts = {attempts}")

    failed = run(project, {"alpha": [WRONG]}, targets=("alpha",))

    (report,) = failed.report.modules
    assert report.outcome is Outcome.FAILED
    assert report.bill.calls == len(failed.backend.requests) == attempts
    assert report.bill.usage == TokenUsage(input=100 * attempts, output=10 * attempts)
    assert [event.attempt for event in failed.events if isinstance(event, AttemptStarted)] == list(
        range(1, attempts + 1)
    )
    assert report.failure is not None
    assert report.failure.rejected is not None
    kept = (project.root / report.failure.rejected).read_text("utf-8")
    assert kept.endswith(WRONG)
    assert all(str(finding) in kept for finding in report.failure.findings)
    assert str(report.failure.rejected) in report.failure.message
    assert not (project.root / "__generated__").exists()


def test_the_last_attempt_may_succeed(make_project: MakeProject) -> None:
    project = make_project(SPECS, "[build]\nattempts = 3")

    late = run(project, {"alpha": [WRONG, "", ALPHA]}, targets=("alpha",))

    assert late.outcomes == {"alpha": "generated"}
    assert len(late.backend.requests) == 3
    assert not list((project.root / ".jaunt" / "rejected").rglob("*.txt"))


def test_after_the_last_attempt_the_next_build_repairs_and_then_starts_afresh(
    make_project: MakeProject,
) -> None:
    project = make_project(SPECS)
    run(project, {"alpha": [WRONG]}, targets=("alpha",))

    again = run(project, {"alpha": [WRONG, ALPHA]}, targets=("alpha",))

    assert again.outcomes == {"alpha": "generated"}
    repair, fresh = again.backend.requests
    assert (repair.attempt, repair.context.previous_answer) == (1, WRONG)
    assert (fresh.attempt, fresh.context.previous_answer) == (2, None)


def test_a_larger_budget_goes_on_where_the_smaller_ended(make_project: MakeProject) -> None:
    project = make_project(SPECS, "[build]\nattempts = 1")
    run(project, {"alpha": [WRONG]}, targets=("alpha",))
    edit(project, "jaunt.toml", "attempts = 1", "attempts = 2")

    again = run(load_project(root=project.root), targets=("alpha",))

    assert [item.attempt for item in again.backend.requests] == [2]
    assert again.backend.requests[0].context.previous_answer == WRONG


def test_a_rejected_answer_of_an_interrupted_run_begins_the_repair(
    make_project: MakeProject,
) -> None:
    project = make_project(SPECS)
    interrupted = Breaking({"alpha": [WRONG]}, after=1)
    with pytest.raises(RuntimeError, match="not ours"):
        run(project, interrupted, targets=("alpha",))

    again = run(project, targets=("alpha",))

    assert again.outcomes == {"alpha": "generated"}
    (request,) = again.backend.requests
    assert request.attempt == 2
    assert request.context.previous_answer == WRONG
    assert request.context.findings == interrupted.requests[1].context.findings


class Breaking(ScriptedBackend):
    """Answers some requests and then breaks in a way that nobody expects."""

    def __init__(self, answers: dict[str, list[Scripted]], *, after: int) -> None:
        super().__init__(answers)
        self._after = after

    async def generate_module(self, request: GenerationRequest) -> GenerationResult:
        result = await super().generate_module(request)
        if len(self.requests) > self._after:
            raise RuntimeError("not ours")
        return result


def test_what_a_backend_does_not_declare_travels_up_and_nothing_is_lost(
    make_project: MakeProject,
) -> None:
    project = make_project(SPECS)
    broken = Breaking(ANSWERS, after=1)

    with pytest.raises(RuntimeError, match="not ours"):
        run(project, broken, jobs=1)

    assert broken.asked == ["alpha", "beta"]
    assert broken.closed
    assert list(generated(project)) == ["alpha.py"]
    again = run(project)
    assert again.backend.asked == ["beta", "gamma"]
    assert again.outcomes == {"alpha": "fresh", "beta": "generated", "gamma": "generated"}


def test_what_is_wrong_with_the_configuration_travels_up(make_project: MakeProject) -> None:
    class Unusable(ScriptedBackend):
        async def generate_module(self, request: GenerationRequest) -> GenerationResult:
            raise JauntConfigError("no key")

    unusable = Unusable({})
    with pytest.raises(JauntConfigError, match="no key"):
        run(make_project(SPECS), unusable)

    assert unusable.closed


REFUSED = GenerationResult(
    text="I would rather not.", stop=StopReason.REFUSED, usage=TokenUsage(input=5, output=1)
)
CUT_OFF = GenerationResult(
    text=ALPHA[:30], stop=StopReason.TRUNCATED, usage=TokenUsage(input=5, cached=4, output=1)
)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (REFUSED, "answer-refused"),
        (CUT_OFF, "answer-cut-off"),
        ("", "answer-empty"),
        ("```python\n```", "answer-empty"),
    ],
    ids=["refused", "cut off", "empty", "empty fence"],
)
def test_an_answer_without_code_is_a_finding_and_repaired(
    make_project: MakeProject, answer: Scripted, code: str
) -> None:
    repaired = run(make_project(SPECS), {"alpha": [answer, ALPHA]}, targets=("alpha",))

    assert repaired.outcomes == {"alpha": "generated"}
    rejections = [event for event in repaired.events if isinstance(event, AttemptRejected)]
    assert [[finding.code for finding in event.findings] for event in rejections] == [[code]]
    first = (
        answer.usage if isinstance(answer, GenerationResult) else TokenUsage(input=100, output=10)
    )
    assert repaired.report.bill.usage == first + TokenUsage(input=100, output=10)


RETRIED = [item for item in FaultKind if item.retryable]
STOPPING = [item for item in FaultKind if item.stops_the_run]


def recorded_policy(slept: list[float], **more: float) -> RetryPolicy:
    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    return RetryPolicy(sleep=sleep, spread=lambda: 1.0, **more)  # ty: ignore[invalid-argument-type]


@pytest.mark.parametrize("kind", RETRIED)
def test_a_transient_fault_is_tried_again_outside_the_budget(
    make_project: MakeProject, kind: FaultKind
) -> None:
    slept: list[float] = []
    first, second = (0.5, 0.75) if kind is FaultKind.RATE_LIMIT else (1.0, 2.0)
    answers: list[Scripted] = [fault(kind), fault(kind), WRONG, fault(kind), ALPHA]

    late = run(
        make_project(SPECS),
        {"alpha": answers},
        retry_policy=recorded_policy(slept),
        targets=("alpha",),
    )

    assert late.outcomes == {"alpha": "generated"}
    assert slept == [first, second, first]
    assert late.told(RequestDelayed) == [
        RequestDelayed(
            kind=late.report.kind, module="alpha", fault=f"{kind}: no luck", seconds=seconds
        )
        for seconds in slept
    ]
    assert [item.attempt for item in late.backend.requests] == [1, 1, 1, 2, 2]
    assert late.report.bill.calls == 5
    assert late.report.bill.usage == TokenUsage(input=200, output=20)


def test_a_fault_that_stays_fails_its_module_only(make_project: MakeProject) -> None:
    slept: list[float] = []
    closed = fault(FaultKind.TIMEOUT)

    done = run(
        make_project(SPECS),
        ANSWERS | {"alpha": [closed]},
        retry_policy=recorded_policy(slept, tries=4),
    )

    assert slept == [1.0, 2.0, 4.0]
    assert done.outcomes == {"alpha": "failed", "beta": "skipped", "gamma": "generated"}
    alpha, beta, _ = done.report.modules
    assert alpha.failure is not None
    assert alpha.failure.message == "timeout: no luck"
    assert alpha.bill.calls == 4
    assert beta.failure is not None
    assert beta.failure.blocked_by == "alpha"
    assert beta.failure.message == "alpha failed, and this depends on it"


def test_what_was_paid_before_the_fault_is_counted(make_project: MakeProject) -> None:
    answers: list[Scripted] = [WRONG, fault(FaultKind.REQUEST)]

    failed = run(make_project(SPECS), {"alpha": answers}, targets=("alpha",))

    assert failed.outcomes == {"alpha": "failed"}
    assert (failed.report.bill.calls, failed.report.bill.usage) == (
        2,
        TokenUsage(input=100, output=10),
    )


def test_what_could_not_land_was_paid_and_is_reused(make_project: MakeProject) -> None:
    project = make_project(SPECS)

    class Meddling(ScriptedBackend):
        async def generate_module(self, request: GenerationRequest) -> GenerationResult:
            folder = project.root / "__generated__"
            folder.mkdir()
            (folder / "alpha.py").write_text("mine = True\n")
            return await super().generate_module(request)

    failed = run(project, Meddling(ANSWERS), targets=("alpha",))
    shutil.rmtree(project.root / "__generated__")
    again = run(project, {}, targets=("alpha",))

    assert failed.outcomes == {"alpha": "failed"}
    assert (failed.report.bill.calls, failed.report.bill.usage) == (
        1,
        TokenUsage(input=100, output=10),
    )
    assert again.outcomes == {"alpha": "reused"}


@pytest.mark.parametrize(("asked_for", "slept"), [(7.5, [7.5]), (0.0, [0.5]), (61.0, [])])
def test_the_provider_may_name_the_delay(
    make_project: MakeProject, asked_for: float, slept: list[float]
) -> None:
    found: list[float] = []
    limited = fault(FaultKind.RATE_LIMIT, retry_after=asked_for)

    done = run(
        make_project(SPECS),
        {"alpha": [limited, ALPHA]},
        retry_policy=recorded_policy(found),
        targets=("alpha",),
    )

    assert found == slept
    assert done.outcomes == {"alpha": "generated" if slept else "failed"}


def test_a_refused_request_is_not_tried_again(make_project: MakeProject) -> None:
    slept: list[float] = []
    refused: list[Scripted] = [fault(FaultKind.REQUEST), ALPHA]
    answers = ANSWERS | {"alpha": refused}

    done = run(make_project(SPECS), answers, retry_policy=recorded_policy(slept))

    assert slept == []
    assert done.outcomes == {"alpha": "failed", "beta": "skipped", "gamma": "generated"}


@pytest.mark.parametrize("kind", STOPPING)
def test_a_fault_that_all_would_meet_stops_the_run(
    make_project: MakeProject, kind: FaultKind
) -> None:
    files = SPECS | {
        "delta.py": "import jaunt\nfrom gamma import nothing\n\n\n@jaunt.magic\n"
        "def more() -> None:\n    nothing()\n",
    }

    done = run(
        make_project(files),
        ANSWERS | {"alpha": [fault(kind)]},
        retry_policy=recorded_policy([]),
        jobs=1,
    )

    assert done.backend.asked == ["alpha"]
    assert done.outcomes == {
        "alpha": "failed",
        "beta": "skipped",
        "gamma": "skipped",
        "delta": "skipped",
    }
    skipped = [item.failure for item in done.report.modules if item.outcome is Outcome.SKIPPED]
    assert {item.blocked_by for item in skipped if item} == {"alpha"}
    assert {item.message for item in skipped if item} == {
        f"every module would meet what alpha met ({kind})"
    }


def test_a_module_that_fails_beside_the_stop_keeps_its_dependents(
    make_project: MakeProject,
) -> None:
    answers: dict[str, list[Scripted]] = {
        "alpha": [fault(FaultKind.REQUEST)],
        "gamma": [fault(FaultKind.AUTHENTICATION)],
    }

    done = run(make_project(SPECS), answers, jobs=2)

    assert done.outcomes == {"alpha": "failed", "beta": "skipped", "gamma": "failed"}
    beta = done.report.modules[1].failure
    assert beta is not None
    assert (beta.blocked_by, beta.message) == ("alpha", "alpha failed, and this depends on it")


def test_a_failing_neighbour_costs_the_others_nothing(make_project: MakeProject) -> None:
    project = make_project(SPECS)
    first = run(project, ANSWERS | {"gamma": ["nonsense"]})

    again = run(project, {"gamma": [GAMMA]})

    assert first.outcomes == {"alpha": "generated", "beta": "generated", "gamma": "failed"}
    assert again.outcomes == {"alpha": "fresh", "beta": "fresh", "gamma": "generated"}


def test_the_key_is_the_same_in_every_tree_of_the_same_specs(
    built: Project, make_project: MakeProject
) -> None:
    expected = stored(built)
    assert len(expected) == 3
    other = make_project(
        {name: text.replace("\n\n", "\n\n\n") for name, text in reversed(SPECS.items())},
        '[build]\njobs = 3\nattempts = 4\n[prompts]\nbuild_system = "mine.md"\n'
        '[llm]\nmodel = "another name"\n',
        folder="another place",
    )
    (other.root / "mine.md").write_text("Write code.\n")
    (other.root / "unrelated.py").write_text("import jaunt\n")
    edit(other, "shapes.py", "side: int = 1", 'side:"int"=(1)')
    for name in SPECS:
        path = other.root / name
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))

    run(other, environ={"HOME": "/elsewhere", "USER": "somebody", "TZ": "Asia/Tokyo"})
    again = run(other, force=True)

    # Forced answers come below the same keys; only their numbers are new.
    assert [name for name in stored(other) if name.endswith("/0001.json")] == expected
    assert {name.rpartition("/")[0] for name in stored(other)} == {
        name.rpartition("/")[0] for name in expected
    }
    assert all(request.context.previous_source for request in again.backend.requests)


def test_another_fingerprint_is_another_key(built: Project) -> None:
    shutil.rmtree(built.root / "__generated__")

    other = run(built, ScriptedBackend(ANSWERS, fingerprint="another"))

    assert sorted(other.backend.asked) == ["alpha", "beta", "gamma"]
    assert len({name.rpartition("/")[0] for name in stored(built)}) == 6


def test_another_model_makes_nothing_stale(built: Project) -> None:
    again = run(built, ScriptedBackend({}, fingerprint="another"))

    assert again.outcomes == dict.fromkeys(("alpha", "beta", "gamma"), "fresh")


def test_the_source_before_is_sent_where_there_is_one(built: Project) -> None:
    edit(built, "gamma.py", "Do nothing,", "Do nothing at all,")
    (built.root / "__generated__" / "alpha.py").unlink()
    edit(built, "alpha.py", "doubled", "two times")

    changed = run(built, targets=("alpha", "gamma"))

    sources = {item.context.spec_module: item.context for item in changed.backend.requests}
    assert sources["gamma"].previous_source == GAMMA
    assert sources["alpha"].previous_source is None


def test_generated_sources_of_dependencies_are_there_but_not_shown(built: Project) -> None:
    forced = run(built, force=True, targets=("beta",))

    (request,) = forced.backend.requests
    (source,) = request.context.dependency_sources
    assert (source.module, source.text) == ("alpha", ALPHA)
    assert not any("return value + value" in message.text for message in request.messages)


def test_generated_sources_are_those_of_this_run(built: Project) -> None:
    anew = ALPHA.replace("value + value", "2 * value")

    forced = run(built, {**ANSWERS, "alpha": [anew]}, force=True, targets=("alpha", "beta"))

    request = next(it for it in forced.backend.requests if it.context.spec_module == "beta")
    assert [item.text for item in request.context.dependency_sources] == [anew]


def test_build_and_test_judge_alike(make_project: MakeProject) -> None:
    files = {
        "shop.py": '''
            import jaunt

            @jaunt.magic
            def one() -> int:
                """Return 1, as `tests.test_shop.test_one` wants it, with `tests.help.please`."""
            ''',
        "tests/test_shop.py": '''
            import jaunt
            from shop import one

            @jaunt.test(targets=["shop:one"])
            def test_one() -> None:
                """It is 1."""
            ''',
        "tests/help.py": "def please(): ...\n",
    }
    project = make_project(files)
    first = run(project, {"shop": ["def one() -> int:\n    return 1\n"]})

    tests = "from shop import one\n\n\ndef test_one() -> None:\n    assert one()\n"
    report = run_tests(
        project,
        TestOptions(run=False),
        sink=lambda _: None,
        environ={},
        load=loader_of(ScriptedBackend({"tests.test_shop": [tests]})),
    )

    assert first.outcomes == {"shop": "generated"}
    assert report.build is not None
    assert [item.outcome.value for item in report.build.modules] == ["fresh"]
    assert run(project, {}).outcomes == {"shop": "fresh"}
