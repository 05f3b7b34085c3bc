"""Why a module is in the rebuild set: typed, complete, and in words."""

from __future__ import annotations

from collections.abc import Iterable
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
    """Why a module is in the rebuild set."""

    MISSING = "missing"
    DAMAGED = "damaged"
    EDITED = "edited"
    FOREIGN = "foreign"
    FORCED = "forced"
    TEST = "test failed"
    CONTRACT = "contract format"
    ADDED = "spec added"
    REMOVED = "spec removed"
    CHANGED = "spec changed"
    DEPENDENCY = "dependency changed"


LONG_PATH_HEAD = 8
"""How many specs at the head of a path stand before those that are left out of a long one."""

_ABOUT_THE_FILE = frozenset(
    {ReasonKind.MISSING, ReasonKind.DAMAGED, ReasonKind.EDITED, ReasonKind.FOREIGN}
)


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
        path: The chain of specs from this module's own to the root cause, which stands last.
        omitted: How many specs of a long chain are left out after the eighth.
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
    def chain(self) -> tuple[str, ...]:
        """The path as a person reads it: what is left out of it is counted."""
        if not self.omitted:
            return self.path
        gap = f"({self.omitted:,} more)"
        return (*self.path[:LONG_PATH_HEAD], gap, *self.path[LONG_PATH_HEAD:])

    @property
    def definition(self) -> SpecRef | None:
        """The definition that a part is about which stands outside of the spec."""
        return definition_of(self.part)

    @property
    def change(self) -> str:
        """`added`, `removed` or `changed`, by the digests."""
        if self.new and not self.old:
            return "added"
        return "removed" if self.old and not self.new else "changed"

    @property
    def is_about_the_file(self) -> bool:
        """Whether it tells of the generated file and not of specs."""
        return self.kind in _ABOUT_THE_FILE

    def __str__(self) -> str:
        """The reason as a person reads it."""
        match self.kind:
            case ReasonKind.CHANGED:
                return self._changed()
            case ReasonKind.ADDED:
                return f"spec {self.spec} added"
            case ReasonKind.REMOVED:
                return f"spec {self.spec} removed"
            case ReasonKind.DEPENDENCY if self.path:
                what = self.change if self.old or self.new else "not fresh"
                why = f" ({told})" if (told := self._why()) else ""
                return f"dependency {what}: {' -> '.join(self.chain)}{why}"
        what = f"file {self.kind}" if self.is_about_the_file else self.kind.value
        return f"{what}: {self.detail}" if self.detail else what

    def _changed(self) -> str:
        if self.definition is None:
            return f"{self.part} of {self.spec} {self.change}"
        place = f" in {self.place}" if self.place else ""
        word = self.part.partition(" ")[0]
        match word, self.change:
            case "context", "changed":
                return f"{self.part} of {self.spec} changed{place}"
            case _, "changed":
                return f"{self.definition}, which {self.spec} mentions, changed{place}"
        when = "now" if self.new else "no longer"
        verb = "names" if word == "context" else "mentions"
        return f"{self.spec} {when} {verb} {self.definition}"

    def _why(self) -> str:
        """What stands at the end of a chain; empty for one that is new or gone."""
        if not self.is_inherited:
            return ""
        if not self.causes:
            return "the change was built before"
        told, end = in_words(self.causes), self.path[-1]
        if any(cause.spec == end for cause in self.causes):
            return told
        if self.old:
            return f"what changed in {end} is not recorded: {told}"
        return f"{end.module}: {told}"


def definition_of(part: str) -> SpecRef | None:
    """The definition outside of a spec that a part is about: `context NAME`, `mentioned NAME`."""
    name = part.partition(" ")[2]
    return SpecRef(name) if name else None


def in_words(reasons: Iterable[Reason]) -> str:
    """Several reasons in one line, the parts of one spec that changed together."""
    grouped: dict[tuple[object, ...], list[Reason]] = {}
    for reason in reasons:
        plain = reason.kind is ReasonKind.CHANGED and reason.definition is None
        key = (reason.spec, reason.change) if plain else (reason,)
        grouped.setdefault(key, []).append(reason)
    return "; ".join(
        f"{', '.join(item.part for item in found)} of {found[0].spec} {found[0].change}"
        if len(found) > 1
        else str(found[0])
        for found in grouped.values()
    )


__all__ = ["LONG_PATH_HEAD", "Place", "Reason", "ReasonKind", "definition_of", "in_words"]
