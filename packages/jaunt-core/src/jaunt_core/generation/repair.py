"""Code that fails its tests, asked for once more with what the tests said.

The tests themselves are never touched. An answer has to pass all checks before any test sees it,
the examples in docstrings among them, so a test that contradicts an example changes nothing.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from jaunt_core.contracts.graph import SpecGraph
from jaunt_core.findings.codes import FindingCode
from jaunt_core.generation.module_task import repair_module
from jaunt_core.generation.run_context import RunContext
from jaunt_core.model.generation import Finding, Patch
from jaunt_core.model.plan import Action, BuildPlan, ModulePlan
from jaunt_core.model.reason import Reason, ReasonKind
from jaunt_core.model.report import Outcome, PytestResult, TestFailure
from jaunt_core.model.spec import Kind, SpecRef
from jaunt_core.snapshot.generated_files import read_generated

_RAN = (0, 1)
"""pytest's exit codes for tests that ran, whether or not they passed."""

RunTests = Callable[[frozenset[str], threading.Event], PytestResult]
"""Runs the generated tests of some test modules, as they stand now, until the event is set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailingModule:
    """A code module whose specs are the targets of tests that fail."""

    name: str
    specs: tuple[SpecRef, ...]
    failures: tuple[TestFailure, ...]


def failing_modules(
    graph: SpecGraph, failures: Iterable[TestFailure], test_files: Mapping[str, str]
) -> tuple[FailingModule, ...]:
    """The code that failing tests are about, ordered by module.

    Args:
        graph: The specs of both kinds.
        failures: The tests that fail.
        test_files: For each generated test file, the test module that it is of.
    """
    specs: dict[str, set[SpecRef]] = {}
    about: dict[str, list[TestFailure]] = {}
    for failure in failures:
        for target in graph.edges.get(_spec_of(failure, test_files), ()):
            if graph.specs[target].kind is Kind.BUILD:
                module = graph.specs[target].module
                specs.setdefault(module, set()).add(target)
                if failure not in about.setdefault(module, []):
                    about[module].append(failure)
    return tuple(
        FailingModule(name=name, specs=tuple(sorted(specs[name])), failures=tuple(about[name]))
        for name in sorted(specs)
    )


def repair_failing(
    context: RunContext,
    plan: BuildPlan,
    result: PytestResult,
    *,
    test_files: Mapping[str, str],
    run_tests: RunTests,
) -> bool:
    """Have the code asked for anew whose tests fail; whether any of it was exchanged.

    Args:
        context: What the work needs; its kind is code.
        plan: All code modules, fresh.
        result: What the tests said.
        test_files: For each generated test file, the test module that it is of.
        run_tests: Runs tests again.

    Raises:
        ConfirmationError: It would take more calls than may be made without being asked.
    """
    graph = context.target.judged.graph
    edges, plans = graph.module_edges(), {module.name: module for module in plan.modules}
    is_exchanged = False
    for failing in failing_modules(graph, result.failures, test_files):
        module = plans[failing.name]
        if module.action is Action.REFUSE:  # somebody's own edits are not for us to mend
            continue
        tests = frozenset(name for name in test_files.values() if failing.name in edges[name])
        before = run_tests(tests, threading.Event()) if is_exchanged else result
        if any(failure in before.failures for failure in failing.failures):
            # Not within an event loop: Ctrl-C would not get through to the question.
            context.policy.confirmation.require(1)
            trial = _Trial(context.for_another_loop(), failing, before, tests, run_tests)
            is_exchanged = asyncio.run(trial.is_repaired(module)) or is_exchanged
    return is_exchanged


class _Trial:
    """New code for one module, kept only if its tests are content."""

    def __init__(
        self,
        context: RunContext,
        failing: FailingModule,
        before: PytestResult,
        tests: frozenset[str],
        run_tests: RunTests,
    ) -> None:
        self._context = context
        self._failing = failing
        self._before = before
        self._tests = tests
        self._run_tests = run_tests

    async def is_repaired(self, plan: ModulePlan) -> bool:
        """Whether other code stands now, of which the tests say better things."""
        findings = self._findings(self._failing.failures)
        plan = _plan_for_specs(plan, self._failing, self._root)
        try:
            report = await repair_module(self._context, plan, findings, self._verify)
        finally:
            await self._context.tools.backends.aclose()
        return report.outcome is Outcome.GENERATED

    async def _verify(self) -> tuple[Finding, ...]:
        """What the tests have against the code: they fail as before, or one fails that did not."""
        stopped = threading.Event()
        try:
            after = await asyncio.to_thread(self._run_tests, self._tests, stopped)
        except asyncio.CancelledError:
            stopped.set()  # the thread would go on until the tests have ended
            raise
        if after.exit_code not in _RAN:
            message = f"the tests could not be run (pytest: exit code {after.exit_code})"
            return (FindingCode.TEST_FAILED.finding(message, "code that its tests can import"),)
        failed_before = {failure.node_id for failure in self._before.failures}
        failed_after = {failure.node_id for failure in after.failures}
        is_better = any(failure.node_id not in failed_after for failure in self._failing.failures)
        if is_better and failed_after <= failed_before:
            return ()
        return self._findings(after.failures)

    def _findings(self, failures: Sequence[TestFailure]) -> tuple[Finding, ...]:
        return tuple(
            FindingCode.TEST_FAILED.finding(
                f"{failure.node_id} fails: {failure.message}\n"
                f"{_test_source(failure, self._root)}".rstrip(),
                "code that does what the spec says; where the test contradicts the spec, "
                "the spec decides",
            )
            for failure in failures
        )

    @property
    def _root(self) -> Path:
        return self._context.target.project.root


def _spec_of(failure: TestFailure, test_files: Mapping[str, str]) -> SpecRef:
    """The test spec that a failing test was generated for."""
    path, _, test = failure.node_id.partition("::")
    # pytest counts from its own root, which may be a folder around the project.
    module = next((m for file, m in test_files.items() if f"/{path}".endswith(f"/{file}")), "")
    return SpecRef(f"{module}:{test.partition('[')[0]}")


def _test_source(failure: TestFailure, root: Path) -> str:
    """The test that failed, as it stands in its generated file."""
    path, _, test = failure.node_id.partition("::")
    folders = (root, *root.parents)  # pytest may count from a folder around the project
    places = (folder / path for folder in folders)
    file = next((place for place in places if place.is_file()), root / path)
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    definition = re.compile(rf"(async )?def {test.partition('[')[0]}\b")
    first = next((i for i, line in enumerate(lines) if definition.match(line)), None)
    if first is None:
        return ""
    rest = enumerate(lines[first + 1 :], first + 1)
    last = next((i for i, line in rest if line and not line[0].isspace()), len(lines))
    return "\n".join(lines[first:last]).rstrip()


def _plan_for_specs(plan: ModulePlan, failing: FailingModule, root: Path) -> ModulePlan:
    """The plan for the failing specs alone, on the code that stands now."""
    file = read_generated(root, plan.file.path)
    wanted = tuple(spec.name for spec in plan.module.specs if spec.ref in failing.specs)
    fixed = tuple(spec.name for spec in plan.module.specs if spec.ref not in failing.specs)
    patch = Patch(base=file.body, wanted=wanted, fixed=fixed, removed=()) if fixed else None
    reasons = tuple(
        Reason(kind=ReasonKind.TEST, spec=ref, detail=f"{len(failing.failures)} failing")
        for ref in failing.specs
    )
    return replace(plan, file=file, patch=patch, reasons=reasons, action=Action.GENERATE)
