"""Where the pieces of two modules go when they become one."""

from __future__ import annotations

import ast
from itertools import pairwise
from typing import NamedTuple

from ..source.evaluated_at_import import evaluated_names
from ..source.syntax import dotted_name
from .merged_imports import LINE_WIDTH, merge_imports
from .pieces import ModulePieces, Piece

_ALL = "__all__"
_FUTURE = "from __future__ import annotations"


class Decisions(NamedTuple):
    """Whose code each name has in the end.

    Names `from_answer` have the answer's code. Of the old ones, those that stay where something
    needs them are `staying`, the `borrowed` among them because the answer's code uses them, and
    `dropped` are those that only replaced or removed code used. `fixed` are the specs whose code
    stays; `companions` the pieces of the answer that come along with what is taken from it.
    """

    from_answer: frozenset[str]
    borrowed: frozenset[str]
    staying: frozenset[str]
    dropped: frozenset[str]
    fixed: frozenset[str]
    companions: tuple[Piece, ...]


def lay_out(base: ModulePieces, answer: ModulePieces, decisions: Decisions) -> str:
    """The source of the spliced module.

    New code takes the place of the old; where there is none, it stands before what follows it in
    the answer.
    """
    body = _sort_by_need(_body(base, answer, decisions), base, answer)
    body = [_with_exports(piece, body, answer, decisions) for piece in body]
    used = frozenset().union(*(piece.uses for piece in body))
    head = [piece for piece in base.pieces[:1] if piece.is_bare_constant]
    head += merge_imports(base, answer, decisions.from_answer, decisions.borrowed, used)
    return _join([*head, *body], base, answer)


def _body(base: ModulePieces, answer: ModulePieces, decisions: Decisions) -> list[Piece]:
    """All pieces but the docstring and the leading imports, in their order."""
    new = [
        piece
        for piece in answer.pieces
        if not piece.imports
        and (
            piece in decisions.companions
            if piece.is_statement
            else piece.binds & decisions.from_answer
        )
    ]
    about = [piece.uses | piece.binds for piece in new if piece.is_statement]
    restated = frozenset().union(*about) & decisions.from_answer
    placed: list[Piece] = []
    for index, piece in enumerate(base.pieces):
        if piece in base.first_imports or (not index and piece.is_bare_constant):
            continue
        replaced = piece.binds & decisions.from_answer
        # A piece may bind several names, as `a, b = 1, 2` does: it stays if one of them does.
        if replaced and not piece.is_statement and piece.binds.isdisjoint(decisions.staying):
            successors = (piece for piece in new if piece.binds & replaced)
            placed += [piece for piece in successors if piece not in placed]
        elif not _is_dropped(piece, decisions, restated):
            placed.append(piece)
    # From the last to the first, so that each finds what follows it in its place already.
    for piece in reversed(new):
        if piece not in placed:
            placed.insert(_index_for(piece, placed, answer), piece)
    return placed


def _is_dropped(piece: Piece, decisions: Decisions, restated: frozenset[str]) -> bool:
    """Whether an old piece goes; a statement goes with what it is about.

    `restated` are the names that the answer has statements of its own about.
    """
    if piece.imports or piece.is_bare_constant:
        return False
    if not piece.is_statement:
        return bool(piece.binds) and piece.binds <= decisions.dropped
    if not piece.uses.isdisjoint(decisions.fixed):
        return False
    about = piece.uses | piece.binds
    return not about.isdisjoint((decisions.dropped - decisions.from_answer) | restated)


def _index_for(piece: Piece, placed: list[Piece], answer: ModulePieces) -> int:
    """The index of the nearest piece that follows a new one in the answer and is placed."""
    for follower in answer.pieces[answer.pieces.index(piece) + 1 :]:
        for index, other in enumerate(placed):
            # Where the follower was not taken, old code by its name stands in its place.
            if other is follower or (follower.binds & other.binds and not follower.imports):
                return index
    return len(placed)


def _sort_by_need(body: list[Piece], base: ModulePieces, answer: ModulePieces) -> list[Piece]:
    """The body, sorted so that new code stands below what it needs when it is imported.

    New code likewise moves above old code that needs it; old code among itself stays as it was.
    """
    providers: dict[str, list[Piece]] = {}
    for piece in body:
        for name in piece.binds:
            providers.setdefault(name, []).append(piece)
    future = ast.parse(_FUTURE).body if "annotations" in base.imported else []
    ordered: list[Piece] = []
    visited: list[Piece] = []  # also pieces that are not placed yet, so that a cycle ends

    def place(piece: Piece) -> None:
        if piece in visited:
            return
        visited.append(piece)
        for name in sorted(_names_needed_at_import(piece, providers, future)):
            for provider in providers[name]:
                is_new = piece in answer.pieces or provider in answer.pieces
                # A statement is not moved: what it does may depend on what ran before it.
                if is_new and not provider.is_statement:
                    place(provider)
        ordered.append(piece)

    for piece in body:
        place(piece)
    return ordered


def _names_needed_at_import(
    piece: Piece, providers: dict[str, list[Piece]], future: list[ast.stmt]
) -> set[str]:
    """The names of the body that importing a piece looks up, those in what it calls included."""
    evaluated = evaluated_names(ast.Module([*future, *piece.nodes], []))
    needed = evaluated.keys() & providers.keys()
    # A function's body runs where it is called, so what that body uses has to be there as well.
    pending = [] if piece.is_definition else [name for name in needed if _is_called(name, piece)]
    pending += sorted(piece.decorated_with & providers.keys())
    followed: set[str] = set()
    while pending:
        name = pending.pop()
        if name not in followed:
            followed.add(name)
            for provider in providers[name]:
                pending.extend(used for used in provider.uses if used in providers)
    return (needed | followed) - piece.binds


def _is_called(name: str, piece: Piece) -> bool:
    nodes = (node for statement in piece.nodes for node in ast.walk(statement))
    return any(isinstance(node, ast.Call) and dotted_name(node.func) == name for node in nodes)


def _with_exports(
    piece: Piece, body: list[Piece], answer: ModulePieces, decisions: Decisions
) -> Piece:
    """The piece; if it is a plain `__all__`, with the names that the module has now."""
    old = _exports_in(piece)
    if old is None:
        return piece
    bound = frozenset().union(*(other.binds for other in body))
    new = [name for other in answer.pieces for name in _exports_in(other) or ()]
    names = [name for name in old if name in bound or name not in decisions.dropped]
    names += [name for name in new if name in bound and name not in names]
    if names == old:
        return piece
    if old == sorted(old):
        names.sort()
    quoted = [f'"{name}"' for name in names]
    text = f"{_ALL} = [{', '.join(quoted)}]"
    if len(text) > LINE_WIDTH:
        text = f"{_ALL} = [\n" + "".join(f"    {name},\n" for name in quoted) + "]"
    return piece._replace(text=text)


def _exports_in(piece: Piece) -> list[str] | None:
    """The names in a plain `__all__ = [...]`, None for any other piece."""
    node = piece.nodes[0]
    listed = node.value if isinstance(node, ast.Assign) and piece.binds == {_ALL} else None
    if not isinstance(listed, (ast.List, ast.Tuple)):
        return None
    values = [entry.value for entry in listed.elts if isinstance(entry, ast.Constant)]
    is_plain = len(values) == len(listed.elts)
    return [value for value in values if isinstance(value, str)] if is_plain else None


def _join(pieces: list[Piece], base: ModulePieces, answer: ModulePieces) -> str:
    texts = [piece.text for piece in pieces[:1]]
    for above, piece in pairwise(pieces):
        texts += [*[""] * _blank_lines_between(above, piece, base, answer), piece.text]
    if base.tail:
        texts += ["", "", base.tail]
    return "\n".join(texts) + "\n"


def _blank_lines_between(
    above: Piece, piece: Piece, base: ModulePieces, answer: ModulePieces
) -> int:
    """As many as there were, where the two were neighbours; else as many as is usual."""
    for module in (base, answer):
        if (above.nodes, piece.nodes) in module.neighbours:
            return piece.gap
    if above.is_definition or piece.is_definition:
        return 2
    if above.imports and piece.imports and not piece.imports[0].typing_only:
        return int(above.imports[0].source == "__future__")
    return 1
