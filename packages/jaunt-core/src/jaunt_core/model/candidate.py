"""What the worker read out of an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from jaunt_core.model.spec import Binding, Definition, Digest, SpecRef

ImportScope = Literal["module", "function", "typing"]
ImportStatus = Literal["ok", "no module", "no name"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntaxFault:
    """Why a text is no Python of the project's version."""

    line: int
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFacts:
    """One imported name, and whether it resolves in the project's environment.

    `name` is None for `import module`. `optional` imports stand in a `try` that catches their
    failure. `nearest` is the nearest existing name, or what went wrong. `ref` is set for
    first-party definitions. `cyclic` is true where the name may not be bound yet, because modules
    import each other. `evaluated` is the line where a name that is imported for type checkers is
    needed at run time after all, 0 where it is not. `distributions` are the installed packages
    that the module may come from; empty for the standard library, the project's own modules, and
    what the spec module imports itself.
    """

    line: int
    module: str
    name: str | None
    scope: ImportScope
    optional: bool
    status: ImportStatus
    nearest: str | None
    ref: SpecRef | None
    generated: bool
    cyclic: bool
    evaluated: int = 0
    distributions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateFacts:
    """An answer as its source shows it; all but `syntax_error` is empty where that is set.

    `definitions` are those that are always executed, `conditional` those inside a block.
    `assigned` are the names that anything else than a definition binds.
    """

    syntax_error: SyntaxFault | None
    body_digest: Digest | None = None
    definitions: tuple[Definition, ...] = ()
    assigned: tuple[str, ...] = ()
    conditional: tuple[Binding, ...] = ()
    imports: tuple[ImportFacts, ...] = ()


__all__ = ["CandidateFacts", "ImportFacts", "ImportScope", "ImportStatus", "SyntaxFault"]
