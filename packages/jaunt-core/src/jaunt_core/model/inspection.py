"""What a project looks like to jaunt at one moment, without anything done about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from jaunt_core.model.plan import Action, BuildPlan, FileState, ModulePlan
from jaunt_core.model.reason import Place
from jaunt_core.model.spec import ContextItem, Digest, SpecRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Orphan:
    """A generated file whose spec module has no specs any more, or is gone."""

    path: PurePosixPath
    source_module: str
    state: FileState


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """The plans for code and tests, and the files that nothing needs.

    `input_tokens` has a rough count for each module that a model would be asked for; `blocked`
    has the modules that a run would skip, with the refused module that each depends on.
    """

    build: BuildPlan
    tests: BuildPlan
    orphans: tuple[Orphan, ...]
    input_tokens: Mapping[str, int]
    warnings: tuple[str, ...]
    blocked: Mapping[str, str] = field(default_factory=dict)

    @property
    def modules(self) -> tuple[ModulePlan, ...]:
        """All modules, code first."""
        return (*self.build.modules, *self.tests.modules)

    @property
    def ok(self) -> bool:
        """Whether every module is fresh and no file is orphaned."""
        return not self.orphans and all(module.action is Action.FRESH for module in self.modules)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecExplanation:
    """One spec of an explanation.

    Attributes:
        ref: The spec.
        place: Where it stands.
        local: The digest of its contract.
        old: The one in the header, empty where there is none.
        dependencies: The specs that it builds on.
        dependents: The specs that build on it.
        context: The handwritten definitions that it names.
        diff: The unified diff of the contract's text since its code was accepted, empty where
            its words are the same; None where the accepted text is not known.
    """

    ref: SpecRef
    place: Place
    local: Digest
    old: str
    dependencies: tuple[SpecRef, ...]
    dependents: tuple[SpecRef, ...]
    context: tuple[ContextItem, ...]
    diff: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """All that explains the state of one module.

    Attributes:
        plan: Its plan, with all reasons.
        specs: Each of its specs that was asked for.
        causes: The specs of other modules whose change it is stale for.
        warnings: What the user should look at in its specs.
        blocked_by: The refused module that it depends on, so that a run would skip it.
    """

    plan: ModulePlan
    specs: tuple[SpecExplanation, ...]
    causes: tuple[SpecExplanation, ...] = ()
    warnings: tuple[str, ...] = ()
    blocked_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerTotals:
    """How many answers are stored, or were removed, and how many bytes they take."""

    answers: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheReport:
    """What `jaunt cache` came to: the stored answers after it, and those that it removed.

    `removed` is None where nothing was to be removed.
    """

    stored: AnswerTotals
    removed: AnswerTotals | None = None
