"""The import statements of a spliced module: some names go out, others come in."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator
from itertools import groupby

from .pieces import BoundImport, ModulePieces, Piece

LINE_WIDTH = 88
"""Where new text is put on several lines; a formatter may think otherwise."""

_INDENT = "    "
_FUTURE = BoundImport("annotations", "__future__", "annotations", typing_only=False)
_TYPE_CHECKING = BoundImport("TYPE_CHECKING", "typing", "TYPE_CHECKING", typing_only=False)

_Remaining = tuple[Piece, list[BoundImport]]
"""An old piece, and those of its imports that are still wanted."""


def merge_imports(
    base: ModulePieces,
    answer: ModulePieces,
    from_answer: frozenset[str],
    borrowed: frozenset[str],
    used: frozenset[str],
) -> list[Piece]:
    """The pieces that import what a body needs; those that need no change are as they were.

    Args:
        base: The old module. Its imports stay while their names are `used`, or if they never were.
        answer: The module with the new code.
        from_answer: The names that mean what the answer means by them.
        borrowed: The names that the answer's code uses and that mean the same in both.
        used: All names that the body uses.
    """
    old = {binding for piece in base.pieces for binding in piece.imports}
    ever_used = frozenset().union(*(piece.uses for piece in base.pieces))
    added = [
        binding
        for name in sorted(from_answer | borrowed)
        for binding in answer.imported.get(name, ())
        if binding not in old and not (name in borrowed and binding.at_run_time in old)
    ]
    added_at_run_time = {binding.bound for binding in added if not binding.typing_only}

    def stays(binding: BoundImport, needed: frozenset[str]) -> bool:
        if binding.bound in from_answer and binding.bound in answer.imported:
            return binding in answer.imported[binding.bound]
        if binding.typing_only and binding.bound in added_at_run_time:
            return False
        # An import that nothing ever used is there for its effect, or for others to import.
        return binding.bound in needed or binding.bound not in ever_used

    blocks = [
        piece
        for piece in base.first_imports
        if any(binding.typing_only and stays(binding, used) for binding in piece.imports)
    ]
    # A block for type checkers that stays needs `TYPE_CHECKING`, however that is spelt there.
    needed = used.union(*(piece.uses for piece in blocks))
    remaining = [
        (piece, [binding for binding in piece.imports if stays(binding, needed)])
        for piece in base.first_imports
    ]
    # No code uses the name `annotations`, yet the answer's annotations may rely on it.
    if _FUTURE not in old and _FUTURE in answer.imported.get(_FUTURE.bound, ()):
        added.insert(0, _FUTURE)
    return _with_added(remaining, added)


def _with_added(remaining: list[_Remaining], added: list[BoundImport]) -> list[Piece]:
    """The remaining import pieces, with the added names in them or in pieces of their own."""
    known = {binding for _, bindings in remaining for binding in bindings}
    if any(binding.typing_only for binding in added) and _TYPE_CHECKING not in known:
        added = [*added, *({_TYPE_CHECKING} - set(added))]
    missing = list(dict.fromkeys(added))
    at_run_time: list[Piece] = []
    typing_only: list[Piece] = []
    for piece, bindings in remaining:
        fitting = [binding for binding in missing if _fits(binding, piece)] if bindings else []
        missing = [binding for binding in missing if binding not in fitting]
        # Unchanged imports keep a person's own text: order, line breaks and comments.
        imports = (*bindings, *fitting)
        text = piece.text if imports == piece.imports else _render_imports(imports)
        if text:
            pieces = typing_only if piece.imports[0].typing_only else at_run_time
            pieces.append(piece._replace(text=text))
    for piece in ModulePieces(_render_imports(missing)).pieces:
        if piece.imports[0].typing_only:
            typing_only.append(piece)
        else:
            ranks = [_rank(placed) for placed in at_run_time]
            below = (index for index, rank in enumerate(ranks) if rank > _rank(piece))
            at_run_time.insert(next(below, len(at_run_time)), piece)
    return [*at_run_time, *typing_only]


def _rank(piece: Piece) -> int:
    """Imports from `__future__` stand first, and plain imports above those of names."""
    if piece.imports[0].source == _FUTURE.source:
        return 0
    return 1 if piece.imports[0].name is None else 2


def _fits(binding: BoundImport, piece: Piece) -> bool:
    """Whether a name can join what a piece imports."""
    if binding.typing_only:
        return piece.imports[0].typing_only
    is_one = len(piece.nodes) == 1 and isinstance(piece.nodes[0], ast.ImportFrom)
    return is_one and binding.name is not None and piece.imports[0].source == binding.source


def _render_imports(imports: Collection[BoundImport]) -> str:
    """Import statements for these names, those for type checkers in a block at the end."""
    lines = list(_statements(binding for binding in imports if not binding.typing_only))
    typing_only = list(_statements(binding for binding in imports if binding.typing_only))
    if typing_only:
        lines.append("if TYPE_CHECKING:")
        lines.extend(_INDENT + line for text in typing_only for line in text.split("\n"))
    return "\n".join(lines)


def _statements(imports: Iterable[BoundImport]) -> Iterator[str]:
    ordered = sorted(imports, key=lambda binding: (binding.name is not None, binding.source))
    for (source, is_plain), group in groupby(
        ordered, key=lambda binding: (binding.source, binding.name is None)
    ):
        aliases = [_alias(binding) for binding in sorted(group, key=_sort_key)]
        if is_plain:
            yield from (f"import {alias}" for alias in aliases)
            continue
        line = f"from {source} import {', '.join(aliases)}"
        if len(line) > LINE_WIDTH:
            inner = "".join(f"{_INDENT}{alias},\n" for alias in aliases)
            line = f"from {source} import (\n{inner})"
        yield line


def _sort_key(binding: BoundImport) -> tuple[bool, bool, str]:
    """Constants, classes, then the rest, as most import sorters have it."""
    name = binding.name or binding.source
    return not name.isupper(), not name[:1].isupper(), name


def _alias(binding: BoundImport) -> str:
    name = binding.name or binding.source
    return f"{name} as {binding.bound}" if binding.renamed else name
