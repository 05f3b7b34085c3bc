"""The words that all modules of the ledger share. Written by hand."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias


class Currency(StrEnum):
    """The currencies that we keep accounts in."""

    EUR = "EUR"
    USD = "USD"
    JPY = "JPY"


MINOR_DIGITS: Mapping[Currency, int] = {
    Currency.EUR: 2,
    Currency.USD: 2,
    Currency.JPY: 0,
}
"""How many decimals an amount of money has."""

Rates: TypeAlias = Mapping[Currency, Decimal]
"""How much of each currency one and the same sum buys: EUR 1, USD 1.08, JPY 160."""

Fetch: TypeAlias = Callable[[str], Awaitable[str]]
"""Gets the text at an address; raises OSError if it cannot."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency."""

    amount: Decimal
    currency: Currency


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a bank statement. Money spent has a negative amount."""

    day: date
    text: str
    money: Money
    category: str = "other"


@dataclass(frozen=True, slots=True)
class FailedSource:
    """An address whose statement could not be read, and why."""

    address: str
    problem: str


@dataclass(frozen=True, slots=True)
class SyncResult:
    """What came of an attempt to bring a ledger up to date."""

    added: int
    known: int
    failed: tuple[FailedSource, ...] = ()


class StatementError(ValueError):
    """A bank statement that cannot be read."""

    def __init__(self, line: int, problem: str) -> None:
        """Make the error; its text is "line 3: what is wrong there"."""
        super().__init__(f"line {line}: {problem}")
        self.line = line
        self.problem = problem


class MissingRateError(LookupError):
    """No exchange rate is known for a currency."""

    def __init__(self, currency: Currency) -> None:
        """Make the error; its text is "no rate for USD"."""
        super().__init__(f"no rate for {currency}")
        self.currency = currency
