"""Put the new code of some specs into a module, and leave all the rest of it as it is."""

from __future__ import annotations

import builtins
from collections.abc import Iterable
from operator import itemgetter
from typing import cast

from ..contract.definitions import Json
from ..source.interpreter_settings import deep_recursion
from ..source.syntax import first_line_of
from .layout import Decisions, lay_out
from .pieces import ModulePieces, Piece


def splice_facts(question: Json) -> Json:
    """The module `base` with the definitions of `wanted` from `answer`.

    What the wanted ones need comes along: helpers, constants, imports. What only the replaced
    code needed goes. The code of `fixed`, and of all that it uses, stays byte for byte.

    Args:
        question: `base` is the module as it is, `answer` a whole module, or the wanted definitions
            and what they need. `wanted` are the names whose code is replaced, `fixed` those of
            specs whose code stays, `removed` those of specs that no longer exist.

    Returns:
        The `source` of the whole module. It is None where one of the texts is no Python, and where
        there are `clashes`: names that code which stays uses, and that the answer made another
        thing, each with its line. `extra` are the names of `fixed` that the answer defines too,
        `absent` those of `wanted` that it leaves as they are, and `helpers` what else of the base
        it defines anew.
    """
    with deep_recursion():
        try:
            base, answer = (ModulePieces(str(question[field])) for field in ("base", "answer"))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return {"source": None, "clashes": []}
        names = [cast("list[str]", question[field]) for field in ("wanted", "fixed", "removed")]
        decided = _Decider(base, answer, *map(frozenset, names)).decide()
        wanted, fixed, _ = names
        defined = {
            "extra": [name for name in fixed if name in answer.binding],
            "absent": [name for name in wanted if name not in answer.binding],
            "helpers": sorted((base.binding.keys() & answer.binding) - {*wanted, *fixed}),
        }
        if isinstance(decided, Decisions):
            return {"source": lay_out(base, answer, decided), "clashes": [], **defined}
        clashes = [{"name": name, "line": line} for line, name in decided]
        return {"source": None, "clashes": clashes, **defined}


class _Decider:
    """Decides for each name whose code it is to have: the answer's, or the old one."""

    def __init__(
        self,
        base: ModulePieces,
        answer: ModulePieces,
        wanted: frozenset[str],
        fixed: frozenset[str],
        removed: frozenset[str],
    ) -> None:
        self._base = base
        self._answer = answer
        self._wanted = wanted
        self._fixed = fixed
        self._removed = removed
        self._clashes: list[tuple[int, str]] = []
        self._from_answer: set[str] = set()
        self._borrowed: set[str] = set()
        self._seen: set[str] = set()
        self._companions: list[Piece] = []
        self._replaceable = base.names_reached_from(wanted | removed)
        self._staying = self._names_that_stay()

    def decide(self) -> Decisions | list[tuple[int, str]]:
        """All decisions, or the clashes that forbid the splice: lines and names."""
        self._follow(sorted(self._wanted))
        # What comes along needs names in turn, and these may bring along more.
        while more := [piece for piece in self._answer.pieces if self._comes_along(piece)]:
            self._companions += more
            for piece in more:
                self._follow(sorted(piece.binds | piece.uses))
        if self._clashes:
            return sorted(self._clashes, key=itemgetter(0))
        staying = self._staying | self._borrowed
        return Decisions(
            from_answer=frozenset(self._from_answer),
            borrowed=frozenset(self._borrowed),
            staying=frozenset(staying),
            dropped=frozenset(self._replaceable - staying),
            fixed=self._fixed,
            companions=tuple(self._companions),
        )

    def _names_that_stay(self) -> set[str]:
        """The names that fixed code uses, and those that serve more than replaced code."""
        roots = self._fixed | (self._base.binding.keys() - self._replaceable)
        staying = self._base.names_reached_from(roots, without=self._wanted)
        # A statement that is not only about replaced code stays. What it uses stays with it, and
        # then further statements may be about code that stays: so until nothing is added.
        while True:
            private = (self._replaceable - staying) | self._wanted | self._removed
            statements = [
                piece
                for piece in self._base.pieces
                if piece.is_statement
                and (piece.uses.isdisjoint(private) or not piece.uses.isdisjoint(self._fixed))
            ]
            used = frozenset().union(*(piece.uses | piece.binds for piece in statements))
            more = self._base.names_reached_from(roots | used, without=self._wanted)
            if more <= staying:
                return staying
            staying |= more

    def _follow(self, names: Iterable[str]) -> None:
        """Decide for these names, and for all that their code uses."""
        pending = list(names)
        while pending:
            name = pending.pop()
            if name not in self._seen:
                self._seen.add(name)
                used = {used for piece in self._decide_name(name) for used in piece.uses}
                pending.extend(sorted(used))

    def _decide_name(self, name: str) -> list[Piece]:
        """Decide for one name; return the code that it has then, where that is to be followed."""
        new_origin, old_origin = self._answer.origin_of(name), self._base.origin_of(name)
        if name in self._wanted:
            self._from_answer.add(name)
            return self._answer.binding.get(name, [])
        if name in self._fixed or (new_origin is None and old_origin is None):
            return []
        # The answer does not define the name, so its code means the built-in by it.
        means_builtin = new_origin is None and hasattr(builtins, name)
        # The same thing in both, or left out of an answer that holds wanted definitions only.
        if (new_origin is None or new_origin == old_origin) and not means_builtin:
            self._borrowed.add(name)
            return self._base.binding.get(name, [])
        if name in self._staying:
            self._clashes.append((self._line_of(name), name))
            return []
        if means_builtin:  # what the module had by that name goes with the code that used it
            return []
        self._from_answer.add(name)
        return self._answer.binding.get(name, [])

    def _line_of(self, name: str) -> int:
        """The line of the answer that binds a name, else one that uses it, else 0."""
        pieces = self._answer.pieces
        mentioning = [piece for piece in pieces if name in piece.binds]
        mentioning += [piece for piece in pieces if name in piece.uses]
        return first_line_of(mentioning[0].nodes[0]) if mentioning else 0

    def _comes_along(self, piece: Piece) -> bool:
        """Whether a piece of the answer belongs to what was taken from it, though unnamed there.

        For instance `HANDLERS["x"] = handle`, or a function that a decorator registers.
        """
        if piece in self._companions or piece.imports or piece.is_bare_constant:
            return False
        decided = self._from_answer | self._borrowed
        if piece.is_definition or not piece.is_statement:
            registers = piece.decorated_with & decided & self._answer.binding.keys()
            return bool(registers) and piece.binds.isdisjoint(self._fixed | self._seen)
        if any(old.is_statement and old.form == piece.form for old in self._base.pieces):
            return False  # it would run twice
        if not piece.uses.isdisjoint(self._fixed) and piece.uses.isdisjoint(self._wanted):
            return False
        if not (piece.uses | piece.binds).isdisjoint(self._from_answer):
            return True
        # A setting of an imported module: `decimal.getcontext().prec = 5`
        names = {name for name in piece.uses if self._answer.origin_of(name) is not None}
        return bool(names & decided) and names <= self._answer.imported.keys()
