"""What work on any module of one kind needs, made once a run."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from jaunt_core.backend.protocol import GeneratorBackend
from jaunt_core.config.loading import Project
from jaunt_core.execution.discovery import inspect_candidate
from jaunt_core.execution.landing import Landing
from jaunt_core.execution.road import Road
from jaunt_core.execution.store import AnswerStore
from jaunt_core.execution.worker import Worker
from jaunt_core.model.candidate import CandidateFacts
from jaunt_core.model.events import Sink
from jaunt_core.model.plan import Inference, ModulePlan
from jaunt_core.model.spec import Kind
from jaunt_core.planning.prompt import Templates
from jaunt_core.planning.staleness import JudgedGraph


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """The tools of one run; `templates` and `backend` are made when they are first called."""

    project: Project
    kind: Kind
    judged: JudgedGraph
    inference: Inference
    attempts: int
    worker: Worker
    store: AnswerStore
    landing: Landing
    road: Road
    templates: Callable[[], Templates]
    backend: Callable[[], GeneratorBackend]
    sink: Sink
    offline: bool = False
    clock: Callable[[], float] = time.monotonic

    async def inspected(self, plan: ModulePlan, code: str) -> CandidateFacts:
        """The facts of an answer; the worker is asked on a thread of its own."""
        return await asyncio.to_thread(
            inspect_candidate, self.worker, self.project, plan.module, plan.generated_module, code
        )


__all__ = ["Workshop"]
