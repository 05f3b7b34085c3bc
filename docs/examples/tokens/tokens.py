"""Signed web tokens: JSON Web Tokens with HS256, by the standard library alone.

The types are written by hand, the functions are specs. Each function builds on the one
before it, so a change to `sign` concerns all three.
"""

import jaunt
from pydantic import BaseModel, ConfigDict, Field

MIN_KEY_BYTES = 16


class Claims(BaseModel):
    """What a token says about its bearer. Times are whole seconds since the epoch."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sub: str = Field(min_length=1, description="who the bearer is")
    iat: int = Field(ge=0, description="when the token was issued")
    exp: int = Field(ge=0, description="from when on it is no longer valid")
    scope: tuple[str, ...] = Field(default=(), description="what the bearer may do")


class TokenError(Exception):
    """A token that must not be accepted."""


class InvalidTokenError(TokenError):
    """Not one of our tokens: malformed, altered, or signed with another key."""


class ExpiredTokenError(TokenError):
    """One of our tokens, but too old."""


@jaunt.magic()
def sign(message: bytes, key: bytes) -> str:
    """Return the HMAC-SHA-256 of `message` under `key` as base64url without padding.

    base64url is the alphabet with "-" and "_" instead of "+" and "/"; the trailing "="
    is left out, so the result always has 43 characters.

    Raises:
        ValueError: "key must have at least 16 bytes", if `key` is shorter than
            `MIN_KEY_BYTES`.
    """
    raise NotImplementedError


@jaunt.magic(deps=[sign])
def issue(claims: Claims, key: bytes) -> str:
    """Return the signed token for `claims`: three segments, joined by dots.

    1. the header, exactly the JSON text {"alg":"HS256","typ":"JWT"}
    2. the claims, exactly the JSON text that `claims.model_dump_json()` gives
    3. the signature: `sign` of the first two segments with the dot between them

    The first two are UTF-8, encoded as base64url without padding, as in `sign`.

    Raises:
        ValueError: "exp must be later than iat", if it is not; and what `sign` raises.
    """
    # header.claims, then sign(b"header.claims", key)
    raise NotImplementedError


@jaunt.magic(deps=[sign, issue])
def verify(
    token: str, key: bytes, *, now: int | None = None, leeway: int = 0
) -> Claims:
    """Return the claims of a token that `issue` made with the same key.

    Nothing of the token is decoded before its signature has been checked, and the
    signatures are compared in constant time (`hmac.compare_digest`). `now` is in whole
    seconds since the epoch; None means the current time, rounded down. A token is
    valid while `now` is less than `exp` plus `leeway`; `iat` is not compared with
    `now`.

    Whatever text comes in, the checks are made in the order given here.

    Raises:
        ValueError: what `sign` raises for a key that is too short.
        InvalidTokenError: "malformed token", if it is not pure ASCII or not three
            segments separated by dots; "bad signature", if the third segment is not
            the signature of the first two; "malformed token" again, if the token is
            properly signed but not, character for character, what `issue` returns for
            the claims in it (another header, other JSON, invalid claims).
        ExpiredTokenError: "token expired", if it is no longer valid.
    """
    raise NotImplementedError
