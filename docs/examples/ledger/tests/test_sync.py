"""What fetching must do, as test specs.

The tests are plain functions that start an event loop with `asyncio.run`; `fetch` is a
small async function over a dict of texts. No network, and no plugin for pytest.
"""

import jaunt

from ledger.models import MissingRateError, Rates
from ledger.parsing import parse_statement
from ledger.rates import parse_rates
from ledger.sync import home_balance, sync_ledger


@jaunt.test(targets=[sync_ledger], deps=[parse_statement])
def test_sync_adds_statements_in_the_order_given() -> None:
    """Entries of one day stand in the order of the addresses, whichever came first.

    Two statements with one entry each, of the same day; the fetch of the first address
    waits until the second one has been fetched. The result is 2 added, 0 known, no
    failed sources.
    """
    ...


@jaunt.test(targets=[sync_ledger], deps=[parse_statement])
def test_sync_fetches_all_at_the_same_time() -> None:
    """Three fetches that all wait for each other come to an end.

    Let them meet in an `asyncio.Barrier(3)`, and give the whole run at most 5 seconds.
    All three entries are added.
    """
    ...


@jaunt.test(targets=[sync_ledger], deps=[parse_statement])
def test_sync_counts_known_entries() -> None:
    """Entries in the ledger before, or twice in what was fetched, are known.

    The ledger has entry A. The first statement has A and B, the second one B and C. The
    result is 2 added, 2 known. A second run adds 0 and knows 4. No addresses at all
    give SyncResult(0, 0).
    """
    ...


@jaunt.test(targets=[sync_ledger], deps=[parse_statement])
def test_sync_reports_failed_sources() -> None:
    """Sources that fail are listed in the order given, the others are added.

    Four addresses: one raises OSError("unreachable"), one is good, one is the text
    "nonsense" (a StatementError, "line 1: missing column 'date'"), one raises
    TimeoutError("too slow"). One entry is added, and the failed sources are the first,
    the third and the fourth address with these texts.
    """
    ...


@jaunt.test(targets=[sync_ledger], deps=[parse_statement])
def test_sync_lets_other_errors_through() -> None:
    """A RuntimeError of `fetch` for the second address reaches the caller.

    The ledger is still empty then, although the first statement was good.
    """
    ...


@jaunt.test(targets=[home_balance], deps=[parse_rates])
def test_home_balance_uses_the_rates_found(rates: Rates) -> None:
    """The balance is the one that the ledger has at the rates fetched.

    The ledger has 10.00 EUR and -2.50 USD. `fetch` returns, for the address "rates",
    the fixture `rates` written as lines "USD = 1.25" with a comment above. The result
    is 8.00 EUR, and equals `ledger.balance(rates)`.
    """
    ...


@jaunt.test(targets=[home_balance], deps=[parse_rates, MissingRateError])
def test_home_balance_lets_errors_through() -> None:
    """Every kind of error reaches the caller. The ledger has one entry, in USD.

    - OSError("unreachable") of `fetch`
    - the text "USD": ValueError, "line 1: not a rate: 'USD'"
    - the text "EUR = 1": MissingRateError, "no rate for USD"
    """
    ...
