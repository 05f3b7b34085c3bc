"""Put the new code of some specs into a module, and leave all the rest of it as it is."""

from __future__ import annotations

import builtins
from collections.abc import Iterable
from typing import NamedTuple, cast

from ..contract.definitions import Json
from ..source.interpreter_settings import deep_recursion
from .layout import Chosen, layout
from .pieces import Piece, Pieces


class Clash(NamedTuple):
    """A name that fixed code uses too, and that the answer made another thing, at a line of it."""

    name: str
    line: int


class Spliced(NamedTuple):
    """The whole module, None where it cannot be made, and what stands against it."""

    source: str | None
    clashes: tuple[Clash, ...]


def splice_facts(question: Json) -> Json:
    """What `splice` makes of a question of the engine."""

    def names(field: str) -> list[str]:
        return cast("list[str]", question[field])

    spliced = splice(
        str(question["base"]),
        str(question["answer"]),
        wanted=names("wanted"),
        fixed=names("fixed"),
        removed=names("removed"),
    )
    return {
        "source": spliced.source,
        "clashes": [{"name": item.name, "line": item.line} for item in spliced.clashes],
    }


def splice(
    base: str, answer: str, *, wanted: Iterable[str], fixed: Iterable[str], removed: Iterable[str]
) -> Spliced:
    """The module `base` with the definitions of `wanted` from `answer`.

    What the wanted ones need comes along: helpers, constants, imports. What only the code needed
    that they replace goes. The code of `fixed`, and of all that it uses, stays byte for byte.
    There is no module where one of the two texts is no Python.

    Args:
        base: The module as it is.
        answer: A whole module, or the wanted definitions and what they need.
        wanted: The names whose code is replaced.
        fixed: The names of specs whose code stays.
        removed: The names of specs that are no more.
    """
    with deep_recursion():
        try:
            old, new = Pieces(base), Pieces(answer)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return Spliced(None, ())
        made = _Choice(
            old,
            new,
            wanted=frozenset(wanted),
            fixed=frozenset(fixed),
            removed=frozenset(removed),
        ).made()
        if isinstance(made, Chosen):
            return Spliced(layout(old, new, made), ())
        return Spliced(None, made)


class _Choice:
    """Decides of each name whose code it is to have."""

    def __init__(
        self,
        base: Pieces,
        answer: Pieces,
        *,
        wanted: frozenset[str],
        fixed: frozenset[str],
        removed: frozenset[str],
    ) -> None:
        self._base = base
        self._answer = answer
        self._wanted = wanted
        self._fixed = fixed
        self._removed = removed
        self._clashes: list[Clash] = []
        self._taken: set[str] = set()
        self._lent: set[str] = set()
        self._seen: set[str] = set()
        self._along: list[Piece] = []
        self._shared = self._names_that_stay()

    def made(self) -> Chosen | tuple[Clash, ...]:
        """All decisions, or what stands against them."""
        self._follow(sorted(self._wanted))
        while more := [piece for piece in self._answer.listed if self._comes_along(piece)]:
            self._along += more
            for piece in more:
                self._follow(sorted(piece.binds | piece.uses))
        if self._clashes:
            return tuple(sorted(self._clashes, key=lambda item: item.line))
        stays = self._shared | self._lent
        old = self._base.reached_from(self._wanted | self._removed)
        return Chosen(
            taken=frozenset(self._taken),
            lent=frozenset(self._lent),
            stays=frozenset(stays),
            gone=frozenset(old - stays),
            fixed=self._fixed,
            along=tuple(self._along),
        )

    def _names_that_stay(self) -> set[str]:
        """The names of fixed code, and of all that nobody knows to be there for other code."""
        old = self._base.reached_from(self._wanted | self._removed)
        roots = self._fixed | {name for name in self._base.binding if name not in old}
        shared = self._base.reached_from(roots, without=self._wanted)
        while True:
            private = (old - shared) | self._wanted | self._removed
            standing = [
                piece
                for piece in self._base.listed
                if piece.is_statement
                and (piece.uses.isdisjoint(private) or not piece.uses.isdisjoint(self._fixed))
            ]
            used = frozenset().union(*(piece.uses | piece.binds for piece in standing))
            more = self._base.reached_from(roots | used, without=self._wanted)
            if more <= shared:
                return shared
            shared |= more

    def _follow(self, names: Iterable[str]) -> None:
        """Decide of these names, and of all that their code uses."""
        pending = list(names)
        while pending:
            name = pending.pop()
            if name not in self._seen:
                self._seen.add(name)
                used = {used for piece in self._code_of(name) for used in piece.uses}
                pending.extend(sorted(used))

    def _code_of(self, name: str) -> list[Piece]:
        theirs, ours = self._answer.origin(name), self._base.origin(name)
        if name in self._wanted:
            self._taken.add(name)
            return self._answer.binding.get(name, [])
        if name in self._fixed or (theirs is None and ours is None):
            return []
        means_builtin = theirs is None and hasattr(builtins, name)
        if (theirs is None or theirs == ours) and not means_builtin:
            self._lent.add(name)
            return self._base.binding.get(name, [])
        if name in self._shared:
            self._clashes.append(Clash(name, self._line_of(name)))
            return []
        if means_builtin:  # what the module had by that name goes with the code that used it
            return []
        self._taken.add(name)
        return self._answer.binding.get(name, [])

    def _line_of(self, name: str) -> int:
        listed = self._answer.listed
        named = [item for item in listed if name in item.binds]
        named += [item for item in listed if name in item.uses]
        return named[0].line if named else 0

    def _comes_along(self, piece: Piece) -> bool:
        """Whether something of the answer is there for what was taken from it."""
        if piece in self._along or piece.imports or piece.is_text:
            return False
        decided = self._taken | self._lent
        if piece.is_definition or not piece.is_statement:
            registers = piece.decorated_with & decided & self._answer.binding.keys()
            return bool(registers) and piece.binds.isdisjoint(self._fixed | self._seen)
        if any(item.is_statement and item.form == piece.form for item in self._base.listed):
            return False
        if not piece.uses.isdisjoint(self._fixed) and piece.uses.isdisjoint(self._wanted):
            return False
        if not (piece.uses | piece.binds).isdisjoint(self._taken):
            return True
        # A setting: `decimal.getcontext().prec = 5`
        names = {name for name in piece.uses if self._answer.origin(name) is not None}
        return bool(names & decided) and names <= self._answer.imported.keys()
