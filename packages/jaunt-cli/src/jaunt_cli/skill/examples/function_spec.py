"""Function specs: handwritten words first, then functions that build on each other.

In a project this would be `src/shop/prices.py`. Everything above the first spec is handwritten
and stays so: the specs name it, and so the model sees it.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

import jaunt

CURRENCIES = ("EUR", "USD", "JPY")
"""The currencies that prices may have."""


@dataclass(frozen=True)
class Price:
    """An amount in one of the `CURRENCIES`."""

    amount: Decimal
    currency: str


class PriceError(ValueError):
    """A text that is no price."""


@jaunt.magic(deps=[PriceError])
def parse_price(text: str) -> Price:
    """Read a price such as "12.50 EUR".

    A price is an amount, one blank, and one of the `CURRENCIES`. The amount is a whole number in
    ASCII digits without sign, optionally followed by a point and exactly two digits; JPY has no
    decimals. Blanks around the text do not matter.

    >>> parse_price("12.50 EUR")
    Price(amount=Decimal('12.50'), currency='EUR')

    Raises:
        PriceError: "not a price: " and the repr of `text`, for anything else.
    """
    raise NotImplementedError


@jaunt.magic(deps=[parse_price])
def total(lines: Iterable[str], currency: str) -> Price:
    """Add up one price per line.

    Each line is read by `parse_price`; lines of blanks only do not count. The sum of no lines is 0.

    Raises:
        PriceError: From `parse_price`, or "line 2 is in USD, not EUR" for the first line (counted
            from 1) in another currency.
    """
    # one pass: `lines` may be a generator
    raise NotImplementedError


@jaunt.magic(deps=[parse_price], prompt="standard library only")
async def cheapest(addresses: Iterable[str], fetch: Callable[[str], Awaitable[str]]) -> Price:
    """Fetch the price at each address, all at the same time, and return the lowest.

    Among equal prices the first address wins. Errors of `fetch` and of `parse_price` go through.

    Raises:
        ValueError: "no addresses", if there are none; "several currencies", if they differ.
    """
    raise NotImplementedError


@jaunt.magic()
def voucher_codes() -> Iterator[str]:
    """Yield "A0000", "A0001" and so on; "B0000" follows on "A9999", and "Z9999" is the last."""
    raise NotImplementedError
    yield  # makes this a generator, as the code will be
