"""What `jaunt cache` did: what is left of the stored answers, and what was removed."""

from __future__ import annotations

from dataclasses import dataclass

from jaunt_core.model.inspection import AnswerTotals


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheResult:
    """The store of answers after the command; `removed` is None where nothing was to be."""

    left: AnswerTotals
    removed: AnswerTotals | None = None
