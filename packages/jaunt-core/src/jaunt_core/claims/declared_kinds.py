"""The built-in types that an annotation names, as far as it can be told from its text."""

from __future__ import annotations

import re
from collections.abc import Iterator

_BUILT_IN = frozenset(
    {"int", "float", "complex", "str", "bytes", "bool", "list", "tuple", "dict", "set"}
    | {"frozenset", "None"}
)
_FITS_TOO = {"bool": {"int", "float", "complex"}, "int": {"float", "complex"}, "float": {"complex"}}


def built_in_kinds(annotation: str) -> frozenset[str]:
    """The types whose values may stand where an annotation does, `int` for a `float` included.

    None where it may be something else than a built-in type too.
    """
    text = annotation.strip("'\"")
    text = re.sub(r"^(?:typing\.|t\.)?Optional\[(.*)\]$", r"\1 | None", text)
    kinds = {part.partition("[")[0].strip() for part in _union_members(text)}
    if not kinds <= _BUILT_IN:
        return frozenset()
    return frozenset(kinds | {kind for kind, others in _FITS_TOO.items() if others & kinds})


def _union_members(text: str) -> Iterator[str]:
    """The members of a union that is written with `|`; one inside of brackets does not split."""
    depth, start = 0, 0
    for position, char in enumerate(text):
        depth += (char in "[(") - (char in ")]")
        if char == "|" and depth == 0:
            yield text[start:position]
            start = position + 1
    yield text[start:]
