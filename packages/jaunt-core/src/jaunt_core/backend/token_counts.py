"""Parse token counts that servers and programs report: of any type, and any size."""

from __future__ import annotations

from jaunt_core.model.generation import NO_TOKENS, TokenUsage

_MOST = 10**12
"""More than any answer takes: what is above is no count, and would break the sums."""


def parse_usage(sent: object, cached: object, written: object) -> TokenUsage:
    """The usage for reported counts; those that are missing (None) are 0.

    Where the tokens that were sent or written are no count (negative, a fraction, a text), the
    whole usage is unknown: half of it would be taken for all that the answer cost.
    """
    counts = [0 if value is None else _parse_count(value) for value in (sent, written)]
    if None in counts:
        return NO_TOKENS
    whole, output = (value or 0 for value in counts)
    return TokenUsage(input=whole, cached=min(_parse_count(cached) or 0, whole), output=output)


def _parse_count(value: object) -> int | None:
    """A count that is whole and possible; some servers write it as 30000.0."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _MOST:
        return None
    return int(value) if value == int(value) else None
