"""Tests of fetching statements and rates."""

import asyncio
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest

from ledger.book import Ledger
from ledger.models import (
    Currency,
    Entry,
    FailedSource,
    Fetch,
    MissingRateError,
    Money,
    Rates,
    SyncResult,
)
from ledger.sync import home_balance, sync_ledger


def _entry(text: str, amount: str = "1.00", currency: Currency = Currency.EUR) -> Entry:
    return Entry(date(2024, 3, 1), text, Money(Decimal(amount), currency))


def _statement(*texts: str) -> str:
    """Return a statement with an entry of 1.00 EUR for each of the texts."""
    rows = [f"2024-03-01,{text},1.00,EUR\n" for text in texts]
    return "".join(["date,text,amount,currency\n", *rows])


def _fetch_from(answers: Mapping[str, str | Exception]) -> Fetch:
    async def fetch(address: str) -> str:
        answer = answers[address]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return fetch


def test_sync_adds_statements_in_the_order_given() -> None:
    """Entries of one day stand in the order of the addresses."""

    async def run() -> tuple[Ledger, SyncResult]:
        second_was_fetched = asyncio.Event()

        async def fetch(address: str) -> str:
            if address == "first":
                await asyncio.wait_for(second_was_fetched.wait(), timeout=5)
            else:
                second_was_fetched.set()
            return _statement(address)

        ledger = Ledger()
        return ledger, await sync_ledger(ledger, ["first", "second"], fetch)

    ledger, result = asyncio.run(run())
    assert ledger.entries == (_entry("first"), _entry("second"))
    assert result == SyncResult(added=2, known=0, failed=())


def test_sync_fetches_all_at_the_same_time() -> None:
    """Three fetches that all wait for each other come to an end."""
    addresses = ["a", "b", "c"]

    async def run() -> SyncResult:
        barrier = asyncio.Barrier(len(addresses))

        async def fetch(address: str) -> str:
            await barrier.wait()
            return _statement(address)

        sync = sync_ledger(Ledger(), addresses, fetch)
        return await asyncio.wait_for(sync, timeout=5)

    assert asyncio.run(run()) == SyncResult(added=3, known=0)


def test_sync_counts_known_entries() -> None:
    """Entries in the ledger before, or twice in what was fetched, are known."""
    ledger = Ledger()
    ledger.add(_entry("A"))
    fetch = _fetch_from({"one": _statement("A", "B"), "two": _statement("B", "C")})
    first = asyncio.run(sync_ledger(ledger, ["one", "two"], fetch))
    assert first == SyncResult(added=2, known=2)
    second = asyncio.run(sync_ledger(ledger, ["one", "two"], fetch))
    assert second == SyncResult(added=0, known=4)
    assert ledger.entries == (_entry("A"), _entry("B"), _entry("C"))
    assert asyncio.run(sync_ledger(ledger, [], fetch)) == SyncResult(0, 0)


def test_sync_reports_failed_sources() -> None:
    """Failed sources are listed in the order given, the others are added."""
    ledger = Ledger()
    fetch = _fetch_from(
        {
            "down": OSError("unreachable"),
            "good": _statement("bread"),
            "odd": "nonsense",
            "slow": TimeoutError("too slow"),
        }
    )
    result = asyncio.run(sync_ledger(ledger, ["down", "good", "odd", "slow"], fetch))
    assert ledger.entries == (_entry("bread"),)
    assert result == SyncResult(
        added=1,
        known=0,
        failed=(
            FailedSource("down", "unreachable"),
            FailedSource("odd", "line 1: missing column 'date'"),
            FailedSource("slow", "too slow"),
        ),
    )


def test_sync_lets_other_errors_through() -> None:
    """An unforeseen error reaches the caller, and the ledger is left as it was."""
    ledger = Ledger()
    fetch = _fetch_from({"good": _statement("bread"), "bug": RuntimeError("a bug")})
    with pytest.raises(RuntimeError, match=r"^a bug$"):
        asyncio.run(sync_ledger(ledger, ["good", "bug"], fetch))
    assert ledger.entries == ()


def test_home_balance_uses_the_rates_found(rates: Rates) -> None:
    """The balance is the one that the ledger has at the rates fetched."""
    ledger = Ledger()
    ledger.add(_entry("euros", "10.00"))
    ledger.add(_entry("dollars", "-2.50", Currency.USD))
    lines = [f"{currency} = {rate}\n" for currency, rate in rates.items()]
    fetch = _fetch_from({"rates": "".join(["# rates of the day\n", *lines])})
    balance = asyncio.run(home_balance(ledger, "rates", fetch))
    assert balance == Money(Decimal("8.00"), Currency.EUR)
    assert balance == ledger.balance(rates)


def test_home_balance_lets_errors_through() -> None:
    """Every kind of error reaches the caller."""
    ledger = Ledger()
    ledger.add(_entry("dollars", "5.00", Currency.USD))
    fetch = _fetch_from(
        {"down": OSError("unreachable"), "odd": "USD", "euros only": "EUR = 1"}
    )
    with pytest.raises(OSError, match=r"^unreachable$"):
        asyncio.run(home_balance(ledger, "down", fetch))
    with pytest.raises(ValueError, match=r"^line 1: not a rate: 'USD'$"):
        asyncio.run(home_balance(ledger, "odd", fetch))
    with pytest.raises(MissingRateError, match=r"^no rate for USD$"):
        asyncio.run(home_balance(ledger, "euros only", fetch))
