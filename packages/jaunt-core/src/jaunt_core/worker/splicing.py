"""Put the new code of some specs into a module, and leave all the rest of it as it is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, cast

from .definitions import Json
from .interpreter import deep_recursion
from .pieces import Piece, Pieces
from .splice_layout import Chosen, layout


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
        choice = _Choice(old, new, wanted=frozenset(wanted), fixed=frozenset(fixed))
        choice.follow(sorted(choice.wanted))
        if choice.clashes:
            return Spliced(None, tuple(sorted(choice.clashes, key=lambda item: item.line)))
        chosen = choice.made(frozenset(removed))
        return Spliced(layout(old, new, chosen), ())


class _Choice:
    """Decides of each name whose code it is to have."""

    def __init__(
        self, base: Pieces, answer: Pieces, *, wanted: frozenset[str], fixed: frozenset[str]
    ) -> None:
        self.wanted = wanted
        self.clashes: list[Clash] = []
        self._base = base
        self._answer = answer
        self._fixed = fixed
        self._shared = base.reached_from(fixed, without=wanted)
        self._taken: set[str] = set()
        self._lent: set[str] = set()

    def follow(self, names: Iterable[str]) -> None:
        """Decide of these names, and of all that their code uses."""
        pending, seen = list(names), set[str]()
        while pending:
            name = pending.pop()
            if name not in seen:
                seen.add(name)
                used = {used for piece in self._code_of(name) for used in piece.uses}
                pending.extend(sorted(used))

    def made(self, removed: frozenset[str]) -> Chosen:
        """The decisions, with what becomes of the code that is no longer needed."""
        stays = self._shared | self._lent
        old = self._base.reached_from(self.wanted | removed)
        return Chosen(
            taken=frozenset(self._taken),
            lent=frozenset(self._lent),
            stays=frozenset(stays),
            gone=frozenset(old - stays),
        )

    def _code_of(self, name: str) -> list[Piece]:
        theirs, ours = self._answer.origin(name), self._base.origin(name)
        if name in self.wanted:
            self._taken.add(name)
            return self._answer.binding.get(name, [])
        if name in self._fixed or (theirs is None and ours is None):
            return []
        if theirs is None or theirs == ours:
            self._lent.add(name)
            return self._base.binding.get(name, [])
        if name in self._shared:
            self.clashes.append(Clash(name, self._line_of(name)))
            return []
        self._taken.add(name)
        return self._answer.binding.get(name, [])

    def _line_of(self, name: str) -> int:
        return next(piece.line for piece in self._answer.listed if name in piece.binds)
