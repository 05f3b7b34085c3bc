"""What work on any module of one kind needs, made once a run."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from jaunt_core.backend.protocol import GeneratorBackend
from jaunt_core.config.loading import Project
from jaunt_core.landing.writer import Landing
from jaunt_core.llm.confirmation import Confirmation
from jaunt_core.llm.retry_policy import RetryPolicy
from jaunt_core.llm.spending import Spending
from jaunt_core.model.candidate import CandidateFacts
from jaunt_core.model.events import Sink
from jaunt_core.model.generation import Finding, ImportPolicy, Patch
from jaunt_core.model.plan import Inference, ModulePlan
from jaunt_core.model.spec import Kind
from jaunt_core.planning.attempt_schedule import AttemptSchedule
from jaunt_core.planning.prompt import Templates
from jaunt_core.planning.staleness import JudgedGraph
from jaunt_core.snapshot.spec_files import SpecFiles
from jaunt_core.snapshot.worker_calls import Spliced, inspect_candidate, splice_answer
from jaunt_core.snapshot.worker_client import Worker
from jaunt_core.storage.answers import AnswerStore

if TYPE_CHECKING:
    from jaunt_core.typecheck.formatting import Formatter


class LateCheck(Protocol):
    """A costly check of an answer, made once the cheap ones have found nothing."""

    async def findings(self, plan: ModulePlan, code: str) -> tuple[Finding, ...]:
        """What is wrong with the answer."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """The tools of one run; what is called is made when it first is.

    Without a `formatter`, code lands as it was answered.
    """

    project: Project
    kind: Kind
    judged: JudgedGraph
    inference: Inference
    schedule: AttemptSchedule
    worker: Worker
    store: AnswerStore
    specs: SpecFiles
    landing: Landing
    retry_policy: RetryPolicy
    spending: Spending
    confirmation: Confirmation
    templates: Callable[[], Templates]
    imports: Callable[[], ImportPolicy]
    backends: Callable[[], tuple[GeneratorBackend, ...]]
    sink: Sink
    late_checks: tuple[LateCheck, ...] = ()
    formatter: Formatter | None = None
    offline: bool = False
    clock: Callable[[], float] = time.monotonic

    async def spliced(self, patch: Patch, code: str) -> Spliced:
        """The whole module that an answer for a part of it makes."""
        return await asyncio.to_thread(splice_answer, self.worker, patch, code)

    async def inspected(self, plan: ModulePlan, code: str) -> CandidateFacts:
        """The facts of an answer; the worker is asked on a thread of its own."""
        return await asyncio.to_thread(
            inspect_candidate, self.worker, self.project, plan.module, plan.generated_module, code
        )
