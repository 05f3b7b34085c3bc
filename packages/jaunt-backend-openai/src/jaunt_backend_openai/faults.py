"""Translate exceptions of the SDK into ours, here and nowhere else.

Every exception class that `openai` exports stands in `TRANSLATIONS`; a test fails on the day
when the SDK gets another one. This module imports `openai`, so it is itself imported late.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus

import openai
import pydantic

from jaunt_backend_openai.fault_kinds import (
    LATER,
    QUOTA_CODES,
    kind_hint,
    kind_of_code,
    kind_of_status,
)
from jaunt_backend_openai.redaction import public_address, redacted
from jaunt_backend_openai.retry_after import parse_retry_after
from jaunt_core.backend import BackendError, FaultKind, TokenUsage

_TOO_LONG_CODES = frozenset({"context_length_exceeded", "string_above_max_length"})
_REDIRECTS = range(300, 400)
_MISSING_ROUTE = frozenset({404, 405, 501})
# By name: what lies below the SDK is its own affair.
_UNREACHED = frozenset({"ConnectError", "ProxyError", "UnsupportedProtocol"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What an error message may say about the server and the way to it.

    `address` is fit to be shown; `custom` tells that the user set it. `key_env` is the variable
    that the key came from, empty where none was sent. `secrets` never appear in a message.
    """

    address: str
    custom: bool
    model: str
    key_env: str
    timeout: float
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def redacted(self, text: str) -> str:
        """Foreign text as a message may repeat it."""
        return redacted(text, secrets=self.secrets)


def fault_of(error: Exception, route: Route) -> BackendError:
    """Our error for any exception of a call, also of a reply that cannot be read.

    It is to be raised outside of the `except` block: the SDK's exceptions hold requests and
    bodies, and none of that may reach a traceback.
    """
    with suppress(Exception):  # what the server wrote may break the translation, too
        for cls in type(error).__mro__:
            if cls in TRANSLATIONS:
                return TRANSLATIONS[cls](error, route)
    return malformed_fault(f"an answer that cannot be read ({type(error).__name__})", route)


def is_missing_route(error: openai.APIStatusError) -> bool:
    """Whether the server says that it does not know the address, not the model."""
    return error.status_code in _MISSING_ROUTE and error.code != "model_not_found"


def reported_fault(error: object, route: Route, *, usage: TokenUsage | None = None) -> BackendError:
    """Our error for an error that an answer of status 200 reports, in whatever form.

    The Responses API does so for a model that failed, and gateways for any fault behind them.
    """
    code = str(_value_in(error, "code") or _value_in(error, "type") or "")
    message = _value_in(error, "message")
    text = error if isinstance(error, str) else message if isinstance(message, str) else ""
    return BackendError(
        f"the model failed ({route.redacted(code) or 'no code'}): {route.redacted(text)}",
        kind=kind_of_code(code),
        hint=kind_hint(kind_of_code(code)),
        usage=usage,
    )


def malformed_fault(what: str, route: Route, *, usage: TokenUsage | None = None) -> BackendError:
    """Our error for an answer that is not what the API promises."""
    return BackendError(
        f"the server at {route.address} sent {what}",
        kind=FaultKind.RESPONSE,
        hint=_address_hint(route) if route.custom else LATER,
        usage=usage,
    )


def _value_in(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)


def _status_fault(error: Exception, route: Route) -> BackendError:
    assert isinstance(error, openai.APIStatusError)
    # The SDK passes on what the server wrote, of any type.
    code = error.code if isinstance(error.code, str) else ""
    if isinstance(error.type, str) and error.type in QUOTA_CODES:
        code = error.type
    kind = kind_of_status(error.status_code, code)
    label = f"{error.status_code} {route.redacted(code)}".rstrip()
    text = route.redacted(_server_text(error.body))
    if error.status_code == HTTPStatus.UNAUTHORIZED:
        # The server's own text quotes the key in whatever shortened form it likes.
        message, hint = _refused_key(label, route)
    else:
        elsewhere = route.redacted(public_address(error.response.headers.get("location", "")))
        to = f" (to {elsewhere})" if elsewhere and error.status_code in _REDIRECTS else ""
        message = f"the server at {route.address} answered {label}{to}"
        message += f": {text}" if text else ""
        hint = _status_hint(error.status_code, code, text, route)
    wait = parse_retry_after(error.response.headers)
    if kind is FaultKind.RATE_LIMIT and wait:
        hint = f"the server asks to wait {wait:.0f} s: build again then, or ask for a higher limit"
    return BackendError(message, kind=kind, retry_after=wait, hint=hint)


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


def _status_hint(status: int, code: str, text: str, route: Route) -> str:
    kind = kind_of_status(status, code)
    if kind is not FaultKind.REQUEST:
        return kind_hint(kind)
    if code in _TOO_LONG_CODES:
        return "use a model with a longer context in `[llm] model`, or split the spec module"
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return "lower `[prompts] max_tokens`, or split the spec module"
    if status in _REDIRECTS:
        return (
            "redirects are not followed; if the new address is yours, write it to `[llm] base_url`"
        )
    if code == "model_not_found" or (status == HTTPStatus.NOT_FOUND and "model" in text.lower()):
        return f"check `[llm] model` ({route.model}): this server or account may not have it"
    if status in _MISSING_ROUTE:
        return _address_hint(route)
    return kind_hint(kind)


def _address_hint(route: Route) -> str:
    return f"check `[llm] base_url` ({route.address}): it usually ends in /v1"


def _connection_fault(error: Exception, route: Route) -> BackendError:
    # The SDK says "Connection error." for all of them; the reason stands in the cause.
    cause = error.__cause__
    reason = route.redacted(str(cause or ""))
    what, hint = f"no connection to {route.address}", _unreached_hint(reason, route)
    if type(cause).__name__ not in _UNREACHED:
        what = f"the connection to {route.address} broke"
        hint = "the server, or a proxy before it, closed it too soon; " + LATER
    tail = f": {reason}" if reason else ""
    return BackendError(what + tail, kind=FaultKind.CONNECTION, hint=hint)


def _unreached_hint(reason: str, route: Route) -> str:
    if "SSL" in reason:
        return "check that the address is one for https, and that this machine trusts the server"
    if route.custom:
        return f"check that the server runs, and `[llm] base_url` ({route.address})"
    return "check the network connection and the proxy settings"


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
        f"the server at {route.address} reported an error: {route.redacted(str(error))}",
        kind=FaultKind.SERVER,
        hint=LATER,
    )


def _sdk_fault(error: Exception, route: Route) -> BackendError:
    return BackendError(
        f"the openai package refused the request: {route.redacted(str(error))}",
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
"""Every exception that a call is known to raise, and what translates it."""
