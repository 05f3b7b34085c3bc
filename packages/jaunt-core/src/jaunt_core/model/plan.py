"""What a run will do and why, decided before anything happens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

from jaunt_core.model.generation import Patch
from jaunt_core.model.reason import Reason, ReasonKind
from jaunt_core.model.spec import Digest, Kind, SpecModule, SpecRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Inference:
    """Whether names in code make dependencies, for build and for test specs."""

    build: bool = True
    test: bool = True

    def of(self, kind: Kind) -> bool:
        """The setting for one kind of spec."""
        return self.build if kind is Kind.BUILD else self.test


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecRecord:
    """What a header remembers of one spec: its digests, part by part, and its dependencies'.

    `shown` is a short digest of what a model is shown for the sake of this spec.
    """

    ref: SpecRef
    local: Digest
    graph: Digest
    shown: str
    parts: Mapping[str, str]
    dependencies: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The first lines of a generated file."""

    tool_version: str
    kind: Kind
    source_module: str
    module_digest: Digest
    spec_refs: tuple[SpecRef, ...] = ()
    contract: int
    inference: Inference = Inference()
    request: Digest | None = None
    body_digest: Digest | None = None
    recipe: str = ""
    specs: tuple[SpecRecord, ...] = ()


class FileState(StrEnum):
    """What stands where a generated file belongs."""

    MISSING = "missing"
    WHOLE = "whole"
    DAMAGED = "damaged"
    EDITED = "edited"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratedFile:
    """A generated file as it stands on disk.

    `text` is all of it, None where there is no text to speak of; `body` is what stands below the
    header.
    """

    path: PurePosixPath
    state: FileState
    text: str | None = None
    header: Header | None = None
    body: str = ""
    detail: str = ""


class Action(StrEnum):
    """What the run is going to do with a module."""

    FRESH = "fresh"
    KEEP = "keep"
    REUSE = "reuse"
    GENERATE = "generate"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModulePlan:
    """One module of the plan.

    `depends_on` names the modules of the same plan that go first, `request` is the digest of
    the base request. `patch` is set where only a part of the module has to be written anew.
    """

    module: SpecModule
    generated_module: str
    file: GeneratedFile
    action: Action
    reasons: tuple[Reason, ...]
    depends_on: tuple[str, ...]
    request: Digest
    module_digest: Digest
    patch: Patch | None = None

    @property
    def name(self) -> str:
        """The spec module's name."""
        return self.module.name

    @property
    def is_forced(self) -> bool:
        """Whether the user wants it asked for anew, whatever is stored."""
        return any(reason.kind is ReasonKind.FORCED for reason in self.reasons)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildPlan:
    """All selected modules of one kind, in order of their names."""

    kind: Kind
    modules: tuple[ModulePlan, ...]

    def count(self, action: Action) -> int:
        """How many modules the action is planned for."""
        return sum(plan.action is action for plan in self.modules)

    @property
    def rebuild(self) -> tuple[ModulePlan, ...]:
        """The modules that are not fresh."""
        return tuple(plan for plan in self.modules if plan.action is not Action.FRESH)
