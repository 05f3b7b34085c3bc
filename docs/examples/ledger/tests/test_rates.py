"""What exchange rates must do, as test specs."""

import jaunt

from ledger.models import MissingRateError, Rates
from ledger.rates import convert, parse_rates


@jaunt.test(targets=[parse_rates])
def test_parse_rates_reads_lines() -> None:
    """Comments, blanks, empty lines and currencies of others do no harm.

    The lines are: a comment alone, an empty line, "EUR = 1", "  USD=1.0825  ",
    "CHF = 0.95", "XXX = unknown", "JPY = 150" and "JPY = 160.5 # corrected". They give
    EUR 1, USD 1.0825 and JPY 160.5 and nothing else. Empty text gives no rates.
    """
    ...


@jaunt.test(targets=[parse_rates])
def test_parse_rates_names_the_bad_line() -> None:
    """A line that is no rate raises ValueError with its number and its content.

    As the third line of a text, after "# rates" and an empty line: "USD", "USD = ",
    "USD = much", "USD = 0", "USD = -1", "USD = NaN", "USD = Infinity". The message is
    "line 3: not a rate: 'USD = much'", also if the line was "  USD = much  # why".
    """
    ...


@jaunt.test(targets=[convert])
def test_convert_uses_both_rates(rates: Rates) -> None:
    """The fixture `rates` says that 1 EUR is 1.25 USD or 160 JPY.

    - 100.00 EUR -> 125.00 USD, 125.00 USD -> 100.00 EUR
    - 10.00 USD -> 1280 JPY, 1280 JPY -> 10.00 USD
    - -3.00 EUR -> -480 JPY

    The results have the decimals of their currency: compare the amounts as text too.
    """
    ...


@jaunt.test(targets=[convert])
def test_convert_rounds_halves_to_even(rates: Rates) -> None:
    """With the fixture `rates`, from EUR to USD.

    - 0.02 EUR is 0.025 USD -> 0.02, and -0.02 EUR -> -0.02
    - 0.06 EUR is 0.075 USD -> 0.08
    - 0.01 EUR is 0.0125 USD -> 0.01, 0.03 EUR is 0.0375 USD -> 0.04
    - 0.01 EUR is 1.6 JPY -> 2
    """
    ...


@jaunt.test(targets=[convert])
def test_convert_leaves_its_own_currency_alone() -> None:
    """Money that is in the currency already comes back equal, with no rates at all.

    1.005 EUR to EUR stays 1.005 EUR: it is not even rounded.
    """
    ...


@jaunt.test(targets=[convert], deps=[MissingRateError])
def test_convert_names_the_missing_rate() -> None:
    """A missing rate raises MissingRateError that carries the currency.

    - USD to EUR with a rate for EUR alone -> USD, "no rate for USD"
    - USD to EUR with a rate for USD alone -> EUR
    - USD to JPY with no rates -> USD
    """
    ...
