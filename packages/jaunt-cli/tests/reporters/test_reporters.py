"""What people read, event by event."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import PurePosixPath

import pytest

from jaunt_cli.reporters import LiveReporter, PlainReporter, make_reporter
from jaunt_cli.streams import Stream, Terminal
from jaunt_core.model.events import (
    AttemptRejected,
    AttemptStarted,
    Event,
    ModuleFinished,
    ModuleStarted,
    MutationFinished,
    PlanReady,
    PytestFinished,
    PytestPrinted,
    PytestStarted,
    RequestDelayed,
    RunFinished,
    SpecScored,
    WarningRaised,
    fold_events,
)
from jaunt_core.model.generation import Finding, TokenUsage
from jaunt_core.model.judgement import CheckName, Unjudged
from jaunt_core.model.plan import Action, BuildPlan
from jaunt_core.model.reason import Reason, ReasonKind
from jaunt_core.model.report import (
    Bill,
    FailedModule,
    ModuleReport,
    MutationReport,
    MutationScore,
    Outcome,
    PytestResult,
    Survivor,
)
from jaunt_core.model.spec import Kind, SpecRef

from ..conftest import Page

Plans = Callable[..., BuildPlan]
PATH = PurePosixPath("__generated__/tax.py")
REJECTED = PurePosixPath(".jaunt/rejected/tax.1.py")
CHANGED = Reason(kind=ReasonKind.CHANGED, spec=SpecRef("shop.tax:rate"), part="docstring")


def shown(*events: Event, color: bool = False) -> str:
    page = Page()
    reporter = PlainReporter(err=Stream(page), pytest_out=Stream(Page()), color=color)
    with reporter:
        for event in events:
            reporter(event)
    return page.getvalue()


def finished(module: str, outcome: Outcome, **more: object) -> ModuleFinished:
    report = ModuleReport(module=module, path=PATH, outcome=outcome, **more)  # ty: ignore[invalid-argument-type]
    return ModuleFinished(kind=Kind.BUILD, report=report)


@pytest.mark.parametrize(
    ("actions", "line"),
    [
        (
            {"a": "GENERATE", "b": "GENERATE", "c": "KEEP", "d": "FRESH", "e": "FRESH"},
            "build: 2 modules to generate, 1 to keep, 0 to reuse, 2 fresh",
        ),
        (
            {"a": "GENERATE", "b": "REUSE", "c": "REFUSE"},
            "build: 1 module to generate, 0 to keep, 1 to reuse, 0 fresh, 1 refused",
        ),
        ({"a": "FRESH"}, "build: nothing to do, 1 module is fresh"),
        ({"a": "FRESH", "b": "FRESH"}, "build: nothing to do, 2 modules are fresh"),
        ({}, "build: nothing to do, there are no specs"),
    ],
)
def test_the_plan(plan_of: Plans, actions: dict[str, str], line: str) -> None:
    plan = plan_of(**{name: Action[action] for name, action in actions.items()})
    assert shown(PlanReady(plan=plan)) == f"{line}\n"


def test_a_run_without_work_is_one_line(plan_of: Plans) -> None:
    plan = plan_of(Kind.TEST, a=Action.FRESH)
    end = RunFinished(kind=Kind.TEST, seconds=1)
    assert shown(PlanReady(plan=plan), end) == "test: nothing to do, 1 module is fresh\n"


def test_finished_modules() -> None:
    usage = TokenUsage(input=1812, cached=1000, output=120)
    bill = Bill(calls=3, retries=1, usage=usage, cost=0.01234)
    more = (CHANGED, Reason(kind=ReasonKind.FORCED), Reason(kind=ReasonKind.FORCED))
    assert shown(
        finished("tax", Outcome.GENERATED, bill=bill, seconds=1.24, reasons=(CHANGED,)),
        finished("cart", Outcome.KEPT, reasons=more, seconds=75.2),
        finished("free", Outcome.REUSED),
    ).splitlines() == [
        (
            "generated tax  1.2 s, 3 calls (1 of them sent again), 1,812 in (1,000 cached) / "
            "120 out tokens, cost 0.0123  (docstring of shop.tax:rate changed)"
        ),
        "kept      cart  1 min 15 s  (docstring of shop.tax:rate changed, +2 more)",
        "reused    free",
    ]


def test_a_failure_in_full() -> None:
    failure = FailedModule(
        message="no good answer\nin 2 attempts",
        hint="say more in the spec",
        findings=(
            Finding(code="missing-name", line=3, message="no rate", expected="def rate()"),
            Finding(code="syntax", message="worse"),
        ),
        rejected=REJECTED,
    )
    assert shown(finished("tax", Outcome.FAILED, failure=failure)).splitlines() == [
        "failed    tax",
        "  no good answer",
        "  in 2 attempts",
        "    line 3: [missing-name] no rate (expected: def rate())",
        "    [syntax] worse",
        "  the last answer is kept in .jaunt/rejected/tax.1.py",
        "  hint: say more in the spec",
    ]


def test_a_skipped_module_names_who_is_to_blame() -> None:
    own = FailedModule(message="tax failed, and this depends on it", blocked_by="tax")
    other = FailedModule(message="every module would meet the same fault", blocked_by="tax")
    assert shown(
        finished("cart", Outcome.SKIPPED, failure=own),
        finished("free", Outcome.SKIPPED, failure=other),
    ).splitlines() == [
        "skipped   cart  tax failed, and this depends on it",
        "skipped   free  every module would meet the same fault (tax)",
    ]


def attempt(number: int, *findings: Finding) -> list[Event]:
    return [
        AttemptStarted(kind=Kind.BUILD, module="tax", attempt=number, attempts=2),
        AttemptRejected(
            kind=Kind.BUILD, module="tax", attempt=number, findings=findings, rejected=REJECTED
        ),
    ]


def test_rejected_answers() -> None:
    one = Finding(code="missing-name", line=3, message="no rate")
    two = Finding(code="syntax", message="line one\nline two")
    assert shown(*attempt(1, one)).splitlines() == [
        "tax: answer 1 of 2 rejected: line 3: [missing-name] no rate",
        "  kept in .jaunt/rejected/tax.1.py",
    ]
    assert shown(*attempt(1, one, two)).splitlines() == [
        "tax: answer 1 of 2 rejected: 2 findings",
        "  line 3: [missing-name] no rate",
        "  [syntax] line one",
        "  line two",
        "  kept in .jaunt/rejected/tax.1.py",
    ]
    assert shown(*attempt(2, one)) == ""  # shown at the end of the module
    assert shown(attempt(2, one)[1]).startswith("tax: answer 2 rejected: line 3")


def test_delays_and_warnings() -> None:
    delay = RequestDelayed(kind=Kind.BUILD, module="tax", fault="rate limit", seconds=2)
    warning = WarningRaised(kind=Kind.BUILD, message="no shop.tix\n  did you mean shop.tax?")
    assert shown(delay, warning).splitlines() == [
        "tax: rate limit, next try in 2.0 s",
        "warning: no shop.tix",
        "  did you mean shop.tax?",
    ]


def test_the_summary(plan_of: Plans) -> None:
    events = [
        PlanReady(plan=plan_of(a=Action.FRESH, b=Action.GENERATE, c=Action.GENERATE)),
        finished(
            "b",
            Outcome.GENERATED,
            bill=Bill(calls=1, usage=TokenUsage(input=10, output=5), cost=None),
        ),
        finished(
            "c", Outcome.FAILED, bill=Bill(calls=2), failure=FailedModule(message="bad\nvery bad")
        ),
        finished("d", Outcome.SKIPPED, failure=FailedModule(message="c failed", blocked_by="c")),
        RunFinished(kind=Kind.BUILD, seconds=3.21),
    ]
    assert shown(*events).splitlines()[-4:] == [
        "build: 1 generated, 1 fresh, 1 failed, 1 skipped in 3.2 s",
        "  3 calls, 10 in / 5 out tokens",
        "  failed c: bad",
        "  skipped d: c failed",
    ]
    events = [finished("b", Outcome.KEPT), RunFinished(kind=Kind.BUILD, seconds=0)]
    assert shown(*events).splitlines()[-1] == "build: 1 kept in 0.0 s"


def test_the_summary_tells_once_what_no_check_judged() -> None:
    def reasons(module: str, *checks: tuple[CheckName, str]) -> tuple[Unjudged, ...]:
        return tuple(Unjudged(module=module, check=check, why=why) for check, why in checks)

    types = (CheckName.TYPES, "mypy: exit code 2\nno such setting")
    events = [
        finished("a", Outcome.GENERATED, unjudged=reasons("a", types)),
        finished("b", Outcome.KEPT, unjudged=reasons("b", types, (CheckName.EXAMPLES, "no file"))),
        RunFinished(kind=Kind.BUILD, seconds=0),
    ]
    assert shown(*events).splitlines()[-3:] == [
        "build: 1 generated, 1 kept in 0.0 s",
        "  unjudged b: examples not run: no file",
        "  unjudged a, b: types not checked: mypy: exit code 2 no such setting",
    ]


REPAIR = "  hint: `jaunt test --repair` has code asked for anew that fails its tests"


@pytest.mark.parametrize(
    ("result", "line"),
    [
        (PytestResult(exit_code=0, passed=3, failed=0), "pytest: 3 passed"),
        (
            PytestResult(exit_code=1, passed=3, failed=1),
            f"pytest: 3 passed, 1 failed\n{REPAIR}",
        ),
        (PytestResult(exit_code=4, passed=0, failed=0), "pytest: 0 passed, exit code 4"),
        (PytestResult(exit_code=5, passed=0, failed=0), "pytest: no test was collected"),
    ],
)
def test_how_pytest_ended(result: PytestResult, line: str) -> None:
    assert shown(PytestStarted(paths=(PATH,)), PytestFinished(result=result)) == f"{line}\n"


def test_what_survives_is_shown_with_its_line() -> None:
    diff = "--- a.py\n+++ a.py\n@@ -7 +7 @@\n-    return a < b\n+    return a <= b"
    strength = MutationScore(
        spec=SpecRef("shop:less"),
        path=PurePosixPath("__generated__/shop.py"),
        mutants=57,
        tried=40,
        survivors=(Survivor(line=7, diff=diff),),
    )
    poor = MutationScore(spec=SpecRef("shop:no"), path=strength.path, unclear="it was stopped")
    report = MutationReport(specs=(strength, poor))

    assert shown(SpecScored(score=strength), SpecScored(score=poor)).splitlines() == [
        "  shop:less: 39 of 40 killed (17 more mutants not tried)",
        "    surviving at __generated__/shop.py:7",
        "      @@ -7 +7 @@",
        "      -    return a < b",
        "      +    return a <= b",
        "  shop:no: not measured, it was stopped",
    ]
    assert shown(MutationFinished(report=report)) == "strength: 39 of 40 mutants killed, 97 %\n"
    nothing = MutationFinished(report=MutationReport(specs=(poor,)))
    assert shown(nothing) == "strength: there is nothing to measure\n"


def test_what_pytest_prints_goes_to_its_own_stream_as_it_is() -> None:
    out, err = Page(), Page()
    terminal = Terminal(out=Stream(out), err=Stream(err), environ={})
    for json, expected in ((False, ("\x1b[1m.", "")), (True, ("", "\x1b[1m."))):
        for page in (out, err):
            page.seek(0)
            page.truncate()
        make_reporter(terminal, json=json)(PytestPrinted(text="\x1b[1m."))
        assert (out.getvalue(), err.getvalue()) == expected


def test_what_models_say_cannot_reach_the_terminal() -> None:
    evil = "\x1b]0;title\x07\x1b[2Jdone\r\nnext"
    failure = FailedModule(
        message=evil, hint=evil, findings=(Finding(code="syntax", message=evil),), blocked_by=evil
    )
    events = [
        WarningRaised(kind=Kind.BUILD, message=evil),
        *attempt(1, Finding(code="syntax", message=evil)),
        RequestDelayed(kind=Kind.BUILD, module=evil, fault=evil, seconds=1),
        finished(evil, Outcome.FAILED, failure=failure),
        finished(evil, Outcome.SKIPPED, failure=failure),
        RunFinished(kind=Kind.BUILD, seconds=0),
    ]
    text = shown(*events)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text)
    assert "title" not in text
    assert not re.sub(r"\x1b\[\d*m", "", shown(*events, color=True)).count("\x1b")


@pytest.mark.parametrize(
    ("tty", "environ", "live", "color"),
    [
        (True, {}, True, True),
        (True, {"NO_COLOR": "1"}, True, False),
        (True, {"NO_COLOR": ""}, True, True),
        (True, {"TERM": "dumb"}, False, False),
        (False, {}, False, False),
    ],
)
def test_which_reporter(tty: bool, environ: dict[str, str], live: bool, color: bool) -> None:
    err = Stream(Page(tty=tty))
    terminal = Terminal(out=Stream(Page()), err=err, environ=environ)
    reporter = make_reporter(terminal, json=False)
    assert isinstance(reporter, LiveReporter) is live
    assert terminal.colors_on(err) is color


def test_the_live_reporter_shows_the_same_lines_above_a_bar(plan_of: Plans) -> None:
    page = Page(tty=True)
    live = LiveReporter(err=Stream(page), pytest_out=Stream(Page()), color=True)
    names = ("a", "b", "c", "d")
    events: list[Event] = [
        PlanReady(plan=plan_of(**dict.fromkeys(names, Action.GENERATE))),
        *(ModuleStarted(kind=Kind.BUILD, module=name, action=Action.GENERATE) for name in names),
        AttemptStarted(kind=Kind.BUILD, module="a", attempt=2, attempts=2),
        *(finished(name, Outcome.GENERATED, seconds=1) for name in names),
    ]
    with live:
        for event in events[:6]:
            live(event)
        assert live._bar is not None
        assert live._bar._description() == "a (answer 2), b, c +1"
        for event in events[6:]:
            live(event)
        live(RunFinished(kind=Kind.BUILD, seconds=1))
        assert live._bar is None
    text = page.getvalue()
    assert text.count("\x1b[?25l") == text.count("\x1b[?25h") == 1
    bare = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "", text)
    for line in shown(*events, RunFinished(kind=Kind.BUILD, seconds=1)).splitlines():
        assert line in bare


def test_the_live_reporter_needs_no_bar_where_nothing_is_to_do(plan_of: Plans) -> None:
    page = Page(tty=True)
    with LiveReporter(err=Stream(page), pytest_out=Stream(Page()), color=False) as live:
        live(PlanReady(plan=plan_of(a=Action.FRESH)))
        assert page.getvalue() == "build: nothing to do, 1 module is fresh\n"


def test_the_history_adds_up_to_the_report(plan_of: Plans) -> None:
    reporter = PlainReporter(err=Stream(Page()), pytest_out=Stream(Page()), color=False)
    events: list[Event] = [
        PlanReady(plan=plan_of(a=Action.FRESH, b=Action.GENERATE)),
        finished("b", Outcome.GENERATED),
        PytestPrinted(text="much"),
    ]
    for event in events:
        reporter(event)
    history = reporter.history
    assert history.report(Kind.BUILD) == fold_events(events, Kind.BUILD)
    assert history.reached(Kind.BUILD)
    assert not history.reached(Kind.TEST)
    assert history.pytest is None
    assert len(history.events) == 2
