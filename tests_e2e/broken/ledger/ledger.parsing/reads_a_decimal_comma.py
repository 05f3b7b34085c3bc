# fails: test_parse_amount_reads_bank_notation, test_parse_statement_reads_columns_by_name
# wrong: a comma is taken for the decimal point
"""Bank statements, from CSV text to entries."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from ledger.models import MINOR_DIGITS, Currency, Entry, Money, StatementError

_AMOUNT = re.compile(r"([+-]?)([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.([0-9]+))?")
_REQUIRED_COLUMNS = ("date", "text", "amount", "currency")


def parse_amount(text: str, currency: Currency) -> Money:
    """Read an amount the way that banks print it."""
    digits = MINOR_DIGITS[currency]
    match = _AMOUNT.fullmatch(text.strip())
    if match is None or len(match[3] or "") > digits:
        raise ValueError(f"not an amount in {currency}: {text!r}")
    sign, whole, fraction = match.groups(default="")
    number = f"{sign}{whole.replace(',', '.')}.{fraction}".rstrip(".")
    return Money(Decimal(number), currency)


def parse_statement(text: str) -> list[Entry]:
    """Read a bank statement in CSV, and return its entries in the order of the file."""
    lines = io.StringIO(text.removeprefix("\ufeff"), newline="")
    return list(_read_entries(csv.DictReader(lines, restval="")))


def _read_entries(rows: "csv.DictReader[str]") -> Iterator[Entry]:
    columns = rows.fieldnames or ()
    for column in _REQUIRED_COLUMNS:
        if column not in columns:
            raise StatementError(1, f"missing column {column!r}")
    for row in rows:
        try:
            yield _entry_of(row)
        except ValueError as error:
            raise StatementError(rows.line_num, str(error)) from None


def _entry_of(row: dict[str, str]) -> Entry:
    day = _parse_day(row["date"])
    currency = _parse_currency(row["currency"])
    return Entry(
        day=day,
        text=row["text"],
        money=parse_amount(row["amount"], currency),
        category=row.get("category") or "other",
    )


def _parse_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"not a date: {text!r}") from None


def _parse_currency(code: str) -> Currency:
    try:
        return Currency(code)
    except ValueError:
        raise ValueError(f"unknown currency: {code!r}") from None
