"""Where the pieces of two modules go when they become one."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import NamedTuple

from ..source.evaluated_at_import import evaluated_names
from ..source.syntax import dotted_name
from .imports import LINE_WIDTH, merged_imports
from .pieces import Piece, Pieces

_ALL = "__all__"
_FUTURE = "from __future__ import annotations"


class Chosen(NamedTuple):
    """Whose code each name has in the end.

    The answer's where it is `taken`; else the old one, which `stays` where something needs it
    (`lent` are those that the answer's code uses), and is `gone` where only replaced or removed
    code did.
    """

    taken: frozenset[str]
    lent: frozenset[str]
    stays: frozenset[str]
    gone: frozenset[str]
    fixed: frozenset[str]
    along: tuple[Piece, ...]


def layout(base: Pieces, answer: Pieces, chosen: Chosen) -> str:
    """The source of the module that the two make.

    What is replaced keeps its place; what is new stands before what follows it in the answer.
    """
    body = _ordered(_body(base, answer, chosen), base, answer)
    body = [_with_exports(piece, body, answer, chosen) for piece in body]
    used = frozenset().union(*(piece.uses for piece in body))
    head = [piece for piece in base.listed[:1] if piece.is_text]
    head += merged_imports(base, answer, taken=chosen.taken, shared=chosen.lent, used=used)
    return _joined([*head, *body], base, answer)


def _body(base: Pieces, answer: Pieces, chosen: Chosen) -> list[Piece]:
    new = [
        piece
        for piece in answer.listed
        if not piece.imports
        and (piece in chosen.along if piece.is_statement else piece.binds & chosen.taken)
    ]
    said = (piece.uses | piece.binds for piece in new if piece.is_statement)
    retold = frozenset().union(*said) & chosen.taken
    placed: list[Piece] = []
    for index, piece in enumerate(base.listed):
        if piece in base.first_imports or (not index and piece.is_text):
            continue
        replaced = piece.binds & chosen.taken
        if replaced and not piece.is_statement and piece.binds.isdisjoint(chosen.stays):
            placed += [item for item in new if item.binds & replaced and item not in placed]
        elif not _is_gone(piece, chosen, retold):
            placed.append(piece)
    for piece in reversed(new):
        if piece not in placed:
            placed.insert(_place_of(piece, placed, answer), piece)
    return placed


def _is_gone(piece: Piece, chosen: Chosen, retold: frozenset[str]) -> bool:
    """Whether an old piece goes; a statement does with what it is about.

    `retold` are the names that the answer has statements of its own about.
    """
    if piece.imports or piece.is_text:
        return False
    if not piece.is_statement:
        return bool(piece.binds) and piece.binds <= chosen.gone
    if not piece.uses.isdisjoint(chosen.fixed):
        return False
    about = piece.uses | piece.binds
    return not about.isdisjoint((chosen.gone - chosen.taken) | retold)


def _place_of(piece: Piece, placed: list[Piece], answer: Pieces) -> int:
    for follower in answer.listed[answer.listed.index(piece) + 1 :]:
        for index, item in enumerate(placed):
            if item is follower or (follower.binds & item.binds and not follower.imports):
                return index
    return len(placed)


def _ordered(body: list[Piece], base: Pieces, answer: Pieces) -> list[Piece]:
    """The body, with what new code needs as soon as the module is imported above it.

    So is what is new above old code that needs it; old code among itself stays as it was.
    """
    providers: dict[str, list[Piece]] = {}
    for piece in body:
        for name in piece.binds:
            providers.setdefault(name, []).append(piece)
    future = ast.parse(_FUTURE).body if "annotations" in base.imported else []
    ordered: list[Piece] = []
    begun: list[Piece] = []

    def put(piece: Piece) -> None:
        if piece in begun:
            return
        begun.append(piece)
        for name in sorted(_needed(piece, providers, future)):
            for provider in providers[name]:
                is_new = piece in answer.listed or provider in answer.listed
                if is_new and not provider.is_statement:
                    put(provider)
        ordered.append(piece)

    for piece in body:
        put(piece)
    return ordered


def _needed(piece: Piece, providers: dict[str, list[Piece]], future: list[ast.stmt]) -> set[str]:
    """The names of the body that importing a piece looks up, those in what it calls included."""
    evaluated = evaluated_names(ast.Module([*future, *piece.nodes], []))
    found = {name for name in evaluated if name in providers}
    pending = [] if piece.is_definition else [name for name in found if _is_called(name, piece)]
    pending += sorted(piece.decorated_with & providers.keys())
    followed: set[str] = set()
    while pending:
        name = pending.pop()
        if name not in followed:
            followed.add(name)
            for provider in providers[name]:
                pending.extend(used for used in provider.uses if used in providers)
    return (found | followed) - piece.binds


def _is_called(name: str, piece: Piece) -> bool:
    calls = (it for node in piece.nodes for it in ast.walk(node) if isinstance(it, ast.Call))
    return any(dotted_name(call.func) == name for call in calls)


def _with_exports(piece: Piece, body: list[Piece], answer: Pieces, chosen: Chosen) -> Piece:
    """The piece; if it is a plain `__all__`, with the names that the module has now."""
    old = _exports(piece)
    if old is None:
        return piece
    bound = frozenset().union(*(item.binds for item in body))
    new = [name for item in answer.listed for name in _exports(item) or ()]
    names = [name for name in old if name in bound or name not in chosen.gone]
    names += [name for name in new if name in bound and name not in names]
    if names == old:
        return piece
    if old == sorted(old):
        names.sort()
    listed = [f'"{name}"' for name in names]
    text = f"{_ALL} = [{', '.join(listed)}]"
    if len(text) > LINE_WIDTH:
        text = f"{_ALL} = [\n" + "".join(f"    {item},\n" for item in listed) + "]"
    return piece._replace(text=text)


def _exports(piece: Piece) -> list[str] | None:
    node = piece.nodes[0]
    if piece.binds != {_ALL} or not isinstance(node, ast.Assign):
        return None
    listed = node.value.elts if isinstance(node.value, (ast.List, ast.Tuple)) else []
    names = [item.value for item in listed if isinstance(item, ast.Constant)]
    is_plain = len(names) == len(listed) and isinstance(node.value, (ast.List, ast.Tuple))
    return [name for name in names if isinstance(name, str)] if is_plain else None


def _joined(pieces: Iterable[Piece], base: Pieces, answer: Pieces) -> str:
    rows: list[str] = []
    before: Piece | None = None
    for piece in pieces:
        if before is not None:
            rows += [""] * _gap(before, piece, base, answer)
        rows.append(piece.text)
        before = piece
    if base.tail:
        rows += ["", "", base.tail]
    return "\n".join(rows) + "\n"


def _gap(before: Piece, piece: Piece, base: Pieces, answer: Pieces) -> int:
    """The blank lines between two pieces: those that were there, where they stood so before."""
    for pieces in (base, answer):
        if (before.nodes, piece.nodes) in pieces.neighbours:
            return piece.gap
    if before.is_definition or piece.is_definition:
        return 2
    if before.imports and piece.imports and not piece.imports[0].typing:
        return int(before.imports[0].source == "__future__")
    return 1
