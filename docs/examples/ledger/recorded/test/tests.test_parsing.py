"""Tests of reading bank statements."""

import re
from datetime import date
from decimal import Decimal

import pytest

from ledger.models import Currency, Entry, Money, StatementError
from ledger.parsing import parse_amount, parse_statement


def test_parse_amount_reads_bank_notation() -> None:
    """Signs, thousands separators and missing decimals are understood."""
    amounts = {
        "12.34": "12.34",
        "+12.34": "12.34",
        "-12.34": "-12.34",
        "12": "12.00",
        "12.3": "12.30",
        "  7.00 ": "7.00",
        "0": "0.00",
        "1,234.50": "1234.50",
        "1234.50": "1234.50",
        "1,234,567": "1234567.00",
        "12345678901234567890123456789.01": "12345678901234567890123456789.01",
    }
    for text, expected in amounts.items():
        money = parse_amount(text, Currency.EUR)
        assert str(money.amount) == expected
        assert money.currency is Currency.EUR
    yen = parse_amount("1,500", Currency.JPY)
    assert str(yen.amount) == "1500"
    assert yen.currency is Currency.JPY


def test_parse_amount_rejects_other_notation() -> None:
    """Anything else raises ValueError with the currency and the repr of the text."""
    no_euros = ["", "abc", "1.234", "1.", ".5", "1,23", "12,3456.00", "1234,567"]
    no_euros += ["- 1", "--1", "1 000", "1e3", "NaN", "١.00"]
    for text in no_euros:
        message = re.escape(f"not an amount in EUR: {text!r}")
        with pytest.raises(ValueError, match=rf"^{message}$"):
            parse_amount(text, Currency.EUR)
    for text in ("1.5", "1.0"):
        with pytest.raises(ValueError, match=rf"^not an amount in JPY: '{text}'$"):
            parse_amount(text, Currency.JPY)


def test_parse_statement_reads_columns_by_name() -> None:
    """The columns are found in any order, entries come in the order of the file."""
    text = (
        "currency,note,amount,date,text,category\n"
        'EUR,thanks,"2,500.00",2024-03-31,Salary,income\n'
        "\n"
        "\n"
        'USD,,-12.50,2024-03-02,"Books,\nused",leisure\n'
        "JPY,cash,-1200,2024-03-01,Noodles,\n"
    )
    assert parse_statement(text) == [
        Entry(
            date(2024, 3, 31),
            "Salary",
            Money(Decimal("2500.00"), Currency.EUR),
            "income",
        ),
        Entry(
            date(2024, 3, 2),
            "Books,\nused",
            Money(Decimal("-12.50"), Currency.USD),
            "leisure",
        ),
        Entry(
            date(2024, 3, 1),
            "Noodles",
            Money(Decimal(-1200), Currency.JPY),
            "other",
        ),
    ]


def test_parse_statement_does_with_little() -> None:
    """A byte order mark is ignored, and category may be missing as a column."""
    assert parse_statement("\ufeffdate,text,amount,currency\n") == []
    text = "\ufeffdate,amount,currency,text\n2024-03-01,5.00,EUR\n"
    money = Money(Decimal("5.00"), Currency.EUR)
    assert parse_statement(text) == [Entry(date(2024, 3, 1), "", money, "other")]


def test_parse_statement_names_missing_columns() -> None:
    """A missing column is an error in line 1 that names the first one missing."""
    missing = {"": "date", "date,text,currency\n": "amount", "text,date\n": "amount"}
    for text, column in missing.items():
        with pytest.raises(StatementError) as caught:
            parse_statement(text)
        assert caught.value.line == 1
        assert caught.value.problem == f"missing column '{column}'"


def test_parse_statement_names_line_and_problem() -> None:
    """A bad row is an error with the line in which it ends, and the problem."""
    good = 'date,text,amount,currency\n\n2024-03-01,"two\nlines",1.00,EUR\n'
    problems = {
        "2024-02-30,bad,1.00,EUR": "not a date: '2024-02-30'",
        "2024-03-01,bad,1.00,XXX": "unknown currency: 'XXX'",
        "2024-03-01,bad,1.5,JPY": "not an amount in JPY: '1.5'",
        "2024-02-30,bad,much,XXX": "not a date: '2024-02-30'",
        "2024-03-01,bad,much,XXX": "unknown currency: 'XXX'",
    }
    for row, problem in problems.items():
        with pytest.raises(StatementError) as caught:
            parse_statement(f"{good}{row}\n")
        assert caught.value.line == 5
        assert caught.value.problem == problem
        assert str(caught.value) == f"line 5: {problem}"
