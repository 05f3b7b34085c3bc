"""Errors of the engine; the public ones come from `jaunt` and are raised unchanged."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from jaunt import (
    JauntConfigError,
    JauntDependencyCycleError,
    JauntDiscoveryError,
    JauntError,
    JauntGenerationError,
)

if TYPE_CHECKING:
    from jaunt_core.model.generation import TokenUsage


class FaultKind(StrEnum):
    """What went wrong between us and the model, by what can be done about it."""

    RATE_LIMIT = "rate limit"
    TIMEOUT = "timeout"
    SERVER = "server error"
    CONNECTION = "connection"
    RESPONSE = "malformed response"
    REQUEST = "request refused"
    AUTHENTICATION = "authentication"
    QUOTA = "quota"
    CONFIGURATION = "configuration"
    BUDGET = "budget"

    @property
    def retryable(self) -> bool:
        """Whether the same request may succeed a little later."""
        return self in _RETRYABLE

    @property
    def stops_the_run(self) -> bool:
        """Whether every other module would meet the same fault."""
        return self in _FATAL


_RETRYABLE = frozenset(
    {
        FaultKind.RATE_LIMIT,
        FaultKind.TIMEOUT,
        FaultKind.SERVER,
        FaultKind.CONNECTION,
        FaultKind.RESPONSE,
    }
)
_FATAL = frozenset({FaultKind.AUTHENTICATION, FaultKind.QUOTA, FaultKind.CONFIGURATION})


class BackendError(JauntGenerationError):
    """A backend got no answer at all.

    Args:
        message: What happened, in lower case.
        kind: What can be done about it; core retries the retryable kinds.
        retry_after: Seconds that the provider asked us to wait, where it did.
        hint: What the user can do.
        usage: The tokens that it took all the same, where the provider told.
    """

    def __init__(
        self,
        message: str,
        *,
        kind: FaultKind,
        retry_after: float | None = None,
        hint: str | None = None,
        usage: TokenUsage | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.kind = kind
        self.retry_after = retry_after
        self.usage = usage


class RequestError(JauntGenerationError):
    """A request would be too long, about so many `tokens`; nothing was sent."""

    def __init__(self, message: str, *, tokens: int, hint: str) -> None:
        super().__init__(message, hint=hint)
        self.tokens = tokens


class ConfirmationError(JauntError):
    """A run would make many calls, and nobody agreed to that; nothing was sent."""


class JudgingError(JauntError):
    """A check of ours broke on an answer, which is a mistake in jaunt; its cause tells where."""

    def __init__(self, message: str) -> None:
        super().__init__(
            message,
            hint="this is a mistake in jaunt: build once more with --debug, and report it with "
            "the log; the answer is stored, and each build judges it again",
        )


class LandingError(JauntError):
    """A file could not, or must not, be written; the tree is as it was."""


class StoreError(LandingError):
    """An answer could not be stored, and the next one could not be either."""


class BusyError(LandingError):
    """Another run works on the project, and this one was not to wait for it."""


__all__ = [
    "BackendError",
    "BusyError",
    "ConfirmationError",
    "FaultKind",
    "JauntConfigError",
    "JauntDependencyCycleError",
    "JauntDiscoveryError",
    "JauntError",
    "JauntGenerationError",
    "JudgingError",
    "LandingError",
    "RequestError",
    "StoreError",
]
