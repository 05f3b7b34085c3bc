"""The known type checkers, and the errors that they report."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Checker(StrEnum):
    """The type checkers that are known, the preferred one first."""

    TY = "ty"
    MYPY = "mypy"
    PYRIGHT = "pyright"


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeFault:
    """One error that a type checker reports; `path` is as it prints it."""

    path: str
    line: int
    rule: str
    message: str
