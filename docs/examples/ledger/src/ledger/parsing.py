"""Bank statements, from CSV text to entries."""

import jaunt

from ledger.models import MINOR_DIGITS, Currency, Entry, Money, StatementError


@jaunt.magic()
def parse_amount(text: str, currency: Currency) -> Money:
    """Read an amount the way that banks print it.

    An amount is an optional sign ("+" or "-"), then a whole number in ASCII digits, in
    which commas may separate groups of thousands (then all of them, correctly placed),
    then optionally a point and at least one but at most `MINOR_DIGITS[currency]`
    digits. Blanks around it do not matter, blanks inside it are not allowed.

    The amount of the result has exactly `MINOR_DIGITS[currency]` decimals.

    >>> from ledger.models import Currency
    >>> str(parse_amount("-1,234.5", Currency.EUR).amount)
    '-1234.50'

    Raises:
        ValueError: "not an amount in EUR: " and the repr of `text` as it was given (or
            JPY, or USD), for anything else.
    """
    fraction = text.strip().partition(".")[2]
    fraction.ljust(MINOR_DIGITS[currency], "0")  # and never more digits than that
    raise NotImplementedError


@jaunt.magic(deps=[parse_amount, StatementError])
def parse_statement(text: str) -> list[Entry]:
    """Read a bank statement in CSV, and return its entries in the order of the file.

    The text is CSV as the `csv` module reads it by default; a byte order mark at its
    beginning is ignored. The first line names the columns, which may come in any
    order:

    - date: as `datetime.date.fromisoformat` reads it
    - text: what the line is about, kept as it is
    - amount: as `parse_amount` reads it, in the currency of the row
    - currency: the code of a `Currency`
    - category: may be missing; where it is missing or empty, the category is "other"

    Other columns are ignored, and so are empty lines. Where a row has too few fields,
    the missing ones are empty.

    Raises:
        StatementError: for the first problem in the file. Its `line` is the physical
            line, counted from 1, in which the row ends (`line_num` of the reader), its
            `problem` is one of the following. In a row, they are looked for in this
            order.

            - "missing column 'amount'" in line 1: the first one missing of date, text,
              amount, currency. An empty text lacks all of them.
            - "not a date: '2024-02-30'"
            - "unknown currency: 'XXX'"
            - the message of the ValueError that `parse_amount` raised
    """
    raise NotImplementedError
