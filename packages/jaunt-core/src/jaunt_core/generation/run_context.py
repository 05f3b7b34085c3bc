"""What work on any module of a run needs: what it is about, what it may do, what does it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from jaunt_core.config.loading import Project
from jaunt_core.generation.repair_scope import RepairScopes
from jaunt_core.generation.requests import RequestBuilder
from jaunt_core.generation.validation import Validator
from jaunt_core.landing.writer import Landing
from jaunt_core.llm.backends import RunBackends
from jaunt_core.llm.client import ModelClient
from jaunt_core.llm.confirmation import Confirmation
from jaunt_core.llm.spending import Spending
from jaunt_core.model.events import Sink
from jaunt_core.model.plan import Inference
from jaunt_core.model.spec import Kind
from jaunt_core.planning.attempt_schedule import AttemptSchedule
from jaunt_core.planning.staleness import JudgedGraph
from jaunt_core.snapshot.spec_files import SpecFiles
from jaunt_core.snapshot.worker_client import Worker
from jaunt_core.storage.answers import AnswerStore
from jaunt_core.storage.contracts import ContractTexts
from jaunt_core.storage.last_answer import LastAnswers
from jaunt_core.storage.rejected import RejectedAnswers


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTarget:
    """What a run is about: the modules of one kind in one project."""

    project: Project
    kind: Kind
    judged: JudgedGraph


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPolicy:
    """What a run may do: how often it asks, what it may spend, and how edges are found."""

    schedule: AttemptSchedule
    inference: Inference
    offline: bool
    spending: Spending
    confirmation: Confirmation


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTools:
    """What does the work of a run; made once, and used within one event loop.

    `notes` has what backends have noted so far, so that each note is passed on once;
    `landing_turn` is held by the module that lands.
    """

    worker: Worker
    requests: RequestBuilder
    backends: RunBackends
    client: ModelClient
    answers: AnswerStore
    rejected: RejectedAnswers
    last_answers: LastAnswers
    validator: Validator
    repair_scopes: RepairScopes
    specs: SpecFiles
    landing: Landing
    contracts: ContractTexts
    sink: Sink
    clock: Callable[[], float]
    notes: set[str] = field(default_factory=set)
    landing_turn: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContext:
    """All that work on the modules of one kind shares in one run."""

    target: RunTarget
    policy: RunPolicy
    tools: RunTools

    def for_another_loop(self) -> RunContext:
        """The same, to be used within another event loop."""
        client = self.tools.client.for_another_loop()
        return replace(self, tools=replace(self.tools, client=client, landing_turn=asyncio.Lock()))
