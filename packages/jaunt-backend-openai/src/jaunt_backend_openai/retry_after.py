"""Parse how long a server asks us to wait."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def parse_retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """The seconds that the headers ask for, never negative; None where they say nothing.

    Reads `retry-after-ms`, then `Retry-After` in seconds or as an HTTP date (RFC 9110, 10.2.3).
    The keys of `headers` are found whatever their case only if the mapping does so itself.
    """
    for name, divisor in (("retry-after-ms", 1000), ("retry-after", 1)):
        seconds = _number(headers.get(name, ""))
        if seconds is not None:
            return max(0.0, seconds / divisor)
    return _seconds_until(headers.get("retry-after", ""), now or datetime.now(UTC))


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _seconds_until(text: str, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return max(0.0, (moment - now).total_seconds())
    except (ValueError, OverflowError):  # a year, or a time zone, that no clock knows
        return None
