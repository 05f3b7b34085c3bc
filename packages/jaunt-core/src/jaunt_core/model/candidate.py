"""Facts about an answer, as the worker reads them in its source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from jaunt_core.model.spec import Binding, Definition, Digest, SpecRef

ImportScope = Literal["module", "function", "typing"]
ImportStatus = Literal["ok", "no module", "no name"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntaxFault:
    """Why a text is no Python of the project's version.

    `prose` is the first line that is prose, where the rest of the text is Python.
    """

    line: int
    message: str
    prose: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFacts:
    """One imported name, and whether it resolves in the project's environment.

    `name` is None for `import module`. `optional` imports stand in a `try` that catches their
    failure. `nearest` is the nearest existing name, or what went wrong. `ref` is set for
    first-party definitions. `cyclic` is true where the name may not be bound yet, because modules
    import each other. `evaluated` is the line where a name that is imported for type checkers is
    needed at run time after all, 0 where it is not. `rebound` is true where its module binds the
    name anew later, which the import does not see. `distributions` are the installed packages
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
    rebound: bool = False
    distributions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportWork:
    """A call that does work while the answer is imported, `through` an own function or directly."""

    line: int
    call: str
    through: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TestFacts:
    """What a test proves, as far as its source shows.

    `vacuous` is the line of the first assertion that always holds, 0 where there is none.
    `proves` is true where there may be anything else that can fail, `calls` where anything is
    called whose errors are not all caught and forgotten; `methods` are the names of called
    methods. `skipped` is the line of a call that always ends it early, as skipped or as one that
    may fail, `catches_any` that of an expectation that any exception satisfies, 0 without one.
    `uses` are the qualified names that the test gets to, through helpers and fixtures too, `texts`
    the identifiers in its texts. An `opaque` one may get to anything.
    """

    __test__ = False

    name: str
    line: int
    vacuous: int
    proves: bool
    calls: bool
    methods: tuple[str, ...]
    uses: tuple[str, ...]
    texts: tuple[str, ...]
    opaque: bool
    skipped: int = 0
    catches_any: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassMade:
    """A class that an answer makes; `homes` are modules that define an error which specs name so.

    They are looked for only where nothing else tells.
    """

    name: str
    line: int
    homes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateFacts:
    """An answer as its source shows it; all but `syntax_error` is empty where that is set.

    `definitions` are those that are always executed, `conditional` those inside a block.
    `assigned` are the names that anything else than a definition binds. `fallbacks` are names of
    the project that have something else in their place, should they not be there. `main_block` is
    the line of an `if __name__ == "__main__":`, 0 without one. `test_code` is what belongs into
    tests and stands in an implementation; `replaced` are the names, plain or qualified, that a test
    module gives a meaning of its own; `undefined` are names that are looked up and bound nowhere;
    `classes` are all that it makes, wherever they stand; `generated_names` are texts that name what
    stands in a generated module, as for a patch of it.
    """

    syntax_error: SyntaxFault | None
    body_digest: Digest | None = None
    definitions: tuple[Definition, ...] = ()
    assigned: tuple[str, ...] = ()
    conditional: tuple[Binding, ...] = ()
    imports: tuple[ImportFacts, ...] = ()
    fallbacks: tuple[Binding, ...] = ()
    work: tuple[ImportWork, ...] = ()
    main_block: int = 0
    test_code: tuple[Binding, ...] = ()
    tests: tuple[TestFacts, ...] = ()
    replaced: tuple[Binding, ...] = ()
    undefined: tuple[Binding, ...] = ()
    classes: tuple[ClassMade, ...] = ()
    generated_names: tuple[Binding, ...] = ()
