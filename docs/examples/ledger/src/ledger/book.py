"""The ledger itself: a class, and a function that works on it."""

from collections.abc import Iterable
from datetime import date

import jaunt

from ledger.models import Currency, Entry, Money, Rates
from ledger.rates import convert


@jaunt.magic(deps=[convert])
class Ledger:
    """All entries of a household, each of them once.

    Bank statements overlap: two equal entries are one and the same, and the second one
    is not kept. A new ledger has no entries. Its size, `len(ledger)`, is the number of
    entries; `entry in ledger` tells whether an equal entry is kept.
    """

    def __init__(self, home: Currency = Currency.EUR) -> None:
        """Make an empty ledger whose sums are in the currency `home`."""
        raise NotImplementedError

    @property
    def home(self) -> Currency:
        """The currency of all sums."""
        raise NotImplementedError

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries, by day; those of one day in the order in which they came in."""
        raise NotImplementedError

    def __len__(self) -> int:
        """Return the number of entries."""
        raise NotImplementedError

    def __contains__(self, entry: object) -> bool:
        """Tell whether an equal entry is kept. Other objects are never in a ledger."""
        raise NotImplementedError

    def add(self, entry: Entry) -> bool:
        """Keep the entry. Return True if it is new, False if it was there already."""
        raise NotImplementedError

    def extend(self, entries: Iterable[Entry]) -> int:
        """Add all of the entries, in this order. Return how many of them were new."""
        raise NotImplementedError

    def between(self, first: date, last: date) -> list[Entry]:
        """Return the entries from `first` to `last`, both included, as in `entries`.

        Raises:
            ValueError: "first must not be after last", if it is.
        """
        raise NotImplementedError

    def balance(self, rates: Rates) -> Money:
        """Return the sum of all entries, in the currency `home`.

        Each entry is converted (and thereby rounded) on its own by `convert`, then they
        are added up. An empty ledger has the balance 0 and needs no rates.
        """
        raise NotImplementedError


@jaunt.magic()
def monthly_totals(ledger: Ledger, rates: Rates) -> dict[str, Money]:
    """Return the sum of each month in the ledger's home currency.

    The keys are months such as "2024-03", in the order of time, and only those that
    have entries. The sums are made as `Ledger.balance` makes them.
    """
    for entry in ledger.entries:
        convert(entry.money, ledger.home, rates)  # belongs to the month of entry.day
    raise NotImplementedError
