"""Which kind of fault a status or an error code of the API is, by what can be done about it."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from jaunt_core.backend import FaultKind

LATER = "build again later: what is done stays done"
QUOTA_CODES = frozenset(
    {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"},
)
_STATUS_DIGITS = 3
_KINDS: Mapping[int, FaultKind] = {
    401: FaultKind.AUTHENTICATION,
    402: FaultKind.QUOTA,
    403: FaultKind.AUTHENTICATION,
    408: FaultKind.TIMEOUT,
    409: FaultKind.SERVER,
    429: FaultKind.RATE_LIMIT,
    501: FaultKind.REQUEST,
    504: FaultKind.TIMEOUT,
    505: FaultKind.REQUEST,
}
_KINDS_OF_CODES: Mapping[str, FaultKind] = {
    "": FaultKind.SERVER,
    "invalid_api_key": FaultKind.AUTHENTICATION,
    "overloaded_error": FaultKind.SERVER,
    "rate_limit_error": FaultKind.RATE_LIMIT,
    "rate_limit_exceeded": FaultKind.RATE_LIMIT,
    "server_error": FaultKind.SERVER,
    "vector_store_timeout": FaultKind.SERVER,
}
_HINTS: Mapping[FaultKind, str] = {
    FaultKind.AUTHENTICATION: "check what this key may do, and the account that it belongs to",
    FaultKind.QUOTA: "check plan and billing of the account that the key belongs to",
    FaultKind.RATE_LIMIT: "build again later, or ask the provider for a higher limit",
    FaultKind.REQUEST: "check [llm]: this server or model may not take one of the settings",
}


def kind_of_status(status: int, code: str = "") -> FaultKind:
    """The kind of fault of an HTTP status, with the error code that came along."""
    if code in QUOTA_CODES:
        return FaultKind.QUOTA
    if status in _KINDS:
        return _KINDS[status]
    broken = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return FaultKind.SERVER if broken else FaultKind.REQUEST


def kind_of_code(code: str) -> FaultKind:
    """The kind of fault of an error that came with status 200; some codes are statuses."""
    if code in QUOTA_CODES:
        return FaultKind.QUOTA
    if code.isdecimal() and len(code) == _STATUS_DIGITS:
        return kind_of_status(int(code))
    return _KINDS_OF_CODES.get(code, FaultKind.REQUEST)


def kind_hint(kind: FaultKind) -> str:
    """What the user can do about a fault of this kind."""
    return _HINTS.get(kind, LATER)
