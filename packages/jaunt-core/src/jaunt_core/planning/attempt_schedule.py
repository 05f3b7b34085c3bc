"""How often a module is asked for, of whom, and when a thread is given up for a fresh start."""

from __future__ import annotations

from dataclasses import dataclass

LONGEST_LADDER = 4
"""Attempts of one model: an answer, its repair, a fresh start, its repair. More do not help."""

_THREAD = 2
"""An answer and its repair; what is still wrong then is seldom mended by asking on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One asking: `attempt` counts from 1, `model` from 0; a `fresh` one begins a thread."""

    attempt: int
    model: int
    fresh: bool


def ladder_of(*, attempts: int, further_models: int) -> tuple[Rung, ...]:
    """All askings for one module, in their order.

    Args:
        attempts: How often the first model is asked.
        further_models: How many other models are asked after it, each for an answer and, where
            `attempts` allows two, its repair.
    """
    per_model = [attempts, *[min(attempts, _THREAD)] * further_models]
    places = [(model, place) for model, count in enumerate(per_model) for place in range(count)]
    return tuple(
        Rung(attempt=number, model=model, fresh=place % _THREAD == 0)
        for number, (model, place) in enumerate(places, start=1)
    )


__all__ = ["LONGEST_LADDER", "Rung", "ladder_of"]
