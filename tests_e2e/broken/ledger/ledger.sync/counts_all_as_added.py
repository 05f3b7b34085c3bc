# fails: test_sync_counts_known_entries
# wrong: known entries are counted as added
"""Getting statements and rates from elsewhere."""

import asyncio
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
    sources = await asyncio.gather(
        *(_read_source(address, fetch) for address in addresses)
    )
    added = known = 0
    failed: list[FailedSource] = []
    for source in sources:
        if isinstance(source, FailedSource):
            failed.append(source)
        else:
            ledger.extend(source)
            added += len(source)
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
