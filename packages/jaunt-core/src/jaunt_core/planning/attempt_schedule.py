"""How often a module is asked for, of which models, and when a thread is given up."""

from __future__ import annotations

from dataclasses import dataclass, replace

MOST_ATTEMPTS = 4
"""Attempts of one model: an answer, its repair, a fresh start, its repair. More do not help."""

_THREAD = 2
"""An answer and its repair; what is still wrong then is seldom mended by asking on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One request: `number` counts from 1, `model` from 0; a `fresh` one begins a thread.

    `place` is that in the usual schedule, from 1 on, and 0 for what comes before its beginning:
    the repair of an answer from an earlier build.
    """

    number: int
    model: int
    fresh: bool
    place: int


AttemptSchedule = tuple[Attempt, ...]
"""All attempts at one module, in their order."""


def attempt_schedule(*, attempts: int, further_models: int) -> AttemptSchedule:
    """All attempts at one module, in their order.

    Args:
        attempts: How often the first model is asked.
        further_models: How many other models are asked after it, each for an answer and, where
            `attempts` allows two, its repair.
    """
    per_model = [attempts, *[min(attempts, _THREAD)] * further_models]
    places = [(model, place) for model, count in enumerate(per_model) for place in range(count)]
    return tuple(
        Attempt(number=number, model=model, fresh=place % _THREAD == 0, place=number)
        for number, (model, place) in enumerate(places, start=1)
    )


def remaining_attempts(schedule: AttemptSchedule, place: int) -> AttemptSchedule:
    """What follows an answer that was rejected: what is left of the schedule, else a new one.

    The new one has as many attempts, of which the first repairs that answer.

    Args:
        schedule: The usual schedule.
        place: The place of the answer in it.
    """
    if place < len(schedule):
        return schedule[place:]
    own = [attempt for attempt in schedule if attempt.model == 0]
    later = [attempt for attempt in schedule if attempt.model != 0]
    repair = Attempt(number=1, model=0, fresh=False, place=0)
    return (repair, *(replace(one, number=one.number + 1) for one in own[:-1]), *later)
