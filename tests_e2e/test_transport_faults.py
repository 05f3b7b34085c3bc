"""Every transport fault, met by the installed command and the real SDK on a real connection.

All modules of a run meet a fault each, so that there are few runs: what a fault does to its own
module is looked at one by one.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from jaunt_backend_openai.testing import Fault, Prompt, Reply, ResponsesServer
from jaunt_cli.exit_codes import ExitCode, code_of_build
from jaunt_core.llm.retry_policy import RetryPolicy
from jaunt_core.model.events import RequestDelayed
from jaunt_core.model.report import ModuleReport

from .conftest import Jaunt, Ran, files_below, llm_of, outcomes
from .forked import ForkServer
from .transport_faults import (
    CASES,
    KEY,
    RIGHT,
    WHOLE,
    Becomes,
    Case,
    build_here,
    cases_of,
    module_of,
    write_project,
)

RECOVERING = [case for case in CASES if case.becomes in (Becomes.RETRIED, Becomes.ASKED_ANEW)]
FAILING = [case for case in CASES if case.becomes in (Becomes.FAILED, Becomes.ASKED_ANEW)]


def faulty(cases: Sequence[Case], *, first_only: bool) -> Callable[[Prompt], Reply | Fault]:
    """A model that does to each module what its case says: each time, or the first time."""
    left = {case.module: case for case in cases}

    def answer(prompt: Prompt) -> Reply | Fault:
        case = left.get(module_of(prompt))
        if case is None:
            return Reply(text=RIGHT)
        if first_only:
            del left[case.module]
        return case.reply()

    return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """A run that met faults: what it asked, and what it left."""

    project: Path
    server: ResponsesServer
    ran: Ran
    before: dict[str, bytes]

    def times_asked(self, case: Case) -> int:
        return [module_of(prompt) for prompt in self.server.requests].count(case.module)


Meet = Callable[..., Met]


@pytest.fixture(scope="module")
def meet(tmp_path_factory: pytest.TempPathFactory, fork_server: ForkServer) -> Generator[Meet]:
    """Run `jaunt build` on a project whose modules meet these faults."""
    jaunt = Jaunt(tmp_path_factory.mktemp("home"), fork_server)
    running: list[ResponsesServer] = []

    def run(cases: Sequence[Case], *arguments: str, first_only: bool, timeout: float = 60) -> Met:
        server = ResponsesServer(faulty(cases, first_only=first_only))
        server.start()
        running.append(server)
        project = write_project(
            tmp_path_factory.mktemp("met") / "project",
            cases,
            f'{llm_of(server)}\napi = "responses"\ntimeout = {timeout}',
        )
        before = files_below(project)
        ran = jaunt.run("build", *arguments, cwd=project, OPENAI_API_KEY=KEY)
        return Met(project=project, server=server, ran=ran, before=before)

    yield run
    jaunt.close()
    for server in running:
        server.__exit__(None, None, None)


@pytest.fixture(scope="module")
def recovered(meet: Meet) -> dict[str, Met]:
    """For each module, the run in which it met its fault once.

    Rate limits slow the others down, and what shows at the time limit needs a short one.
    """
    found: dict[str, Met] = {}
    for limited, lasts in ((True, False), (False, True), (False, False)):
        cases = [it for it in RECOVERING if (it.is_limited, it.lasts) == (limited, lasts)]
        timeout = 2 if lasts else 60
        met = meet(cases, "--jobs", "32", first_only=True, timeout=timeout)
        found |= dict.fromkeys([case.module for case in cases], met)
    return found


@pytest.mark.parametrize("case", RECOVERING, ids=str)
def test_after_the_fault_all_is_well(case: Case, recovered: dict[str, Met]) -> None:
    met = recovered[case.module]
    assert met.ran.code == 0, met.ran.err
    assert met.times_asked(case) == 2
    assert (met.project / f"__generated__/{case.module}.py").is_file()
    (told,) = [
        row
        for row in met.ran.err.splitlines()
        if row.startswith(f"{case.module}: ") and case.kind in row
    ]
    assert case.said in told
    if case.becomes is Becomes.RETRIED:
        assert told.startswith(f"{case.module}: {case.kind}: ")
        assert re.search(r", next try in \d+\.\d s$", told)
    else:
        assert f"answer 1 of 2 rejected: [{case.kind}]" in told


def test_no_megabytes_are_printed(recovered: dict[str, Met]) -> None:
    for met in recovered.values():
        assert len(met.ran.out + met.ran.err) < 50_000


@pytest.fixture(scope="module")
def failed(meet: Meet) -> Met:
    """A run with faults that stay, and that no later try would mend."""
    return meet(FAILING, "--json", "--jobs", "32", first_only=False)


@pytest.mark.parametrize("case", FAILING, ids=str)
def test_a_fault_that_stays_fails_its_module(case: Case, failed: Met) -> None:
    assert failed.ran.code == 3, failed.ran.err
    (module,) = [it for it in failed.ran.document["modules"] if it["module"] == case.module]
    failure = module["failure"]
    assert module["outcome"] == "failed"
    assert case.hint in failure["hint"]
    assert case.hint in failed.ran.err
    if case.becomes is Becomes.FAILED:
        assert failure["message"].startswith(f"{case.kind}: ")
        assert case.said in failure["message"]
        assert failed.times_asked(case) == 1
    else:
        assert [finding["code"] for finding in failure["findings"]] == [case.kind]
        assert failed.times_asked(case) == 2
        assert (failed.project / failure["rejected"]).is_file()


def test_the_tree_is_as_before_but_for_what_succeeded(failed: Met) -> None:
    after = files_below(failed.project)
    source = {path for path in after if not path.startswith(".jaunt/")}
    assert source - set(failed.before) == {f"__generated__/{WHOLE}.py"}
    assert {path: after[path] for path in failed.before} == failed.before
    assert outcomes(failed.ran.document)[WHOLE] == "generated"


def test_what_was_answered_is_not_asked_again(failed: Met, tmp_path: Path, jaunt: Jaunt) -> None:
    """With the faults gone, only their own modules are asked for."""
    project = Path(shutil.copytree(failed.project, tmp_path / "project"))
    with ResponsesServer(lambda _: Reply(text=RIGHT)) as healthy:
        config = project / "jaunt.toml"
        text = config.read_text("utf-8")
        config.write_text(text.replace(failed.server.base_url, healthy.base_url), "utf-8")
        ran = jaunt.run("build", cwd=project, OPENAI_API_KEY=KEY)
    assert ran.code == 0, ran.err
    assert sorted(map(module_of, healthy.requests)) == sorted(case.module for case in FAILING)


@pytest.mark.parametrize("case", cases_of(Becomes.STOPPED), ids=str)
def test_a_fault_of_the_account_stops_the_run(case: Case, meet: Meet) -> None:
    """It is met once, told once, and nobody else is asked."""
    others = [each for each in cases_of(Becomes.RETRIED) if each.module > case.module][-5:]
    met = meet([case, *others], "--json", "--jobs", "1", first_only=False)
    assert met.ran.code == 3
    document = met.ran.document
    found = {it["module"]: it for it in document["modules"]}
    # One at a time, in the order of their names: this one comes before all others.
    assert [module_of(prompt) for prompt in met.server.requests] == [case.module]
    failure = found[case.module]["failure"]
    assert failure["message"].startswith(f"{case.kind}: ")
    assert case.said in failure["message"]
    assert case.hint in failure["hint"]
    assert document["counts"]["failed"] == 1
    assert document["counts"]["skipped"] == len(others) + 1
    assert met.ran.err.count(case.said) <= 2  # where it happens, and in the summary
    assert KEY not in met.ran.out + met.ran.err


@dataclass(frozen=True, slots=True, kw_only=True)
class Stayed:
    """A build through which the faults stayed, and the waits that it made."""

    modules: dict[str, ModuleReport]
    delays: list[RequestDelayed]
    asked: list[str]
    code: ExitCode


def build_through(cases: Sequence[Case], folder: Path) -> Stayed:
    """Build where each module meets its fault every time; what waits does not."""
    with ResponsesServer(faulty(cases, first_only=False)) as server:
        llm = f'{llm_of(server)}\napi = "responses"\ntimeout = 1'
        project = write_project(folder / "project", cases, llm)
        waited: list[float] = []

        async def wait(seconds: float) -> None:
            waited.append(seconds)

        report, delays = build_here(project, RetryPolicy(sleep=wait))
    assert len(waited) == len(delays) == sum(case.tries - 1 for case in cases)
    return Stayed(
        modules={module.module: module for module in report.modules},
        delays=delays,
        asked=[module_of(prompt) for prompt in server.requests],
        code=code_of_build(report),
    )


@pytest.fixture(scope="module")
def stayed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[bool], Stayed]:
    """The builds with and without rate limits, each made when it is first asked for."""

    @cache
    def stayed_of(limited: bool) -> Stayed:
        cases = [case for case in cases_of(Becomes.RETRIED) if case.is_limited == limited]
        return build_through(cases, tmp_path_factory.mktemp("stayed"))

    return stayed_of


# After a rate limit there are many tries, at the rate that is found: that takes long.
@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, marks=[pytest.mark.slow] if case.is_limited else [])
        for case in cases_of(Becomes.RETRIED)
    ],
    ids=str,
)
def test_tries_are_bounded(case: Case, stayed: Callable[[bool], Stayed]) -> None:
    met = stayed(case.is_limited)
    assert met.code is ExitCode.GENERATION
    assert met.asked.count(case.module) == case.tries
    failure = met.modules[case.module].failure
    assert failure is not None
    assert failure.message.startswith(f"{case.kind}: ")
    assert case.said in failure.message
    assert len(failure.message) < 1000
    assert case.hint in failure.hint
    seconds = [event.seconds for event in met.delays if event.module == case.module]
    assert len(seconds) == case.tries - 1
    longest = RetryPolicy().longest_delay * case.tries if case.is_limited else 15
    assert sum(seconds) <= longest
    assert met.modules[WHOLE].failure is None
