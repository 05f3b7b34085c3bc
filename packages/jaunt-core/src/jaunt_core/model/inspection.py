"""What a project looks like to jaunt at one moment, without anything done about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from jaunt_core.model.plan import Action, BuildPlan, FileState, ModulePlan
from jaunt_core.model.spec import Digest, SpecRef


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
        return not self.orphans and all(item.action is Action.FRESH for item in self.modules)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecStory:
    """One spec of an explanation.

    `old` is the local digest in the header, `diff` the unified diff of the contract's text since;
    both are empty where they are not known, the diff also where nothing changed.
    """

    ref: SpecRef
    path: PurePosixPath
    line: int
    local: Digest
    old: str
    dependencies: tuple[SpecRef, ...]
    dependents: tuple[SpecRef, ...]
    context: tuple[SpecRef, ...]
    diff: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The whole story of one module: its plan, and each of its specs that was asked for."""

    plan: ModulePlan
    specs: tuple[SpecStory, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheInfo:
    """What the store of answers holds, or what was removed from it."""

    answers: int
    bytes: int


__all__ = ["CacheInfo", "Explanation", "Inspection", "Orphan", "SpecStory"]
