"""Claims of docstrings that are tried on an answer, and their outcomes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class RaisesLine:
    """One documented exception whose condition can be read.

    `condition` is a Python expression over parameters, `errors` are all that the same section
    documents. `owner` is the spec, or `Class.method`.
    """

    owner: str
    error: str
    errors: tuple[str, ...]
    condition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialOutcome:
    """How an example ended, or a `Raises:` line or import that did not go as documented.

    An `unclear` one says nothing about the answer; a `suspected` one was raised in code of the
    spec module, which the answer or the sandbox may have caused. `got` is what happened instead of
    `want`, `line` the line of the answer that it happened at, 0 where that is unknown.
    """

    kind: Literal["import", "example", "raises"]
    status: Literal["passed", "failed", "raised", "suspected", "unclear"]
    owner: str
    source: str
    want: str
    got: str
    line: int
