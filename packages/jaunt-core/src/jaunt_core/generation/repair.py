"""Code that fails its tests, asked for once more with what the tests said."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from jaunt_core.contracts.graph import SpecGraph
from jaunt_core.findings.codes import FindingCode
from jaunt_core.generation.execute import BackendSource
from jaunt_core.generation.module_task import ModuleWork
from jaunt_core.generation.run_context import Workshop
from jaunt_core.model.generation import Finding, Patch
from jaunt_core.model.plan import Action, ModulePlan
from jaunt_core.model.reason import Reason, ReasonKind
from jaunt_core.model.report import Outcome, PytestResult, TestFailure
from jaunt_core.model.spec import Kind, SpecRef
from jaunt_core.snapshot.generated_files import read_generated

_RAN = (0, 1)
"""pytest's exit codes for tests that ran, whether or not they passed."""

RunTests = Callable[[frozenset[str], threading.Event], PytestResult]
"""Runs the generated tests of some test modules, as they stand now, until the event is set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blamed:
    """A code module whose specs are the targets of tests that fail."""

    module: str
    specs: tuple[SpecRef, ...]
    failures: tuple[TestFailure, ...]


def blamed_modules(
    graph: SpecGraph, failures: Iterable[TestFailure], modules: Mapping[str, str]
) -> tuple[Blamed, ...]:
    """The code that failing tests are about, ordered by module.

    Args:
        graph: The specs of both kinds.
        failures: The tests that fail.
        modules: For each generated test file, the test module that it is of.
    """
    found: dict[str, tuple[set[SpecRef], list[TestFailure]]] = {}
    for failure in failures:
        path, _, test = failure.node_id.partition("::")
        # pytest counts from its own root, which may be a folder around the project.
        module = next((it for at, it in modules.items() if f"/{path}".endswith(f"/{at}")), "")
        ref = SpecRef(f"{module}:{test.partition('[')[0]}")
        for target in graph.edges.get(ref, ()):
            if graph.specs[target].kind is Kind.BUILD:
                specs, said = found.setdefault(graph.specs[target].module, (set(), []))
                specs.add(target)
                if failure not in said:
                    said.append(failure)
    return tuple(
        Blamed(module=name, specs=tuple(sorted(specs)), failures=tuple(said))
        for name, (specs, said) in sorted(found.items())
    )


class Repairing:
    """Asks for the code of failing specs again, and keeps an answer only if its tests are content.

    The tests themselves are never touched. An answer has to pass all checks before any test sees
    it, the examples in docstrings among them, so a test that contradicts an example changes
    nothing.
    """

    def __init__(self, shop: Workshop, source: BackendSource, run: RunTests) -> None:
        self._shop = shop
        self._source = source
        self._run = run

    def repair(
        self, plan: ModulePlan, blamed: Blamed, tests: frozenset[str], before: PytestResult
    ) -> PytestResult | None:
        """What the tests say of the new code; None where the old code stands as it did.

        Args:
            plan: The code module, fresh.
            blamed: What its tests say.
            tests: The modules of all tests that are about it.
            before: What these tests said.
        """
        return asyncio.run(self._repair(plan, blamed, tests, before))

    async def _repair(
        self, plan: ModulePlan, blamed: Blamed, tests: frozenset[str], before: PytestResult
    ) -> PytestResult | None:
        work = ModuleWork(self._shop)
        content: list[PytestResult] = []

        async def verify() -> tuple[Finding, ...]:
            stopped = threading.Event()
            try:
                result = await asyncio.to_thread(self._run, tests, stopped)
            except asyncio.CancelledError:
                stopped.set()  # the thread would go on until the tests have ended
                raise
            found = _worse(before, result, blamed, self._source_of)
            if not found:
                content.append(result)
            return found

        try:
            findings = _findings(blamed.failures, self._source_of)
            report = await work.repair(_to_repair(plan, blamed, self._shop), findings, verify)
        finally:
            await self._source.aclose()
        return content[-1] if report.outcome is Outcome.GENERATED else None

    def _source_of(self, failure: TestFailure) -> str:
        """The test that failed, as it stands in its generated file."""
        path, _, test = failure.node_id.partition("::")
        root = self._shop.project.root
        folders = (root, *root.parents)  # pytest may count from a folder around the project
        file = next((at / path for at in folders if (at / path).is_file()), root / path)
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except OSError:
            return ""
        name = test.partition("[")[0]
        begins = (i for i, row in enumerate(lines) if re.match(rf"(async )?def {name}\b", row))
        first = next(begins, None)
        if first is None:
            return ""
        rest = enumerate(lines[first + 1 :], first + 1)
        last = next((i for i, row in rest if row and not row[0].isspace()), len(lines))
        return "\n".join(lines[first:last]).rstrip()


def _to_repair(plan: ModulePlan, blamed: Blamed, shop: Workshop) -> ModulePlan:
    """The plan for the blamed specs alone, on the code that stands now."""
    file = read_generated(shop.project.root, plan.file.path)
    wanted = tuple(spec.name for spec in plan.module.specs if spec.ref in blamed.specs)
    fixed = tuple(spec.name for spec in plan.module.specs if spec.ref not in blamed.specs)
    patch = Patch(base=file.body, wanted=wanted, fixed=fixed, removed=()) if fixed else None
    reasons = tuple(
        Reason(kind=ReasonKind.TEST, spec=ref, detail=f"{len(blamed.failures)} failing")
        for ref in blamed.specs
    )
    return replace(plan, file=file, patch=patch, reasons=reasons, action=Action.GENERATE)


def _findings(
    failures: Sequence[TestFailure], source_of: Callable[[TestFailure], str]
) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            code=FindingCode.TEST_FAILED,
            message=f"{failure.node_id} fails: {failure.message}\n{source_of(failure)}".rstrip(),
            expected="code that does what the spec says; where the test contradicts the spec, the "
            "spec decides",
        )
        for failure in failures
    )


def _worse(
    before: PytestResult,
    after: PytestResult,
    blamed: Blamed,
    source_of: Callable[[TestFailure], str],
) -> tuple[Finding, ...]:
    """What tests have against new code: they fail as before, or one fails that did not."""
    if after.exit_code not in _RAN:
        return (
            Finding(
                code=FindingCode.TEST_FAILED,
                message=f"the tests could not be run (pytest: exit code {after.exit_code})",
                expected="code that its tests can import",
            ),
        )
    failed = {failure.node_id for failure in before.failures}
    still = {failure.node_id for failure in after.failures}
    is_better = any(failure.node_id not in still for failure in blamed.failures)
    return () if is_better and still <= failed else _findings(after.failures, source_of)
