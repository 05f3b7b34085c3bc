"""Which definition of a module each line of it belongs to."""

from __future__ import annotations

from collections.abc import Iterable

from ..contract.definitions import Json
from ..source.interpreter_settings import deep_recursion
from .pieces import ModulePieces


def owners_in(text: str, names: Iterable[str]) -> list[Json] | None:
    """The lines that belong to each of some names; None where the text is no Python.

    A definition belongs to its name, with its decorators and the comments above it. A helper
    belongs to each name whose code gets to it by no other of the names. Imports and statements
    that define nothing belong to none, and have no entry.
    """
    try:
        with deep_recursion():
            pieces = ModulePieces(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    names = list(names)
    reached = {
        name: pieces.names_reached_from([name], without=set(names) - {name}) for name in names
    }
    owned: list[Json] = []
    for piece in pieces.pieces:
        users = [name for name in names if not piece.binds.isdisjoint(reached[name])]
        if users and not piece.is_statement and not piece.imports:
            first = piece.end - piece.text.count("\n")
            owned.append({"first": first, "last": piece.end, "names": users})
    return owned
