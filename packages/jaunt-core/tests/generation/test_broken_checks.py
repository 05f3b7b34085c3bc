"""A check of ours that breaks on an answer fails one module, and says so."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from jaunt_core.config.loading import Project
from jaunt_core.engine.builder import BuildOptions, build
from jaunt_core.errors import JauntDiscoveryError
from jaunt_core.model.judgement import Judgement
from jaunt_core.model.plan import ModulePlan
from jaunt_core.model.report import BuildReport, Outcome
from jaunt_core.sandbox.example_check import ExampleCheck
from jaunt_core.testing import ScriptedBackend, loader_of

MakeProject = Callable[..., Project]

SPEC = '''
    import jaunt

    @jaunt.magic
    def {name}() -> int:
        """A number."""
    '''
ANSWERS = {name: [f"def {name}() -> int:\n    return 1\n"] for name in ("one", "two")}


def run(project: Project) -> tuple[BuildReport, list[str]]:
    backend = ScriptedBackend(ANSWERS)
    report = build(
        project,
        BuildOptions(),
        sink=lambda _: None,
        environ={"PATH": os.environ["PATH"]},
        load=loader_of(backend),
    )
    return report, backend.asked


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RuntimeError("not ours\nat all"), "could not be judged: RuntimeError: not ours"),
        (MemoryError(), "could not be judged: MemoryError"),
        (JauntDiscoveryError("it is gone"), "took down what reads it: it is gone"),
    ],
)
def test_what_breaks_on_one_answer_fails_that_module(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    files = {f"{name}.py": SPEC.format(name=name) for name in ANSWERS}
    project = make_project(files, "[build]\nrun_examples = true\n")
    judge = ExampleCheck.judge

    async def broken(self: ExampleCheck, plan: ModulePlan, code: str) -> Judgement:
        if plan.name == "one":
            raise error
        return await judge(self, plan, code)

    with monkeypatch.context() as patches:
        patches.setattr(ExampleCheck, "judge", broken)
        first, _ = run(project)
        again, asked = run(project)

    for report in (first, again):
        one, two = report.modules
        assert (one.outcome, two.outcome.is_success) == (Outcome.FAILED, True)
        assert one.failure is not None
        assert said in one.failure.message
        assert "report it" in one.failure.hint
        assert type(error).__name__ in one.failure.traceback
    assert asked == ["one"]
    # What was paid for is judged once more, and nobody is asked.
    mended, asked = run(project)
    assert (mended.modules[0].outcome, asked) == (Outcome.REUSED, [])
