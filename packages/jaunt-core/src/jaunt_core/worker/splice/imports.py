"""The import statements of a module that two make: names go out, others come in."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from itertools import groupby

from .pieces import ImportedAs, Piece, Pieces

LINE_WIDTH = 88
"""Where what is written anew is put on several lines; a formatter may think otherwise."""

_INDENT = "    "
_FUTURE = ImportedAs("annotations", "__future__", "annotations", typing=False)
_TYPE_CHECKING = ImportedAs("TYPE_CHECKING", "typing", "TYPE_CHECKING", typing=False)


def merged_imports(
    base: Pieces,
    answer: Pieces,
    *,
    taken: frozenset[str],
    shared: frozenset[str],
    used: frozenset[str],
) -> list[Piece]:
    """The pieces that import what a body needs; those that need no change are as they were.

    Args:
        base: The old module, whose imports go on while their names are `used`, or never were.
        answer: The new one.
        taken: The names that mean what the answer means by them.
        shared: The names that its code uses and that mean the same in both.
        used: All names that the body uses.
    """
    pieces = base.first_imports
    old = {item for piece in base.listed for item in piece.imports}
    ever_used = frozenset().union(*(piece.uses for piece in base.listed))
    added = [
        item
        for name in sorted(taken | shared)
        for item in answer.imported.get(name, ())
        if item not in old and not (name in shared and item.at_run_time in old)
    ]
    at_run_time = {item.bound for item in added if not item.typing}

    def stays(item: ImportedAs) -> bool:
        if item.bound in taken and item.bound in answer.imported:
            return item in answer.imported[item.bound]
        if item.typing and item.bound in at_run_time:
            return False
        return item.bound in used or item.bound not in ever_used

    blocks = [piece for piece in pieces if any(it.typing and stays(it) for it in piece.imports)]
    used = used.union(*(piece.uses for piece in blocks))  # `TYPE_CHECKING`, however it is spelt
    kept = [(piece, [item for item in piece.imports if stays(item)]) for piece in pieces]
    return _completed(kept, [*_future_of(old, answer), *added])


def _future_of(old: set[ImportedAs], answer: Pieces) -> list[ImportedAs]:
    is_new = _FUTURE not in old and _FUTURE in answer.imported.get(_FUTURE.bound, ())
    return [_FUTURE] if is_new else []


def _completed(kept: list[tuple[Piece, list[ImportedAs]]], added: list[ImportedAs]) -> list[Piece]:
    known = {item for _, listed in kept for item in listed}
    if any(item.typing for item in added) and _TYPE_CHECKING not in known:
        added = [*added, *({_TYPE_CHECKING} - set(added))]
    missing = list(dict.fromkeys(added))
    first: list[Piece] = []
    for_types: list[Piece] = []
    for piece, listed in kept:
        fitting = [item for item in missing if _fits(item, piece)] if listed else []
        missing = [item for item in missing if item not in fitting]
        text = _text_of(piece, [*listed, *fitting])
        if text:
            (for_types if piece.imports[0].typing else first).append(piece._replace(text=text))
    new = Pieces(_statements_text(missing)).listed
    for piece in (it for it in new if not it.imports[0].typing):
        ranks = [_rank(item) for item in first]
        at = next((i for i, rank in enumerate(ranks) if rank > _rank(piece)), len(first))
        first.insert(at, piece)
    for_types += [piece for piece in new if piece.imports[0].typing]
    return [*first, *for_types]


def _rank(piece: Piece) -> int:
    """What comes from the future stands first, and plain imports above those of names."""
    if piece.imports[0].source == _FUTURE.source:
        return 0
    return 1 if piece.imports[0].name is None else 2


def _fits(item: ImportedAs, piece: Piece) -> bool:
    """Whether a name can join what a piece imports."""
    if item.typing:
        return piece.imports[0].typing
    is_one = len(piece.nodes) == 1 and isinstance(piece.nodes[0], ast.ImportFrom)
    return is_one and item.name is not None and piece.imports[0].source == item.source


def _text_of(piece: Piece, imports: list[ImportedAs]) -> str:
    if tuple(imports) == piece.imports:
        return piece.text
    return _statements_text(imports)


def _statements_text(imports: Iterable[ImportedAs]) -> str:
    """Import statements for these names, those for type checkers in a block at the end."""
    listed = list(imports)
    rows = list(_statements([item for item in listed if not item.typing]))
    for_types = list(_statements([item for item in listed if item.typing]))
    if for_types:
        rows.append("if TYPE_CHECKING:")
        rows.extend(_INDENT + line for row in for_types for line in row.split("\n"))
    return "\n".join(rows)


def _statements(imports: list[ImportedAs]) -> Iterator[str]:
    ordered = sorted(imports, key=lambda item: (item.name is not None, item.source))
    for (source, is_plain), group in groupby(
        ordered, key=lambda item: (item.source, item.name is None)
    ):
        aliases = [_alias(item) for item in sorted(group, key=_place)]
        if is_plain:
            yield from (f"import {alias}" for alias in aliases)
            continue
        row = f"from {source} import {', '.join(aliases)}"
        if len(row) > LINE_WIDTH:
            inner = "".join(f"{_INDENT}{alias},\n" for alias in aliases)
            row = f"from {source} import (\n{inner})"
        yield row


def _place(item: ImportedAs) -> tuple[bool, bool, str]:
    """Constants, classes, the rest, as most sort them."""
    name = item.name or item.source
    return not name.isupper(), not name[:1].isupper(), name


def _alias(item: ImportedAs) -> str:
    name = item.name or item.source
    return f"{name} as {item.bound}" if item.renamed else name
