"""Getting statements and rates from elsewhere.

Nothing here knows how to reach the network: who calls brings a `Fetch`.
"""

from collections.abc import Sequence

import jaunt

from ledger.book import Ledger
from ledger.models import Fetch, Money, StatementError, SyncResult
from ledger.parsing import parse_statement
from ledger.rates import parse_rates


@jaunt.magic(deps=[parse_statement, StatementError])
async def sync_ledger(
    ledger: Ledger, addresses: Sequence[str], fetch: Fetch
) -> SyncResult:
    """Fetch bank statements and add their entries to the ledger.

    All statements are fetched at the same time. Only when all of them have been read,
    their entries are added, statement after statement, in the order of `addresses`,
    whichever came first.

    A source fails if `fetch` raises an OSError (as a TimeoutError is) or if
    `parse_statement` raises a StatementError. It adds no entries, it does not stop the
    other sources, and it is reported as a `FailedSource` with the text of the error as
    its problem. Any other exception goes through to the caller; the ledger is then left
    as it was.

    Returns:
        How many entries were added, how many were known already (in the ledger before,
        or from a statement earlier in the list), and the failed sources, in the order
        of `addresses`.
    """
    # read all addresses with asyncio.gather
    # for each statement: ledger.extend(entries)
    raise NotImplementedError


@jaunt.magic()
async def home_balance(ledger: Ledger, rates_address: str, fetch: Fetch) -> Money:
    """Return the balance of the ledger at the rates found at an address.

    The text at `rates_address` is read by `parse_rates`. Errors of `fetch`, of
    `parse_rates` and of `Ledger.balance` go through to the caller.
    """
    parse_rates(await fetch(rates_address))  # and the balance at these rates
    raise NotImplementedError
