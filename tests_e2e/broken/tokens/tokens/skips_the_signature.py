# fails: test_verify_rejects_altered_tokens, test_verify_checks_the_time
# wrong: the signature is computed but not compared
"""Signed web tokens with HS256."""

import base64
import hashlib
import hmac
import time

from tokens import (
    MIN_KEY_BYTES,
    Claims,
    ExpiredTokenError,
    InvalidTokenError,
)

_HEADER = b'{"alg":"HS256","typ":"JWT"}'


def sign(message: bytes, key: bytes) -> str:
    """Return the HMAC-SHA-256 of `message` under `key` as base64url without padding."""
    if len(key) < MIN_KEY_BYTES:
        raise ValueError(f"key must have at least {MIN_KEY_BYTES} bytes")
    return _encode_segment(hmac.digest(key, message, hashlib.sha256))


def issue(claims: Claims, key: bytes) -> str:
    """Return the signed token for `claims`: three segments, joined by dots."""
    if claims.exp <= claims.iat:
        raise ValueError("exp must be later than iat")
    payload = claims.model_dump_json().encode()
    signed = f"{_encode_segment(_HEADER)}.{_encode_segment(payload)}"
    return f"{signed}.{sign(signed.encode(), key)}"


def verify(
    token: str, key: bytes, *, now: int | None = None, leeway: int = 0
) -> Claims:
    """Return the claims of a token that `issue` made with the same key."""
    if not token.isascii() or token.count(".") != 2:
        raise InvalidTokenError("malformed token")
    signed, _, signature = token.rpartition(".")
    if not sign(signed.encode(), key):
        raise InvalidTokenError("bad signature")
    claims = _read_claims(signed.partition(".")[2])
    if claims is None or issue(claims, key) != token:
        raise InvalidTokenError("malformed token")
    moment = int(time.time()) if now is None else now
    if moment >= claims.exp + leeway:
        raise ExpiredTokenError("token expired")
    return claims


def _encode_segment(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode_segment(segment: str) -> bytes:
    padding = "=" * (-len(segment) % 4)
    return base64.urlsafe_b64decode(segment + padding)


def _read_claims(segment: str) -> Claims | None:
    """Return the claims in a segment, or None if `issue` would not write them."""
    try:
        claims = Claims.model_validate_json(_decode_segment(segment))
    except ValueError:  # also binascii.Error and pydantic.ValidationError
        return None
    return claims if claims.exp > claims.iat else None
