"""Test specs: one behaviour each, with inputs and expected results worked out from the spec.

In a project this would be `tests/test_prices.py`. There, import what you test and pass the object:

    from shop.prices import parse_price

    @jaunt.test(targets=[parse_price])

A typo is then found at once. This file passes strings, so that it can stand alone.
"""

from pathlib import Path

import jaunt


@jaunt.test(targets=["shop.prices:parse_price"], deps=["shop.prices:Price"])
def test_parse_price_reads_amount_and_currency() -> None:
    """Amounts are exact, and blanks around the text do not matter.

    - "12.50 EUR" -> 12.50 in EUR, whose amount is written as "12.50"
    - "7 USD" -> 7 in USD
    - " 1200 JPY " -> 1200 in JPY
    - "0.00 EUR" -> 0.00 in EUR
    """


@jaunt.test(targets=["shop.prices:parse_price"], deps=["shop.prices:PriceError"])
def test_parse_price_rejects_everything_else() -> None:
    """Anything else raises PriceError, "not a price: " and the repr of the text.

    Try "", "12.50", "EUR", "12.5 EUR", "12.505 EUR", "-1 EUR", "+1 EUR", "1,000 EUR", "12.50  EUR"
    (two blanks), "12.50 eur", "12.50 GBP", "12.50 JPY" (no decimals there) and "1 EUR" with the
    Arabic digit U+0661 for 1.
    """


@jaunt.test(targets=["shop.prices:total"], deps=["shop.prices:PriceError"])
def test_total_names_the_line_with_another_currency() -> None:
    """The first line in another currency is named, counted from 1 with the blank lines.

    "1 EUR", "", "2 USD", "3 JPY" in EUR -> PriceError, "line 3 is in USD, not EUR".
    """


@jaunt.test(targets=["shop.prices:total"])
def test_total_reads_an_open_file(tmp_path: Path) -> None:
    """The lines may come from an open file, read once and with their line ends.

    A file below `tmp_path` with the lines "1.25 EUR", "" and "2.50 EUR" -> 3.75 in EUR; an empty
    file -> 0 in EUR.
    """


@jaunt.test(targets=["shop.stock:Stock"], deps=["shop.stock:Item", "shop.stock:OutOfStockError"])
def test_stock_is_unchanged_when_too_much_is_taken() -> None:
    """Taking more than there is raises OutOfStockError and takes nothing.

    With 2 of Item("A1", "nut"): taking 5 raises it with `item`, `missing` 3 and the text "3 short
    of A1"; then 2 are still there: taking 2 returns 0, and the item is no longer in stock.
    """
