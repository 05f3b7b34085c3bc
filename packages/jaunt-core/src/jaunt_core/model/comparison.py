"""How generated code differs from the version before it: in its text, and in what it does."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

from jaunt_core.model.spec import Kind


class Change(StrEnum):
    """What became of a symbol."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    """Its own text is the same, but what it uses changed, and what it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """An input for which the two versions do not do the same, and what each does."""

    call: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """How the two versions of a function, or of a method, compare.

    `differences` are the smallest of the `differing` inputs among those `tried`. `untried` says
    why nothing could be compared, or why not all; it is empty where all went well.
    """

    owner: str
    tried: int = 0
    differing: int = 0
    differences: tuple[Difference, ...] = ()
    untried: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolChange:
    """A top-level definition whose code is another one; without a name, the rest of the module."""

    name: str
    change: Change
    diff: str
    behaviours: tuple[Behaviour, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleChange:
    """A generated module beside its version before; `note` says why its code was not run."""

    module: str
    kind: Kind
    path: PurePosixPath
    symbols: tuple[SymbolChange, ...]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All modules that were compared; `hint` is what lets their code be run, where it could not."""

    modules: tuple[ModuleChange, ...]
    hint: str = ""
