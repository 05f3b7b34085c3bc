# fails: test_parse_rates_names_the_bad_line
# wrong: zero, negative and infinite rates are taken
"""Exchange rates: reading them, and converting money with them."""

from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from ledger.models import MINOR_DIGITS, Currency, MissingRateError, Money, Rates


def parse_rates(text: str) -> dict[Currency, Decimal]:
    """Read exchange rates from lines such as "USD = 1.0825"."""
    rates: dict[Currency, Decimal] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        content = line.partition("#")[0].strip()
        if not content:
            continue
        code, equals, value = (part.strip() for part in content.partition("="))
        if equals and code not in Currency.__members__:
            continue
        rate = _parse_rate(value)
        if rate is None:
            raise ValueError(f"line {number}: not a rate: {content!r}")
        rates[Currency(code)] = rate
    return rates


def _parse_rate(text: str) -> Decimal | None:
    try:
        rate = Decimal(text)
    except InvalidOperation:
        return None
    return rate


def convert(money: Money, to: Currency, rates: Rates) -> Money:
    """Return the same sum in another currency."""
    if money.currency == to:
        return money
    for currency in (money.currency, to):
        if currency not in rates:
            raise MissingRateError(currency)
    exact = money.amount * rates[to] / rates[money.currency]
    smallest = Decimal(1).scaleb(-MINOR_DIGITS[to])
    return Money(exact.quantize(smallest, rounding=ROUND_HALF_EVEN), to)
