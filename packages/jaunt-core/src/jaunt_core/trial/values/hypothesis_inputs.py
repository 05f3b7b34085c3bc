"""Search for input that two versions treat differently, made from types by hypothesis."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import cast

from .outcomes import Outcome, Outcomes, is_too_long
from .version_pairs import Pair, Values

# By name: it is the project's own, and nothing that we come with.
hypothesis = import_module("hypothesis")
strategies = import_module("hypothesis.strategies")
errors = import_module("hypothesis.errors")

_MOST_LATE_CALLS = 3
_MOST_SHOWN = 300


class DifferenceSearch:
    """Calls both versions with one input after the other, the same inputs each time."""

    def __init__(
        self,
        pair: Pair,
        outcomes: Outcomes,
        announce: Callable[[str, str], None],
        *,
        seconds: float,
    ) -> None:
        self._pair = pair
        self._outcomes = outcomes
        self._announce = announce
        self._seconds = seconds
        self._seen: set[str] = set()
        self._is_steady = True
        self._late_calls = 0
        self._deadline: float | None = None
        self.tried = 0
        self.differing = 0
        self.differences: list[tuple[str, str, str]] = []

    def run(self, examples: int) -> str:
        """Try so many inputs, or as many as fit into the time; return why they could not be tried.

        Where some differ, the remaining time goes into finding smaller ones that do.
        """
        both = strategies.tuples(
            *(
                strategies.fixed_dictionaries(
                    {name: strategies.from_type(cast("type", hint)) for name, hint in hints.items()}
                )
                for hints in (self._pair.init_hints, self._pair.call_hints)
            )
        )
        settings = hypothesis.settings(
            max_examples=examples,
            derandomize=True,
            database=None,
            deadline=None,
            phases=(hypothesis.Phase.generate,),
            suppress_health_check=list(hypothesis.HealthCheck),
        )

        @settings
        @hypothesis.given(both)
        def body(values: tuple[Values, Values]) -> None:
            self._differs(values)

        try:
            body()
        except Exception as error:  # noqa: BLE001 - no values of such a type can be made
            message = " ".join(str(error).split())[:_MOST_SHOWN]
            return f"no input can be made from its types: {message or type(error).__name__}"
        tried, self.differing = self.tried, len(self.differences)
        if self.differences:
            phases = (hypothesis.Phase.generate, hypothesis.Phase.shrink)
            smaller = hypothesis.settings(settings, phases=phases)
            with suppress(errors.HypothesisException):  # the time is over
                hypothesis.find(both, self._differs, settings=smaller)
        self.tried = tried
        return "" if self._is_steady else "the same input does not always give the same result"

    def _differs(self, values: tuple[Values, Values]) -> bool:
        """Call both versions; whether their outcomes differ."""
        init_values, call_values = values
        call_values = {name: call_values[name] for name in self._pair.call_hints}
        shown = self._pair.shown(init_values, call_values)
        if self._deadline is None:  # before the first input, hypothesis prepares itself
            self._deadline = time.monotonic() + self._seconds
        if time.monotonic() > self._deadline or self._late_calls >= _MOST_LATE_CALLS:
            return False
        if shown in self._seen:
            return any(shown == call for call, _, _ in self.differences)
        self._seen.add(shown)
        self._announce(self._pair.owner, shown[:_MOST_SHOWN])

        def outcome_of(version: Callable[[Values, Values], object]) -> Outcome:
            init_copy, call_copy = copy.deepcopy((init_values, call_values))
            return self._outcomes.outcome_of(lambda: version(init_copy, call_copy))

        before, after = outcome_of(self._pair.before), outcome_of(self._pair.after)
        self.tried += 1
        self._late_calls += is_too_long(before) or is_too_long(after)
        if self._outcomes.are_equal(before, after):
            return False
        if not self._outcomes.are_equal(before, outcome_of(self._pair.before)):
            self._is_steady = False
            return False
        self.differences.append((shown, before.text, after.text))
        return True
