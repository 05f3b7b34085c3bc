"""Numbers, durations, tokens and reasons in words."""

from __future__ import annotations

from jaunt_core.model.generation import TokenUsage
from jaunt_core.model.plan import Reason, ReasonKind

_MINUTE = 60
_ABOUT_THE_FILE = (
    ReasonKind.MISSING,
    ReasonKind.DAMAGED,
    ReasonKind.EDITED,
    ReasonKind.FOREIGN,
)


def counted(number: int, noun: str) -> str:
    """`1 module`, `2,000 modules`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def duration(seconds: float) -> str:
    """`0.4 s`, `2 min 5 s`."""
    if round(seconds, 1) < _MINUTE:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), _MINUTE)
    return f"{minutes} min {rest} s"


def tokens(usage: TokenUsage) -> str:
    """`812 in / 120 out tokens`, with what the provider's cache held."""
    cached = f" ({usage.cached:,} cached)" if usage.cached else ""
    return f"{usage.input:,} in{cached} / {usage.output:,} out tokens"


def shortly(reasons: tuple[Reason, ...]) -> str:
    """The first reason, and how many more there are; empty where there is none."""
    if not reasons:
        return ""
    what = "file " if reasons[0].kind in _ABOUT_THE_FILE else ""
    more = f", +{len(reasons) - 1} more" if len(reasons) > 1 else ""
    return f"{what}{reasons[0]}{more}"


__all__ = ["counted", "duration", "shortly", "tokens"]
