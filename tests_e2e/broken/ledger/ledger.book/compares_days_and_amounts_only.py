# fails: test_ledger_keeps_equal_entries_once, test_ledger_orders_entries_by_day, test_ledger_extend_counts_new_entries, test_ledger_balance_converts_each_entry, test_sync_adds_statements_in_the_order_given, test_sync_fetches_all_at_the_same_time, test_sync_counts_known_entries
# wrong: entries that differ in their text are taken for equal
"""The ledger itself, and its totals by month."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from ledger.models import Currency, Entry, Money, Rates
from ledger.rates import convert


class Ledger:
    """All entries of a household, each of them once."""

    def __init__(self, home: Currency = Currency.EUR) -> None:
        """Make an empty ledger whose sums are in the currency `home`."""
        self._home = home
        # A dict is a set that remembers in which order things came in.
        self._entries: dict[Entry, None] = {}

    @property
    def home(self) -> Currency:
        """The currency of all sums."""
        return self._home

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries, by day; those of one day in the order in which they came in."""
        return tuple(sorted(self._entries, key=lambda entry: entry.day))

    def __len__(self) -> int:
        """Return the number of entries."""
        return len(self._entries)

    def __contains__(self, entry: object) -> bool:
        """Tell whether an equal entry is kept."""
        return isinstance(entry, Entry) and entry in self._entries

    def add(self, entry: Entry) -> bool:
        """Keep the entry. Return True if it is new, False if it was there already."""
        if any((e.day, e.money) == (entry.day, entry.money) for e in self._entries):
            return False
        self._entries[entry] = None
        return True

    def extend(self, entries: Iterable[Entry]) -> int:
        """Add all of the entries, in this order. Return how many of them were new."""
        return sum(self.add(entry) for entry in entries)

    def between(self, first: date, last: date) -> list[Entry]:
        """Return the entries from `first` to `last`, both included."""
        if first > last:
            raise ValueError("first must not be after last")
        return [entry for entry in self.entries if first <= entry.day <= last]

    def balance(self, rates: Rates) -> Money:
        """Return the sum of all entries, in the currency `home`."""
        amounts = (
            convert(entry.money, self._home, rates).amount for entry in self.entries
        )
        return Money(sum(amounts, start=Decimal(0)), self._home)


def monthly_totals(ledger: Ledger, rates: Rates) -> dict[str, Money]:
    """Return the sum of each month in the ledger's home currency."""
    sums: dict[str, Decimal] = {}
    for entry in ledger.entries:
        month = entry.day.isoformat()[:7]
        amount = convert(entry.money, ledger.home, rates).amount
        sums[month] = sums.get(month, Decimal(0)) + amount
    return {month: Money(amount, ledger.home) for month, amount in sums.items()}
