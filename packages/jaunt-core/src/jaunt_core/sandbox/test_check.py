"""Generated tests on trial: they are collected, and have to fail where all is wrong."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from jaunt_core.config.loading import Project
from jaunt_core.contracts.graph import SpecGraph
from jaunt_core.findings.codes import FindingCode
from jaunt_core.findings.wrong_implementations import Mistake, render_wrong_implementation
from jaunt_core.model.generation import Finding
from jaunt_core.model.plan import ModulePlan
from jaunt_core.model.spec import ClassFacts, Kind, SpecModule, SpecSource
from jaunt_core.sandbox.process import SandboxResult
from jaunt_core.sandbox.sandbox import Sandbox, Served, overlay_of
from jaunt_core.snapshot.decoding import decode
from jaunt_core.snapshot.generated_files import generated_module, generated_path

TEST_SECONDS = 60.0
"""Seconds that collecting the tests, or running them once, may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What a trial of tests says about a test, or about all where `name` is empty."""

    kind: Literal["unclear", "not collected", "proves nothing"]
    name: str
    message: str
    line: int


class ProofCheck:
    """Tries the tests of a module before they land.

    Each is run against implementations of its targets that are wrong in simple ways, made from
    their signatures. What cannot be tried is told by `warn`, once.
    """

    def __init__(
        self,
        project: Project,
        sandbox: Sandbox,
        graph: SpecGraph,
        warn: Callable[[str], None],
        *,
        seconds: float = TEST_SECONDS,
    ) -> None:
        self._project = project
        self._sandbox = sandbox
        self._graph = graph
        self._warn = warn
        self._seconds = seconds
        self._slots = asyncio.Semaphore(os.cpu_count() or 1)
        self._warned: set[str] = set()

    async def findings(self, plan: ModulePlan, code: str) -> tuple[Finding, ...]:
        """What is wrong with the tests."""
        root = self._project.root
        path = root / plan.file.path
        served = Served(
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
            "judged": [name for name, targeted in targets.items() if targeted],
            "arguments": list(self._project.config.test.pytest_args),
            "lenient": [name for name in targets if self._is_lenient(name, plan)],
            "impostors": [overlay_of(self._impostors(modules, mistake)) for mistake in Mistake],
            "seconds": self._seconds,
        }
        trial = self._sandbox.trial("tests", task, overlay=[served], folder=root, says=_Said)
        async with self._slots:
            result = await trial.ended()
        found = self._judged(plan.module, targets, result)
        return tuple(finding if finding.line else _located(finding, code) for finding in found)

    def _targets(self, module: SpecModule) -> dict[str, tuple[str, ...]]:
        """For each test the modules of the code that it is about."""
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
        """Whether "it does not raise" may be all that there is to say about a test's targets."""
        specs = self._graph.specs
        (spec,) = (each for each in plan.module.specs if each.name == name)
        targets = (specs[ref] for ref in self._graph.edges[spec.ref])
        return any(_may_return_nothing(it) for it in targets if it.kind is Kind.BUILD)

    def _impostors(self, names: Iterable[str], mistake: Mistake) -> Iterator[Served]:
        generated_dir = self._project.config.paths.generated_dir
        modules = {module.name: module for module in self._graph.modules}
        for name in names:
            module = modules[name]
            yield Served(
                name=generated_module(module, generated_dir),
                path=self._project.root / generated_path(module, generated_dir),
                source=render_wrong_implementation(module, mistake),
                is_package=module.is_package,
            )

    def _judged(
        self, module: SpecModule, targets: dict[str, tuple[str, ...]], result: SandboxResult
    ) -> Iterator[Finding]:
        if result.fault is not None:
            self._tell(f"{module.path}: its tests were not tried: {result.fault}")
        for item in result.found:
            said = decode(_Said, item)
            if said.kind == "unclear":
                self._tell(f"{module.path}: its tests were not tried: {said.message}")
            elif said.kind == "not collected":
                what = said.name or "the module"
                why = said.message or "pytest finds no test of this name"
                yield Finding(
                    code=FindingCode.TEST_NOT_COLLECTED,
                    line=said.line,
                    message=f"{what} is not collected: {why}",
                    expected="a module in which pytest finds every declared test",
                )
            elif said.name in targets:
                yield _proves_nothing(said.name, targets[said.name])

    def _tell(self, message: str) -> None:
        if message not in self._warned:
            self._warned.add(message)
            self._warn(message)


def _may_return_nothing(target: SpecSource) -> bool:
    definition = target.definition
    if isinstance(definition, ClassFacts) or definition.returns is None:
        return True
    return "None" in definition.returns.form or "Never" in definition.returns.form


def _located(finding: Finding, code: str) -> Finding:
    """The finding at the line of the test that its message begins with."""
    name = re.escape(finding.message.partition(" ")[0])
    match = re.search(rf"^(async )?def {name}\(", code, re.MULTILINE)
    return replace(finding, line=code.count("\n", 0, match.start()) + 1) if match else finding


def _proves_nothing(name: str, targets: Iterable[str]) -> Finding:
    ways = ", ".join(mistake.value for mistake in Mistake)
    return Finding(
        code=FindingCode.TEST_PROVES_NOTHING,
        message=f"{name} passes whatever {', '.join(sorted(set(targets)))} does: also where each "
        f"function there {ways}",
        expected="assertions on results, with the values that the spec tells",
    )


__all__ = ["TEST_SECONDS", "ProofCheck"]
