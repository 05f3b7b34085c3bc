"""What the tests share. Written by hand; the generated tests use it like any other."""

from decimal import Decimal

import pytest

from ledger.models import Currency, Rates


@pytest.fixture
def rates() -> Rates:
    """Round numbers: 1 EUR is 1.25 USD or 160 JPY."""
    return {
        Currency.EUR: Decimal(1),
        Currency.USD: Decimal("1.25"),
        Currency.JPY: Decimal(160),
    }
