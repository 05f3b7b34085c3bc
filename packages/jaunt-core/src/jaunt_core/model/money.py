"""Prices of tokens, and limits of what a run may spend."""

from __future__ import annotations

from dataclasses import dataclass

from jaunt_core.model.generation import TokenUsage

_PRICED_TOKENS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a million tokens cost, in the currency of whoever wrote it down."""

    input: float
    cached_input: float
    output: float

    def of(self, usage: TokenUsage) -> float:
        """The cost of an answer."""
        # A backend of others may report more cached tokens than tokens.
        fresh = max(usage.input - usage.cached, 0)
        cost = fresh * self.input + usage.cached * self.cached_input + usage.output * self.output
        return cost / _PRICED_TOKENS


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendingLimits:
    """What one run may spend; None where nothing limits it."""

    tokens: int | None = None
    cost: float | None = None

    @property
    def any(self) -> bool:
        """Whether anything is limited."""
        return self.tokens is not None or self.cost is not None


UNLIMITED = SpendingLimits()
