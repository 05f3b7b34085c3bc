"""The one place where exceptions of the SDK become ours.

Every exception class that `openai` exports stands in `TRANSLATIONS`; a test fails on the day
when the SDK gets another one. This module imports `openai`, so it is itself imported late.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

import openai
import pydantic

from jaunt_backend_openai.redaction import shown
from jaunt_backend_openai.retry_after import parse_retry_after
from jaunt_core.errors import BackendError, FaultKind

_QUOTA_CODES = frozenset(
    {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"},
)
_TOO_LONG_CODES = frozenset({"context_length_exceeded", "string_above_max_length"})
_REDIRECTS = range(300, 400)
_MISSING_ROUTE = frozenset({404, 405, 501})
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What a message may say about the way to the server.

    `address` is fit to be shown; `custom` tells that the user set it. `key_env` is the variable
    that the key came from, empty where none was sent. `secrets` never appear in a message.
    """

    address: str
    custom: bool
    model: str
    key_env: str
    timeout: float
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def shown(self, text: str) -> str:
        """Foreign text as a message may repeat it."""
        return shown(text, secrets=self.secrets)


def fault_of(error: Exception, route: Route) -> BackendError:
    """Our error for one of `CAUGHT`.

    It is to be raised outside of the `except` block: the SDK's exceptions hold requests and
    bodies, and none of that may reach a traceback.
    """
    for cls in type(error).__mro__:
        if cls in TRANSLATIONS:
            return TRANSLATIONS[cls](error, route)
    raise TypeError(f"{type(error).__name__} is no exception of the road")


def is_missing_route(error: openai.APIStatusError) -> bool:
    """Whether the server says that it does not know the address, not the model."""
    return error.status_code in _MISSING_ROUTE and error.code != "model_not_found"


def failed_response_fault(code: str, message: str, route: Route) -> BackendError:
    """Our error for an answer that arrived and says that the model failed."""
    kind = FaultKind.REQUEST
    if code == "rate_limit_exceeded":
        kind = FaultKind.RATE_LIMIT
    elif code in {"server_error", "vector_store_timeout", ""}:
        kind = FaultKind.SERVER
    return BackendError(
        f"the model failed ({route.shown(code) or 'no code'}): {route.shown(message)}", kind=kind
    )


def malformed_fault(what: str, route: Route) -> BackendError:
    """Our error for an answer that is not what the API promises."""
    return BackendError(
        f"the server at {route.address} sent {what}",
        kind=FaultKind.RESPONSE,
        hint=_address_hint(route) if route.custom else None,
    )


def kind_of_status(status: int, code: str = "") -> FaultKind:
    """What can be done about an HTTP status, with the error code that came along."""
    if code in _QUOTA_CODES:
        return FaultKind.QUOTA
    if status in _KINDS:
        return _KINDS[status]
    broken = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return FaultKind.SERVER if broken else FaultKind.REQUEST


def _status_fault(error: Exception, route: Route) -> BackendError:
    assert isinstance(error, openai.APIStatusError)
    code = error.code or ""
    if error.type in _QUOTA_CODES:
        code = error.type
    kind = kind_of_status(error.status_code, code)
    label = f"{error.status_code} {route.shown(code)}".rstrip()
    text = route.shown(_server_text(error.body))
    if error.status_code == HTTPStatus.UNAUTHORIZED:
        # The server's own text quotes the key in whatever shortened form it likes.
        message, hint = _refused_key(label, route)
    else:
        message = f"the server at {route.address} answered {label}" + (f": {text}" if text else "")
        hint = _status_hint(error.status_code, code, text, route)
    return BackendError(
        message, kind=kind, retry_after=parse_retry_after(error.response.headers), hint=hint
    )


def _server_text(body: object) -> str:
    if isinstance(body, str):
        return body
    if isinstance(body, Mapping):
        for name in ("message", "detail", "error"):
            value = body.get(name)
            if isinstance(value, str):
                return value
    return "" if body is None else json.dumps(body, default=str)


def _refused_key(label: str, route: Route) -> tuple[str, str]:
    if not route.key_env:
        return (
            f"the server at {route.address} wants a key ({label})",
            "set the variable that `[llm] api_key_env` names to the server's key",
        )
    return (
        f"the server at {route.address} refused the key in ${route.key_env} ({label})",
        f"check the value of {route.key_env}, and that it belongs to this server",
    )


def _status_hint(status: int, code: str, text: str, route: Route) -> str | None:
    kind = kind_of_status(status, code)
    hints = {
        FaultKind.AUTHENTICATION: "check what this key may do, and the account that it belongs to",
        FaultKind.QUOTA: "check plan and billing of the account that the key belongs to",
    }
    if kind in hints:
        return hints[kind]
    if code in _TOO_LONG_CODES:
        return "use a model with a longer context in `[llm] model`, or split the spec module"
    if status in _REDIRECTS:
        return "write the address that the server redirects to into `[llm] base_url`"
    if code == "model_not_found" or (status == HTTPStatus.NOT_FOUND and "model" in text.lower()):
        return f"check `[llm] model` ({route.model}): this server or account may not have it"
    if status in _MISSING_ROUTE:
        return _address_hint(route)
    return None


def _address_hint(route: Route) -> str:
    return f"check `[llm] base_url` ({route.address}): it usually ends in /v1"


def _connection_fault(error: Exception, route: Route) -> BackendError:
    # The SDK says "Connection error." for all of them; the reason stands in the cause.
    reason = route.shown(str(error.__cause__ or ""))
    tail = f": {reason}" if reason else ""
    hint = "check the network connection and the proxy settings"
    if route.custom:
        hint = f"check that the server runs, and `[llm] base_url` ({route.address})"
    return BackendError(
        f"no connection to {route.address}{tail}", kind=FaultKind.CONNECTION, hint=hint
    )


def _timeout_fault(_: Exception, route: Route) -> BackendError:
    return BackendError(
        f"no answer from {route.address} within {route.timeout:g} s",
        kind=FaultKind.TIMEOUT,
        hint="a slow model may need a higher `[llm] timeout`",
    )


def _json_fault(_: Exception, route: Route) -> BackendError:
    return malformed_fault("an answer that is not whole JSON", route)


def _validation_fault(_: Exception, route: Route) -> BackendError:
    return malformed_fault("an answer of another form than the API promises", route)


def _reported_fault(error: Exception, route: Route) -> BackendError:
    return BackendError(
        f"the server at {route.address} reported an error: {route.shown(str(error))}",
        kind=FaultKind.SERVER,
    )


def _sdk_fault(error: Exception, route: Route) -> BackendError:
    return BackendError(
        f"the openai package refused the request: {route.shown(str(error))}",
        kind=FaultKind.REQUEST,
        hint="check the settings in [llm] and the OPENAI_* variables",
    )


TRANSLATIONS: Mapping[type, Callable[[Exception, Route], BackendError]] = {
    openai.APIConnectionError: _connection_fault,
    openai.APIError: _reported_fault,
    openai.APIResponseValidationError: _validation_fault,
    openai.APIStatusError: _status_fault,
    openai.APITimeoutError: _timeout_fault,
    openai.AuthenticationError: _status_fault,
    openai.BadRequestError: _status_fault,
    openai.ConflictError: _status_fault,
    openai.ContentFilterFinishReasonError: _sdk_fault,
    openai.InternalServerError: _status_fault,
    openai.InvalidWebhookSignatureError: _sdk_fault,
    openai.LengthFinishReasonError: _sdk_fault,
    openai.NotFoundError: _status_fault,
    openai.OAuthError: _status_fault,
    openai.OpenAIError: _sdk_fault,
    openai.PermissionDeniedError: _status_fault,
    openai.RateLimitError: _status_fault,
    openai.UnprocessableEntityError: _status_fault,
    openai.WebSocketConnectionClosedError: _connection_fault,
    openai.WebSocketQueueFullError: _sdk_fault,
    # These three travel through the SDK as they are.
    TimeoutError: _timeout_fault,
    UnicodeDecodeError: _json_fault,
    json.JSONDecodeError: _json_fault,
    pydantic.ValidationError: _validation_fault,
}
"""Every exception that a call may end with, and how it is told."""

CAUGHT: tuple[type[Exception], ...] = (
    openai.OpenAIError,
    TimeoutError,
    UnicodeDecodeError,
    json.JSONDecodeError,
    pydantic.ValidationError,
)
"""What a call has to catch; anything else is a bug and travels up untouched."""


__all__ = [
    "CAUGHT",
    "TRANSLATIONS",
    "Route",
    "failed_response_fault",
    "fault_of",
    "is_missing_route",
    "kind_of_status",
    "malformed_fault",
]
