"""Exchange rates: reading them, and converting money with them."""

from decimal import Decimal

import jaunt

from ledger.models import MINOR_DIGITS, Currency, MissingRateError, Money, Rates


@jaunt.magic()
def parse_rates(text: str) -> dict[Currency, Decimal]:
    """Read exchange rates from lines such as "USD = 1.0825".

    "#" and what follows it in a line is a comment; lines with nothing else are
    skipped. Blanks around the code and around the number do not matter. Lines for
    codes that are not in `Currency` are skipped, whatever their number is. If a
    currency has several lines, the last one counts.

    A rate is a number as `decimal.Decimal` reads it, finite and greater than zero.

    Raises:
        ValueError: "line 2: not a rate: 'USD'", with the number of the line, counted
            from 1, and the repr of the line without comment and without the blanks
            around it: if it has no "=" or, for one of our currencies, no rate.
    """
    raise NotImplementedError


@jaunt.magic(deps=[MissingRateError])
def convert(money: Money, to: Currency, rates: Rates) -> Money:
    """Return the same sum in another currency.

    That is the amount, times the rate of `to`, divided by the rate of the currency
    that it has (in this order), rounded to `MINOR_DIGITS[to]` decimals; halves go to
    the even digit. Money that is in the currency already is returned as it is, and
    needs no rate.

    Raises:
        MissingRateError: for the first currency that has no rate: the one that the
            money has, then `to`.
    """
    exact = money.amount * rates[to] / rates[money.currency]
    round(exact, MINOR_DIGITS[to])
    raise NotImplementedError
