"""The built-in types that an annotation names, as far as it can be told from its text."""

from __future__ import annotations

import re
from collections.abc import Iterator

_BUILT_IN = frozenset(
    {"int", "float", "complex", "str", "bytes", "bool", "list", "tuple", "dict", "set"}
    | {"frozenset", "None"}
)
_FITS_TOO = {"bool": {"int", "float", "complex"}, "int": {"float", "complex"}, "float": {"complex"}}


def is_wrongly_shown(shown: object, got: object, annotation: str) -> bool:
    """Whether what is shown cannot be what is declared, while a value can."""
    kinds = _kinds_of(annotation)
    return bool(kinds) and not _fits(shown, kinds) and _fits(got, kinds)


def declares_nothing(annotation: str) -> bool:
    """Whether a function is declared to return nothing, or its annotation does not tell."""
    return annotation.strip("'\"") in ("", "None")


def _fits(value: object, kinds: frozenset[str]) -> bool:
    names = {kind.__name__ for kind in type(value).__mro__} - {"object"}
    if value is None:
        names = {"None"}
    if isinstance(value, bool):
        names = {"bool"}
    return any(name in kinds or _FITS_TOO.get(name, set()) & kinds for name in names)


def _kinds_of(annotation: str) -> frozenset[str]:
    """The types that an annotation allows, none where it may be something else too."""
    text = annotation.strip("'\"")
    text = re.sub(r"^(?:typing\.|t\.)?Optional\[(.*)\]$", r"\1 | None", text)
    parts = [part.partition("[")[0].strip() for part in _union_members(text)]
    return frozenset(parts) if all(part in _BUILT_IN for part in parts) else frozenset()


def _union_members(text: str) -> Iterator[str]:
    """The members of a union that is written with `|`; one inside of brackets does not split."""
    depth, start = 0, 0
    for position, char in enumerate(text):
        depth += (char in "[(") - (char in ")]")
        if char == "|" and depth == 0:
            yield text[start:position]
            start = position + 1
    yield text[start:]
