"""Try generated tests: pytest has to collect them, and they have to fail on wrong code."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Literal

from jaunt_core.config.loading import Project
from jaunt_core.contracts.graph import SpecGraph
from jaunt_core.findings.codes import FindingCode
from jaunt_core.findings.test_wording import expects_no_error
from jaunt_core.findings.wrong_implementations import Mistake, render_wrong_implementation
from jaunt_core.model.generation import Finding
from jaunt_core.model.judgement import CheckName, Judgement, Unjudged
from jaunt_core.model.plan import ModulePlan
from jaunt_core.model.spec import Kind, SpecModule
from jaunt_core.sandbox.process import SandboxResult
from jaunt_core.sandbox.sandbox import Sandbox, ServedModule, overlay_entries
from jaunt_core.snapshot.decoding import decode
from jaunt_core.snapshot.generated_files import generated_module, generated_path

TEST_SECONDS = 60.0
"""Seconds that collecting the tests, or running them once, may take."""

_KILLED = "SIGKILL"


@dataclass(frozen=True, slots=True, kw_only=True)
class _TestProblem:
    """A problem that a trial found with a test, or with all where `name` is empty."""

    kind: Literal["unclear", "not collected", "proves nothing"]
    name: str
    message: str
    line: int


class TestCheck:
    """Tries the tests of a module before they land.

    Each is run against implementations of its targets that are wrong in simple ways, made from
    their signatures. Where a module cannot be tried, its judgement says why.
    """

    __test__ = False  # for pytest, where a test module imports it

    def __init__(
        self,
        project: Project,
        sandbox: Sandbox,
        graph: SpecGraph,
        *,
        closing: ExitStack,
        seconds: float = TEST_SECONDS,
    ) -> None:
        self._project = project
        self._sandbox = sandbox
        self._graph = graph
        self._seconds = seconds
        self._server = sandbox.server("tests", folder=project.root, closing=closing)
        self._slots = asyncio.Semaphore(os.cpu_count() or 1)

    async def judge(self, plan: ModulePlan, code: str) -> Judgement:
        """The findings about the tests of an answer, or why they could not be tried."""
        root = self._project.root
        path = root / plan.file.path
        served = ServedModule(
            name=plan.generated_module, path=path, source=code, is_package=plan.module.is_package
        )
        targets = self._targets(plan.module)
        modules = sorted({name for names in targets.values() for name in names})
        task: dict[str, object] = {
            "module": plan.generated_module,
            "path": str(path),
            "spec_path": str(root / plan.module.path),
            "paths": [str(root / plan.module.path)],
            "names": [spec.name for spec in plan.module.specs],
            "judged": [name for name, names in targets.items() if names],
            "arguments": list(self._project.config.test.pytest_args),
            "lenient": [name for name in targets if self._is_lenient(name, plan)],
            "wrong_implementations": [
                overlay_entries(self._wrong_implementations(modules, mistake))
                for mistake in Mistake
            ],
            "seconds": self._seconds,
        }
        async with self._slots:
            result = await self._result(task, served)
            if result.fault is not None and result.fault.detail == _KILLED:
                result = await self._result(task, served)  # with another one, it may have been
        problems = [decode(_TestProblem, record) for record in result.records]
        findings = _findings_of(problems, targets)
        reasons = [problem.message for problem in problems if problem.kind == "unclear"]
        reasons += [] if result.fault is None else [str(result.fault)]
        return Judgement(
            findings=tuple(
                finding if finding.line else _with_line(finding, code) for finding in findings
            ),
            unjudged=tuple(
                Unjudged(module=plan.name, check=CheckName.TRIALS, why=why) for why in reasons
            ),
        )

    async def _result(self, task: dict[str, object], served: ServedModule) -> SandboxResult:
        trial = self._sandbox.trial(
            "tests", task, overlay=[served], record_type=_TestProblem, server=self._server
        )
        return await trial.run_on_thread()

    def _targets(self, module: SpecModule) -> dict[str, tuple[str, ...]]:
        """The names of the modules that each test is about."""
        specs = self._graph.specs
        return {
            spec.name: tuple(
                specs[ref].module
                for ref in self._graph.edges[spec.ref]
                if specs[ref].kind is Kind.BUILD
            )
            for spec in module.specs
        }

    def _is_lenient(self, name: str, plan: ModulePlan) -> bool:
        """Whether a test may assert no more than that its targets do not raise.

        So it is where its spec asks for no more, and where what a decorator does around a target
        may be what it is about: counting or keeping results is done around wrong code as well.
        """
        specs = self._graph.specs
        (spec,) = (spec for spec in plan.module.specs if spec.name == name)
        if expects_no_error(spec.definition.docstring):
            return True
        targets = (specs[ref] for ref in self._graph.edges[spec.ref])
        return any(
            part.name == "decorators" and bool(part.form)
            for target in targets
            if target.kind is Kind.BUILD
            for part in target.parts
        )

    def _wrong_implementations(
        self, names: Iterable[str], mistake: Mistake
    ) -> Iterator[ServedModule]:
        generated_dir = self._project.config.paths.generated_dir
        modules = {module.name: module for module in self._graph.modules}
        for name in names:
            module = modules[name]
            yield ServedModule(
                name=generated_module(module, generated_dir),
                path=self._project.root / generated_path(module, generated_dir),
                source=render_wrong_implementation(module, mistake),
                is_package=module.is_package,
            )


def _findings_of(
    problems: Iterable[_TestProblem], targets: dict[str, tuple[str, ...]]
) -> Iterator[Finding]:
    for problem in problems:
        if problem.kind == "not collected":
            subject = problem.name or "the module"
            why = problem.message or "pytest finds no test of this name"
            message = f"{subject} is not collected: {why}"
            expected = "a module in which pytest finds every declared test"
            yield FindingCode.TEST_NOT_COLLECTED.finding(
                message, expected, line=problem.line, symbol=problem.name
            )
        elif problem.kind == "proves nothing" and problem.name in targets:
            yield _proves_nothing(problem.name, targets[problem.name])


def _with_line(finding: Finding, code: str) -> Finding:
    """The finding at the line of the test that its message begins with."""
    name = re.escape(finding.message.partition(" ")[0])
    match = re.search(rf"^(async )?def {name}\(", code, re.MULTILINE)
    return replace(finding, line=code.count("\n", 0, match.start()) + 1) if match else finding


def _proves_nothing(name: str, targets: Iterable[str]) -> Finding:
    mistakes = ", ".join(mistake.value for mistake in Mistake)
    return FindingCode.TEST_PROVES_NOTHING.finding(
        f"{name} passes whatever {', '.join(sorted(set(targets)))} does: also where each "
        f"function there {mistakes}",
        "assertions on results, with the values that the spec tells",
        symbol=name,
    )
