"""Where the pieces of two modules go when they become one."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import NamedTuple

from .import_lines import LINE_WIDTH, merged_imports
from .pieces import Piece, Pieces
from .typing_only import evaluated_names

_ALL = "__all__"


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


def layout(base: Pieces, answer: Pieces, chosen: Chosen) -> str:
    """The source of the module that the two make.

    What is replaced keeps its place; what is new stands before what follows it in the answer.
    """
    body = _ordered(_body(base, answer, chosen), answer)
    body = [_with_exports(piece, body, answer) for piece in body]
    used = frozenset().union(*(piece.uses for piece in body))
    head = [piece for piece in base.listed[:1] if piece.is_docstring]
    head += merged_imports(base, answer, taken=chosen.taken, shared=chosen.lent, used=used)
    return _joined([*head, *body], base, answer)


def _body(base: Pieces, answer: Pieces, chosen: Chosen) -> list[Piece]:
    new = [piece for piece in answer.listed if _comes_along(piece, chosen)]
    retold = frozenset().union(*(piece.uses for piece in new if not piece.binds)) & chosen.taken
    placed: list[Piece] = []
    for piece in base.listed:
        if piece.imports or piece.is_docstring:
            continue
        replaced = piece.binds & chosen.taken
        if replaced and piece.binds.isdisjoint(chosen.stays):
            placed += [item for item in new if item.binds & replaced and item not in placed]
        elif not _is_gone(piece, chosen, retold):
            placed.append(piece)
    for piece in reversed(new):
        if piece not in placed:
            placed.insert(_place_of(piece, placed, answer), piece)
    return placed


def _comes_along(piece: Piece, chosen: Chosen) -> bool:
    if piece.imports or piece.is_docstring:
        return False
    return not (piece.binds or piece.uses).isdisjoint(chosen.taken)


def _is_gone(piece: Piece, chosen: Chosen, retold: frozenset[str]) -> bool:
    """Whether an old piece goes; one that binds nothing does with what it is about.

    `retold` are the names that the answer has such statements of its own about.
    """
    if piece.binds:
        return piece.binds <= chosen.gone
    return not piece.uses.isdisjoint((chosen.gone - chosen.taken) | retold)


def _place_of(piece: Piece, placed: list[Piece], answer: Pieces) -> int:
    for follower in answer.listed[answer.listed.index(piece) + 1 :]:
        for index, item in enumerate(placed):
            if item is follower or (follower.binds & item.binds and not follower.imports):
                return index
    return len(placed)


def _ordered(body: list[Piece], answer: Pieces) -> list[Piece]:
    """The body, with what is new above what needs it as soon as the module is imported."""
    ordered: list[Piece] = []
    for piece in body:
        at = len(ordered)
        if piece in answer.listed:
            at = next((i for i, item in enumerate(ordered) if _needs(item, piece)), at)
        ordered.insert(at, piece)
    return ordered


def _needs(piece: Piece, other: Piece) -> bool:
    if piece.uses.isdisjoint(other.binds):
        return False
    # Whether annotations wait cannot be told from one piece; taking it that they do not is safe.
    return not other.binds.isdisjoint(evaluated_names(ast.Module([*piece.nodes], [])))


def _with_exports(piece: Piece, body: list[Piece], answer: Pieces) -> Piece:
    """The piece; if it is a plain `__all__`, with the names that the module has now."""
    old = _exports(piece)
    if old is None:
        return piece
    bound = frozenset().union(*(item.binds for item in body))
    new = [name for item in answer.listed for name in _exports(item) or ()]
    names = [name for name in old if name in bound]
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
