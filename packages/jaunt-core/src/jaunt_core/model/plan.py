"""What a run will do and why, decided before anything happens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

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
    """What a header remembers of one spec: its digests, part by part, and its dependencies'."""

    ref: SpecRef
    local: Digest
    graph: Digest
    parts: Mapping[str, str]
    dependencies: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The first lines of a generated file."""

    tool_version: str
    kind: Kind
    source_module: str
    module_digest: Digest
    spec_refs: tuple[SpecRef, ...]
    contract: int
    inference: Inference
    request: Digest | None
    body_digest: Digest | None
    recipe: str
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
    """A generated file as it was found.

    `text` is all of it, None where there is no text to speak of; `body` is what stands below the
    header.
    """

    path: PurePosixPath
    state: FileState
    text: str | None = None
    header: Header | None = None
    body: str = ""
    detail: str = ""


class ReasonKind(StrEnum):
    """Why a module is in the rebuild set."""

    MISSING = "missing"
    DAMAGED = "damaged"
    EDITED = "edited"
    FOREIGN = "foreign"
    FORCED = "forced"
    CONTRACT = "contract format"
    ADDED = "spec added"
    REMOVED = "spec removed"
    CHANGED = "spec changed"
    DEPENDENCY = "dependency changed"


_ABOUT_THE_FILE = frozenset(
    {ReasonKind.MISSING, ReasonKind.DAMAGED, ReasonKind.EDITED, ReasonKind.FOREIGN}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One reason, with the digests before and after where there are any.

    `part` names what changed in the spec; `path` is the chain of specs from this module's own to
    the root cause, which stands last and whose own reason is the `detail`. A dependency that is
    rebuilt and says what it said before has no digests.
    """

    kind: ReasonKind
    spec: SpecRef | None = None
    part: str = ""
    old: str = ""
    new: str = ""
    path: tuple[SpecRef, ...] = ()
    detail: str = ""

    @property
    def is_inherited(self) -> bool:
        """Whether something changed in what this module depends on, and nothing in itself."""
        is_dependency = self.kind is ReasonKind.DEPENDENCY and bool(self.path)
        return is_dependency and bool(self.old) == bool(self.new)

    def __str__(self) -> str:
        """The reason as a person reads it."""
        if self.kind is ReasonKind.CHANGED:
            return f"{self.part} of {self.spec} changed"
        if self.kind in (ReasonKind.ADDED, ReasonKind.REMOVED):
            return f"{self.kind} ({self.spec})"
        if self.kind is ReasonKind.DEPENDENCY and self.path:
            why = f" ({self.detail})" if self.detail else ""
            return f"{self.kind}: {' -> '.join(self.path)}{why}"
        what = f"file {self.kind}" if self.kind in _ABOUT_THE_FILE else self.kind.value
        return f"{what}: {self.detail}" if self.detail else what


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
    the base request.
    """

    module: SpecModule
    generated_module: str
    file: GeneratedFile
    action: Action
    reasons: tuple[Reason, ...]
    depends_on: tuple[str, ...]
    request: Digest
    module_digest: Digest

    @property
    def name(self) -> str:
        """The spec module's name."""
        return self.module.name


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


__all__ = [
    "Action",
    "BuildPlan",
    "FileState",
    "GeneratedFile",
    "Header",
    "Inference",
    "ModulePlan",
    "Reason",
    "ReasonKind",
    "SpecRecord",
]
