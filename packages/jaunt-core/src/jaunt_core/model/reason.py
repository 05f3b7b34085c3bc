"""Why a module is in the rebuild set: typed and complete; the words for it stand in the CLI."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

from jaunt_core.model.spec import SpecRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something stands, relative to the project; `line` is None for a file as a whole."""

    path: PurePosixPath
    line: int | None = None

    def __str__(self) -> str:
        """`shop/models.py:12`, as editors and terminals follow it."""
        return str(self.path) if self.line is None else f"{self.path}:{self.line}"


class ReasonKind(StrEnum):
    """What happened; the values are promised, in `--json`."""

    MISSING = "missing"
    DAMAGED = "damaged"
    EDITED = "edited"
    FOREIGN = "foreign"
    FORCED = "forced"
    TEST = "test"
    CONTRACT = "contract"
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    DEPENDENCY = "dependency"


LONG_PATH_HEAD = 8
"""How many specs at the head of a path stand before those that are left out of a long one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One reason, with the digests before and after where there are any.

    `old` is empty where something was added, `new` where it was removed; a dependency that is
    rebuilt and says what it said before has neither.

    Attributes:
        kind: What happened.
        spec: The spec of this module that it happened to; None where it happened to the file.
        part: What changed in the spec: `signature`, `docstring`, `context shop.models:Order`, ….
        old: The digest before.
        new: The digest now.
        place: Where that which changed stands now; None where it was removed.
        path: The specs from this module's own to the root cause, each depending on the next.
        omitted: How many specs of a long path are left out after the eighth.
        causes: Of a dependency, what happened to the root cause itself, or else to the file of
            its module; empty where the change was built before, or the dependency is a new one.
        detail: What else there is to say, in words.
    """

    kind: ReasonKind
    spec: SpecRef | None = None
    part: str = ""
    old: str = ""
    new: str = ""
    place: Place | None = None
    path: tuple[SpecRef, ...] = ()
    omitted: int = 0
    causes: tuple[Reason, ...] = ()
    detail: str = ""

    @property
    def is_inherited(self) -> bool:
        """Whether something changed in what this module depends on, and nothing in itself."""
        is_dependency = self.kind is ReasonKind.DEPENDENCY and bool(self.path)
        return is_dependency and bool(self.old) == bool(self.new)

    @property
    def definition(self) -> SpecRef | None:
        """The definition that a part is about which stands outside of the spec."""
        return definition_of(self.part)


def definition_of(part: str) -> SpecRef | None:
    """The definition outside of a spec that a part is about: `context NAME`, `mentioned NAME`."""
    name = part.partition(" ")[2]
    return SpecRef(name) if name else None
