# fails: test_sync_adds_statements_in_the_order_given, test_sync_fetches_all_at_the_same_time
# wrong: each fetch waits for the one before
"""Getting statements and rates from elsewhere."""

from collections.abc import Sequence

from ledger.book import Ledger
from ledger.models import (
    Entry,
    FailedSource,
    Fetch,
    Money,
    StatementError,
    SyncResult,
)
from ledger.parsing import parse_statement
from ledger.rates import parse_rates


async def sync_ledger(
    ledger: Ledger, addresses: Sequence[str], fetch: Fetch
) -> SyncResult:
    """Fetch bank statements and add their entries to the ledger."""
    sources = [await _read_source(address, fetch) for address in addresses]
    added = known = 0
    failed: list[FailedSource] = []
    for source in sources:
        if isinstance(source, FailedSource):
            failed.append(source)
        else:
            new = ledger.extend(source)
            added += new
            known += len(source) - new
    return SyncResult(added=added, known=known, failed=tuple(failed))


async def _read_source(address: str, fetch: Fetch) -> list[Entry] | FailedSource:
    try:
        return parse_statement(await fetch(address))
    except (OSError, StatementError) as error:
        return FailedSource(address, str(error))


async def home_balance(ledger: Ledger, rates_address: str, fetch: Fetch) -> Money:
    """Return the balance of the ledger at the rates found at an address."""
    rates = parse_rates(await fetch(rates_address))
    return ledger.balance(rates)
