"""Tests of exchange rates."""

import re
from decimal import Decimal

import pytest

from ledger.models import Currency, MissingRateError, Money, Rates
from ledger.rates import convert, parse_rates


def _money(amount: str, currency: Currency) -> Money:
    return Money(Decimal(amount), currency)


def test_parse_rates_reads_lines() -> None:
    """Comments, blanks, empty lines and currencies of others do no harm."""
    text = (
        "# rates of the day\n"
        "\n"
        "EUR = 1\n"
        "  USD=1.0825  \n"
        "CHF = 0.95\n"
        "XXX = unknown\n"
        "JPY = 150\n"
        "JPY = 160.5 # corrected\n"
    )
    assert parse_rates(text) == {
        Currency.EUR: Decimal(1),
        Currency.USD: Decimal("1.0825"),
        Currency.JPY: Decimal("160.5"),
    }
    assert parse_rates("") == {}


def test_parse_rates_names_the_bad_line() -> None:
    """A line that is no rate raises ValueError with its number and its content."""
    lines = {
        "USD": "USD",
        "USD = ": "USD =",
        "USD = much": "USD = much",
        "  USD = much  # why": "USD = much",
        "USD = 0": "USD = 0",
        "USD = -1": "USD = -1",
        "USD = NaN": "USD = NaN",
        "USD = Infinity": "USD = Infinity",
    }
    for line, content in lines.items():
        message = re.escape(f"line 3: not a rate: {content!r}")
        with pytest.raises(ValueError, match=rf"^{message}$"):
            parse_rates(f"# rates\n\n{line}\n")


def test_convert_uses_both_rates(rates: Rates) -> None:
    """Money goes from any currency to any other, with the decimals of the other."""
    conversions = [
        (_money("100.00", Currency.EUR), _money("125.00", Currency.USD)),
        (_money("125.00", Currency.USD), _money("100.00", Currency.EUR)),
        (_money("10.00", Currency.USD), _money("1280", Currency.JPY)),
        (_money("1280", Currency.JPY), _money("10.00", Currency.USD)),
        (_money("-3.00", Currency.EUR), _money("-480", Currency.JPY)),
    ]
    for money, expected in conversions:
        converted = convert(money, expected.currency, rates)
        assert converted == expected
        assert str(converted.amount) == str(expected.amount)


def test_convert_rounds_halves_to_even(rates: Rates) -> None:
    """Halves go to the even digit, everything else to the nearest."""
    dollars = {"0.02": "0.02", "-0.02": "-0.02", "0.06": "0.08"}
    dollars |= {"0.01": "0.01", "0.03": "0.04"}
    for euros, expected in dollars.items():
        converted = convert(_money(euros, Currency.EUR), Currency.USD, rates)
        assert converted == _money(expected, Currency.USD)
    yen = convert(_money("0.01", Currency.EUR), Currency.JPY, rates)
    assert yen == _money("2", Currency.JPY)


def test_convert_leaves_its_own_currency_alone() -> None:
    """Money that is in the currency already needs no rate and is not rounded."""
    money = _money("1.005", Currency.EUR)
    assert convert(money, Currency.EUR, {}) == money


def test_convert_names_the_missing_rate() -> None:
    """A missing rate raises MissingRateError that carries the currency."""
    dollar = _money("1.00", Currency.USD)
    with pytest.raises(MissingRateError, match=r"^no rate for USD$") as caught:
        convert(dollar, Currency.EUR, {Currency.EUR: Decimal(1)})
    assert caught.value.currency is Currency.USD
    with pytest.raises(MissingRateError) as caught:
        convert(dollar, Currency.EUR, {Currency.USD: Decimal(1)})
    assert caught.value.currency is Currency.EUR
    with pytest.raises(MissingRateError) as caught:
        convert(dollar, Currency.JPY, {})
    assert caught.value.currency is Currency.USD
