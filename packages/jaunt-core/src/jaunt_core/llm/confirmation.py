"""Ask a person before a run makes more calls than the budget allows unasked."""

from __future__ import annotations

from collections.abc import Callable

from jaunt_core.errors import ConfirmationError

Confirm = Callable[[int, int], bool]
"""Asks a person whether so many calls may be made, more than the limit that follows."""


class Confirmation:
    """Asks once a run, where more calls are planned than are made without asking.

    Args:
        limit: How many calls need no confirmation; None where none does.
        confirm: Asks a person; None where nobody is there.
    """

    def __init__(self, limit: int | None, confirm: Confirm | None) -> None:
        self._limit = limit
        self._confirm = confirm
        self._planned = 0
        self._foreseen = 0
        self._given = False

    @property
    def is_limited(self) -> bool:
        """Whether it matters how many calls are planned."""
        return self._limit is not None

    def covers(self, calls: int) -> bool:
        """Whether so many calls may be made that nobody foresaw, without asking again."""
        if self._limit is None or self._given or self._planned + calls <= self._limit:
            self._planned += calls
            return True
        return False

    def require(self, calls: int, *, later: int = 0) -> None:
        """Make sure that so many more calls may be made, those that were foreseen among them.

        Args:
            calls: How many are to be made now.
            later: How many a later stage of the run is going to require.

        Raises:
            ConfirmationError: Nobody is there to be asked, or whoever is does not want it.
        """
        known = min(calls, self._foreseen)
        new = calls - known + later
        self._foreseen += later - known
        before, self._planned = self._planned, self._planned + new
        if not new or self._given or self._limit is None or self._planned <= self._limit:
            return
        nothing = "nothing more was sent" if before else "nothing was sent"
        if self._confirm is None:
            raise ConfirmationError(
                f"the calls of this run would be {self._planned:,}, more than [budget] "
                f"confirm_above = {self._limit:,}; {nothing}",
                hint="run the same command with --yes; or allow more, or build less at once "
                "with --target",
            )
        if not self._confirm(self._planned, self._limit):
            raise ConfirmationError(nothing, hint="what a run would ask for: jaunt plan")
        self._given = True
