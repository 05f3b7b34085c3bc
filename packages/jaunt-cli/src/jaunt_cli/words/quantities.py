"""Numbers, durations and tokens in words."""

from __future__ import annotations

from jaunt_core.model.generation import NO_TOKENS, TokenUsage
from jaunt_core.model.report import Bill

_MINUTE = 60
_KILO = 1000
_UNITS = ("kB", "MB", "GB", "TB")


def counted(number: int, noun: str) -> str:
    """`1 module`, `2,000 modules`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def duration_text(seconds: float) -> str:
    """`0.4 s`, `2 min 5 s`."""
    if round(seconds, 1) < _MINUTE:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), _MINUTE)
    return f"{minutes} min {rest} s"


def tokens_text(usage: TokenUsage) -> str:
    """`812 in / 120 out tokens`, with what the provider's cache held."""
    cached = f" ({usage.cached:,} cached)" if usage.cached else ""
    return f"{usage.input:,} in{cached} / {usage.output:,} out tokens"


def calls_text(bill: Bill) -> str:
    """`3 calls`, `5 calls (2 of them sent again)`."""
    again = f" ({bill.retries:,} of them sent again)" if bill.retries else ""
    return f"{counted(bill.calls, 'call')}{again}"


def cost_parts(bill: Bill) -> list[str]:
    """The tokens and their cost, each where it is known."""
    if bill.usage == NO_TOKENS:
        return []
    parts = [tokens_text(bill.usage)]
    if bill.cost is not None:
        parts.append(f"cost {cost_text(bill.cost)}")
    return parts


def cost_text(cost: float) -> str:
    """`12.34`, `0.0021`: to the cent, or to a hundredth of one where it is less than 1."""
    return f"{cost:,.2f}" if cost >= 1 else f"{cost:.4f}"


def size_text(number: int) -> str:
    """`512 bytes`, `1.5 kB`, `2.0 GB`, in powers of 1,000."""
    if number < _KILO:
        return counted(number, "byte")
    value = float(number)
    for unit in _UNITS:
        value /= _KILO
        if round(value, 1) < _KILO or unit == _UNITS[-1]:
            break
    return f"{value:,.1f} {unit}"
