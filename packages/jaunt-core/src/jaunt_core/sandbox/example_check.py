"""Try the examples and `Raises:` lines of docstrings on an answer before it lands."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from functools import cached_property, partial
from pathlib import Path

from jaunt_core.config.pytest_settings import PYTEST_FILES
from jaunt_core.config.reading import read_regular
from jaunt_core.findings.example_lines import line_of_example
from jaunt_core.findings.examples import (
    Documentation,
    documentation_of,
    fault_finding,
    outcome_findings,
    unclear_outcomes,
)
from jaunt_core.model.judgement import CheckName, Judgement, Unjudged
from jaunt_core.model.plan import ModulePlan
from jaunt_core.model.spec import SpecModule
from jaunt_core.model.trial import TrialOutcome
from jaunt_core.sandbox.process import FaultKind, SandboxFault, SandboxResult, Trial
from jaunt_core.sandbox.sandbox import Sandbox, ServedModule
from jaunt_core.snapshot.decoding import decode

EXAMPLE_SECONDS = 10.0
"""Seconds that one example may take."""

_IMPORT_SECONDS = 60.0
_EXHAUSTED = ("MemoryError", "RecursionError")
"""Errors of a trial itself that user code has caused, which left it nothing to work with."""
_OPTIONS = re.compile(r"^doctest_optionflags\s*=(?P<flags>[^=]*)", re.MULTILINE)


class ExampleCheck:
    """Tries the documented examples of a module on the answer for it.

    An example that says nothing about the answer, because it is wrong in itself or needs what
    the sandbox does not have, is reported through `warn`, once each. Where none can be run, the
    judgement says why.
    """

    def __init__(
        self,
        root: Path,
        sandbox: Sandbox,
        warn: Callable[[str], None],
        *,
        seconds: float = EXAMPLE_SECONDS,
    ) -> None:
        self._root = root
        self._sandbox = sandbox
        self._warn = warn
        self._seconds = seconds
        self._slots = asyncio.Semaphore(os.cpu_count() or 1)
        self._warned: set[str] = set()

    async def judge(self, plan: ModulePlan, code: str) -> Judgement:
        """What an answer does otherwise than its documentation says, or why that is not known.

        Each answer is imported through its spec module, whether it has examples or not.
        """
        documented = documentation_of(plan.module)
        path = self._root / plan.file.path
        served = ServedModule(
            name=plan.generated_module, path=path, source=code, is_package=plan.module.is_package
        )
        trial = self._trial("examples", self._task(plan, documented, path), overlay=[served])
        async with self._slots:
            result = await trial.run_on_thread()
            outcomes = self._outcomes_in(plan.module, result)
            blames_answer = False
            if _is_suspect(outcomes, result.fault):
                blames_answer = await self._imports_without_answer(plan)
        return self._judgement(plan.module, outcomes, result.fault, blames_answer=blames_answer)

    async def _imports_without_answer(self, plan: ModulePlan) -> bool:
        """Whether the sandbox can import the spec module where inert classes stand in it."""
        task: dict[str, object] = {"spec_module": plan.name, "import_seconds": _IMPORT_SECONDS}
        result = await self._trial("inert_import", task).run_on_thread()
        return result.fault is None and not result.records

    def _trial(
        self, operation: str, task: dict[str, object], overlay: Sequence[ServedModule] = ()
    ) -> Trial:
        return self._sandbox.trial(
            operation,
            task,
            overlay=overlay,
            longest_step=max(_IMPORT_SECONDS, self._seconds),
            record_type=TrialOutcome,
        )

    def _task(self, plan: ModulePlan, documented: Documentation, path: Path) -> dict[str, object]:
        return {
            "spec_module": plan.name,
            "generated_module": plan.generated_module,
            "path": str(path),
            "spec_path": str(self._root / plan.module.path),
            "seconds": self._seconds,
            "import_seconds": _IMPORT_SECONDS,
            "options": self._options,
            **asdict(documented),
        }

    @cached_property
    def _options(self) -> list[str]:
        """The option flags of the project's own doctests."""
        flags: set[str] = set()
        for name in PYTEST_FILES:
            try:
                text = read_regular(self._root / name).decode("utf-8")
            except (OSError, ValueError):
                continue
            for match in _OPTIONS.finditer(text):
                flags.update(re.findall(r"[A-Z_0-9]+", match["flags"]))
        return sorted(flags)

    def _outcomes_in(self, module: SpecModule, result: SandboxResult) -> list[TrialOutcome]:
        outcomes = [decode(TrialOutcome, record) for record in result.records]
        names = {"", *(spec.name for spec in module.specs)}
        return [outcome for outcome in outcomes if outcome.owner.partition(".")[0] in names]

    def _judgement(
        self,
        module: SpecModule,
        outcomes: Sequence[TrialOutcome],
        fault: SandboxFault | None,
        *,
        blames_answer: bool,
    ) -> Judgement:
        settled = "failed" if blames_answer else "unclear"
        outcomes = [
            replace(outcome, status=settled) if outcome.status == "suspected" else outcome
            for outcome in outcomes
        ]
        findings = outcome_findings(outcomes, partial(self._place_of, module))
        reasons = [*self._unclear_imports(module, outcomes), *_why_none_was_judged(outcomes)]
        if fault is not None:
            owner, source = str(fault.step.get("owner", "")), str(fault.step.get("source", ""))
            if fault.kind is FaultKind.BROKEN and not fault.detail.startswith(_EXHAUSTED):
                reasons.append(str(fault))
            elif source or fault.kind is FaultKind.FORGED or blames_answer:
                timed_out = fault.kind is FaultKind.TIMED_OUT or fault.detail == "SIGXCPU"
                finding = fault_finding(owner, source, fault=str(fault), timed_out=timed_out)
                findings = (*findings, finding)
            else:
                reasons.append(_fault_text(fault))
        unjudged = tuple(
            Unjudged(module=module.name, check=CheckName.EXAMPLES, why=why) for why in reasons
        )
        return Judgement(findings=findings, unjudged=unjudged)

    def _unclear_imports(
        self, module: SpecModule, outcomes: Iterable[TrialOutcome]
    ) -> Iterator[str]:
        """Why the modules could not be imported; single examples are warned of."""
        for outcome in unclear_outcomes(outcomes):
            if outcome.kind == "import":
                yield outcome.got
                continue
            place = self._place_of(module, outcome)
            self._warn_once(
                f"{place}: the example `{outcome.source}` was not judged: {outcome.got}"
            )

    def _warn_once(self, message: str) -> None:
        if message not in self._warned:
            self._warned.add(message)
            self._warn(message)

    def _place_of(self, module: SpecModule, outcome: TrialOutcome) -> str:
        """Where an example stands, empty where an outcome is about none."""
        if not outcome.owner:
            return ""
        try:
            text = (self._root / module.path).read_text(encoding="utf-8")
        except (OSError, ValueError):
            text = ""
        return f"{module.path}:{line_of_example(text, module, outcome)}"


def _why_none_was_judged(outcomes: Sequence[TrialOutcome]) -> Iterator[str]:
    """Why of all the examples that there are, none says anything about the answer."""
    examples = [outcome for outcome in outcomes if outcome.kind == "example"]
    if examples and all(outcome.status == "unclear" for outcome in examples):
        yield f"none can be judged: `{examples[0].source}`: {examples[0].got}"


def _is_suspect(outcomes: Iterable[TrialOutcome], fault: SandboxFault | None) -> bool:
    """Whether code around the answer failed, which the answer or the sandbox may have caused."""
    if any(outcome.status == "suspected" for outcome in outcomes):
        return True
    return fault is not None and fault.kind is not FaultKind.FORGED and not fault.step.get("source")


def _fault_text(fault: SandboxFault) -> str:
    last = "".join(fault.error_output.splitlines()[-1:])
    return f"{fault}: {last}" if last else str(fault)
