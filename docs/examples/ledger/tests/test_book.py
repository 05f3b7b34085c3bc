"""What the ledger must do, as test specs."""

import jaunt

from ledger.book import Ledger, monthly_totals
from ledger.models import MissingRateError, Rates


@jaunt.test(targets=[Ledger])
def test_ledger_starts_empty() -> None:
    """A new ledger has no entries, size 0, and the balance 0 without any rates.

    Its home is EUR, unless it is made with another one: Ledger(Currency.JPY).
    """
    ...


@jaunt.test(targets=[Ledger])
def test_ledger_keeps_equal_entries_once() -> None:
    """Adding an equal entry again returns False and changes nothing.

    The first time `add` returns True. An entry that differs in its text alone is
    another entry. `entry in ledger` is true for an equal entry that is another object,
    false for one that was not added, and false for the string "entry".
    """
    ...


@jaunt.test(targets=[Ledger])
def test_ledger_orders_entries_by_day() -> None:
    """Entries are a tuple by day; within a day, in the order in which they came in.

    Add, in this order: "c" of March 3, "b" of March 2, "a" of March 3, "d" of March 1.
    The texts then are "d", "b", "c", "a".
    """
    ...


@jaunt.test(targets=[Ledger])
def test_ledger_extend_counts_new_entries() -> None:
    """`extend` takes any iterable, also a generator, and returns how many were new.

    Of three entries, one of which is in the ledger and two of which are equal to each
    other, one is new.
    """
    ...


@jaunt.test(targets=[Ledger])
def test_ledger_between_includes_both_days() -> None:
    """March 2 to March 4 gives the entries of March 2, 3 and 4, not those of 1 and 5.

    They come by day, although they were added in another order. One day alone, March 3
    to March 3, works. March 4 to March 2 raises ValueError, "first must not be after
    last".
    """
    ...


@jaunt.test(targets=[Ledger], deps=[MissingRateError])
def test_ledger_balance_converts_each_entry(rates: Rates) -> None:
    """With the fixture `rates` (1 EUR is 1.25 USD or 160 JPY), sums are in home money.

    - 10.00 EUR, -2.50 USD and 320 JPY are 10.00 EUR in a ledger whose home is EUR
    - the same entries are 1600 JPY in a ledger whose home is JPY
    - three different entries of 0.02 EUR are 0.06 USD in a ledger whose home is USD,
      since each of them is rounded to 0.02
    - a USD entry and no rates raise MissingRateError
    """
    ...


@jaunt.test(targets=[monthly_totals])
def test_monthly_totals_are_in_order_of_time(rates: Rates) -> None:
    """With the fixture `rates`, each month with entries has its own sum, in order.

    Entries, in the order of adding: 1.00 EUR on 2024-03-31, 1.25 USD on 2024-03-01,
    -5.00 EUR on 2023-12-31, 160 JPY on 2024-01-01. The totals, compared as a list of
    pairs, are 2023-12: -5.00, 2024-01: 1.00, 2024-03: 2.00, all in EUR. An empty ledger
    has no totals.
    """
    ...
