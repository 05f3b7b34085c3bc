"""Measure generated tests: run them in the sandbox against mutants of the code that landed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from jaunt_core.config.loading import Project
from jaunt_core.contracts.graph import SpecGraph
from jaunt_core.model.report import MutationScore, Survivor
from jaunt_core.model.spec import Kind, SpecModule, SpecRef
from jaunt_core.sandbox.process import SandboxResult
from jaunt_core.sandbox.sandbox import Sandbox
from jaunt_core.snapshot.decoding import decode
from jaunt_core.snapshot.generated_files import generated_module, generated_path

MOST_MUTANTS = 40
"""Mutants of one spec that are tried at most."""

_TEST_SECONDS = 120.0
_CPU_SECONDS = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class _MutationRecord:
    """A result of a trial about the mutants of a spec."""

    kind: Literal["unclear", "mutants", "survivor"]
    message: str = ""
    mutants: int = 0
    tried: int = 0
    line: int = 0
    diff: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredSpec:
    """A spec whose tests are measured: the names of its tests, and the files that hold them."""

    module: SpecModule
    ref: SpecRef
    tests: tuple[str, ...]
    files: tuple[PurePosixPath, ...]


def measured_specs(
    graph: SpecGraph, files: Mapping[str, PurePosixPath]
) -> tuple[MeasuredSpec, ...]:
    """The specs that have tests, ordered by name.

    Args:
        graph: All specs.
        files: The test modules that ran, and their generated files.
    """
    modules = {module.name: module for module in graph.modules}
    tests: dict[SpecRef, list[SpecRef]] = {}
    for ref, targets in graph.edges.items():
        if graph.specs[ref].module in files:
            for target in targets:
                if graph.specs[target].kind is Kind.BUILD:
                    tests.setdefault(target, []).append(ref)
    return tuple(
        MeasuredSpec(
            module=modules[graph.specs[target].module],
            ref=target,
            tests=tuple(sorted({graph.specs[ref].name for ref in tests[target]})),
            files=tuple(sorted({files[graph.specs[ref].module] for ref in tests[target]})),
        )
        for target in sorted(tests)
    )


class MutationRun:
    """Measures the tests of specs, several at once, and passes each score to `on_score`."""

    def __init__(
        self,
        project: Project,
        sandbox: Sandbox,
        arguments: Sequence[str],
        on_score: Callable[[MutationScore], None],
    ) -> None:
        self._project = project
        self._sandbox = sandbox
        self._arguments = list(arguments)
        self._on_score = on_score

    def measure(self, specs: Sequence[MeasuredSpec], *, jobs: int) -> tuple[MutationScore, ...]:
        """The mutation score of each spec."""
        return asyncio.run(self._measure_all(specs, jobs))

    async def _measure_all(
        self, specs: Sequence[MeasuredSpec], jobs: int
    ) -> tuple[MutationScore, ...]:
        slots = asyncio.Semaphore(jobs)

        async def measure(spec: MeasuredSpec) -> MutationScore:
            async with slots:
                score = await self._measure_one(spec)
            self._on_score(score)
            return score

        return tuple(await asyncio.gather(*(measure(spec) for spec in specs)))

    async def _measure_one(self, spec: MeasuredSpec) -> MutationScore:
        root = self._project.root
        generated_dir = self._project.config.paths.generated_dir
        path = generated_path(spec.module, generated_dir)
        task: dict[str, object] = {
            "spec": spec.ref.qualname,
            "specs": [sibling.name for sibling in spec.module.specs],
            "module": generated_module(spec.module, generated_dir),
            "source": (root / path).read_text(encoding="utf-8"),
            "served": {"path": str(root / path), "is_package": spec.module.is_package},
            "shown_path": path.as_posix(),
            "names": list(spec.tests),
            "paths": [str(root / file) for file in spec.files],
            "arguments": self._arguments,
            "limit": MOST_MUTANTS,
            "seconds": _TEST_SECONDS,
        }
        trial = self._sandbox.trial("mutation", task, folder=root, cpu_seconds=_CPU_SECONDS)
        return _score_of(spec.ref, path, await trial.run_on_thread())


def _score_of(ref: SpecRef, path: PurePosixPath, result: SandboxResult) -> MutationScore:
    records = [decode(_MutationRecord, record) for record in result.records]
    unclear = next((record.message for record in records if record.kind == "unclear"), "")
    if result.fault is not None:
        unclear = str(result.fault)
    counts = next((record for record in records if record.kind == "mutants"), None)
    if unclear or counts is None:
        return MutationScore(spec=ref, path=path, unclear=unclear or "it was stopped")
    survivors = (record for record in records if record.kind == "survivor")
    return MutationScore(
        spec=ref,
        path=path,
        mutants=counts.mutants,
        tried=counts.tried,
        survivors=tuple(Survivor(line=record.line, diff=record.diff) for record in survivors),
    )
