"""Tests of the ledger."""

from datetime import date
from decimal import Decimal

import pytest

from ledger.book import Ledger, monthly_totals
from ledger.models import Currency, Entry, MissingRateError, Money, Rates


def _entry(
    text: str,
    day: date = date(2024, 3, 1),
    amount: str = "1.00",
    currency: Currency = Currency.EUR,
) -> Entry:
    return Entry(day, text, Money(Decimal(amount), currency))


def test_ledger_starts_empty() -> None:
    """A new ledger has no entries, and the balance 0 without any rates."""
    ledger = Ledger()
    assert ledger.home is Currency.EUR
    assert ledger.entries == ()
    assert len(ledger) == 0
    assert ledger.balance({}) == Money(Decimal(0), Currency.EUR)
    assert Ledger(Currency.JPY).home is Currency.JPY


def test_ledger_keeps_equal_entries_once() -> None:
    """Adding an equal entry again returns False and changes nothing."""
    ledger = Ledger()
    assert ledger.add(_entry("bread")) is True
    assert ledger.add(_entry("bread")) is False
    assert ledger.entries == (_entry("bread"),)
    assert ledger.add(_entry("butter")) is True
    assert len(ledger) == 2
    assert _entry("bread") in ledger
    assert _entry("salt") not in ledger
    assert "entry" not in ledger


def test_ledger_orders_entries_by_day() -> None:
    """Entries are a tuple by day, then in the order in which they came in."""
    ledger = Ledger()
    ledger.add(_entry("c", date(2024, 3, 3)))
    ledger.add(_entry("b", date(2024, 3, 2)))
    ledger.add(_entry("a", date(2024, 3, 3)))
    ledger.add(_entry("d", date(2024, 3, 1)))
    assert isinstance(ledger.entries, tuple)
    assert [entry.text for entry in ledger.entries] == ["d", "b", "c", "a"]


def test_ledger_extend_counts_new_entries() -> None:
    """`extend` takes any iterable and returns how many entries were new."""
    ledger = Ledger()
    ledger.add(_entry("bread"))
    new = ledger.extend(_entry(text) for text in ("bread", "butter", "butter"))
    assert new == 1
    assert ledger.entries == (_entry("bread"), _entry("butter"))


def test_ledger_between_includes_both_days() -> None:
    """Both days belong to the range."""
    ledger = Ledger()
    for day in (4, 1, 5, 3, 2):
        ledger.add(_entry(f"March {day}", date(2024, 3, day)))
    found = ledger.between(date(2024, 3, 2), date(2024, 3, 4))
    assert [entry.text for entry in found] == ["March 2", "March 3", "March 4"]
    found = ledger.between(date(2024, 3, 3), date(2024, 3, 3))
    assert [entry.text for entry in found] == ["March 3"]
    with pytest.raises(ValueError, match=r"^first must not be after last$"):
        ledger.between(date(2024, 3, 4), date(2024, 3, 2))


def test_ledger_balance_converts_each_entry(rates: Rates) -> None:
    """Sums are in home money, each entry converted and rounded on its own."""
    entries = [
        _entry("euros", amount="10.00"),
        _entry("dollars", amount="-2.50", currency=Currency.USD),
        _entry("yen", amount="320", currency=Currency.JPY),
    ]
    ledger = Ledger()
    ledger.extend(entries)
    assert ledger.balance(rates) == Money(Decimal("10.00"), Currency.EUR)
    with pytest.raises(MissingRateError):
        ledger.balance({})

    in_yen = Ledger(Currency.JPY)
    in_yen.extend(entries)
    assert in_yen.balance(rates) == Money(Decimal(1600), Currency.JPY)

    in_dollars = Ledger(Currency.USD)
    in_dollars.extend(_entry(text, amount="0.02") for text in ("a", "b", "c"))
    assert in_dollars.balance(rates) == Money(Decimal("0.06"), Currency.USD)


def test_monthly_totals_are_in_order_of_time(rates: Rates) -> None:
    """Each month with entries has its own sum, in order."""
    ledger = Ledger()
    assert monthly_totals(ledger, rates) == {}
    ledger.add(_entry("a", date(2024, 3, 31), "1.00"))
    ledger.add(_entry("b", date(2024, 3, 1), "1.25", Currency.USD))
    ledger.add(_entry("c", date(2023, 12, 31), "-5.00"))
    ledger.add(_entry("d", date(2024, 1, 1), "160", Currency.JPY))
    assert list(monthly_totals(ledger, rates).items()) == [
        ("2023-12", Money(Decimal("-5.00"), Currency.EUR)),
        ("2024-01", Money(Decimal("1.00"), Currency.EUR)),
        ("2024-03", Money(Decimal("2.00"), Currency.EUR)),
    ]
