"""Which block of an answer is its code: the one that defines the required names."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from jaunt_core.findings.python_text import bound_names, defined_names, top_level_names

# A block that only says what another one has: `...`, `# ... as before`.
_ABRIDGED = re.compile(r"^[ \t]*(?:#[ \t]*)?(?:\.{3}|…)|:[ \t]*\.{3}[ \t]*$", re.MULTILINE)
_TOP_LEVEL = re.compile(r"^[^\s)\]}#].*", re.MULTILINE)
_IMPORT = re.compile(r"(?:from|import)\s")
_FUTURE = re.compile(r"^from __future__ import .*\n?", re.MULTILINE)


def chosen_block(blocks: Sequence[str], names: Collection[str]) -> str:
    """The block that defines all of the names, else most of them, the last on a tie.

    Blocks that define all of them only together, and none twice, are joined. Where none defines
    any, it is one that gives a meaning to some, and the longest of them. Imports that stand in a
    block of their own right before the chosen one belong to it.
    """
    defined = [defined_names(block, names) for block in blocks]
    best = max(range(len(blocks)), key=lambda index: _rank(blocks[index], names, index))
    chosen = [best]
    if not defined[best] >= frozenset(names):
        parts = [index for index, block_names in enumerate(defined) if block_names]
        if frozenset().union(*defined) >= frozenset(names) and not _overlap(blocks, parts):
            chosen = parts
    first = chosen[0]
    while first and _has_only_imports(blocks[first - 1], names):
        first -= 1
    chosen = [*range(first, chosen[0]), *chosen]
    return blocks[best] if len(chosen) == 1 else _joined([blocks[index] for index in chosen])


def _rank(block: str, names: Collection[str], index: int) -> tuple[int, int, int, int]:
    count = len(defined_names(block, names))
    if count:
        return count, not _ABRIDGED.search(block), index, 0
    return 0, len(bound_names(block, names)), len(block.strip()), index


def _overlap(blocks: Sequence[str], parts: Sequence[int]) -> bool:
    listed = [name for index in parts for name in top_level_names(blocks[index])]
    return len(listed) != len(set(listed))


def _has_only_imports(block: str, names: Collection[str]) -> bool:
    lines = _TOP_LEVEL.findall(block)
    are_imports = bool(lines) and all(_IMPORT.match(line) for line in lines)
    return are_imports and not bound_names(block, names)


def _joined(blocks: Sequence[str]) -> str:
    """The blocks as one text, with the imports from the future at its top."""
    text = "\n\n\n".join(block.strip("\n") for block in blocks)
    future = [line.strip() for line in _FUTURE.findall(text)]
    lines = [*dict.fromkeys(future), _FUTURE.sub("", text)] if future else [text]
    return "\n".join(lines)
