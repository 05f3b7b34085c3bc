"""A person's yes to a run of many calls, before the first of them."""

from __future__ import annotations

from collections.abc import Callable

from jaunt_core.errors import ConfirmationError

Confirm = Callable[[int, int], bool]
"""Asks a person whether so many calls may be made, more than the limit that follows."""


class Consent:
    """Asks once a run, where more calls are planned than are made without asking.

    Args:
        limit: How many calls need no consent; None where none does.
        confirm: Asks a person; None where nobody is there.
    """

    def __init__(self, limit: int | None, confirm: Confirm | None) -> None:
        self._limit = limit
        self._confirm = confirm
        self._planned = 0
        self._given = False

    def require(self, calls: int) -> None:
        """Make sure that so many more calls may be made.

        Raises:
            ConfirmationError: Nobody is there to be asked, or whoever is does not want it.
        """
        self._planned += calls
        if not calls or self._given or self._limit is None or self._planned <= self._limit:
            return
        if self._confirm is None:
            raise ConfirmationError(
                f"{self._planned:,} calls are to be made, more than [budget] confirm_above = "
                f"{self._limit:,}; nothing more was asked for",
                hint="run the same command with --yes; or allow more, or build less at once "
                "with --target",
            )
        if not self._confirm(self._planned, self._limit):
            raise ConfirmationError(
                "nothing more was asked for", hint="what a build would ask for: jaunt plan"
            )
        self._given = True


__all__ = ["Confirm", "Consent"]
