"""Tests of signed web tokens."""

import base64
import json
import string
import time

import pytest

from tokens import (
    Claims,
    ExpiredTokenError,
    InvalidTokenError,
    issue,
    sign,
    verify,
)

KEY = b"k" * 32
OTHER_KEY = b"o" * 32
HEADER = '{"alg":"HS256","typ":"JWT"}'


def _claims(
    sub: str = "user-7",
    iat: int = 1000,
    exp: int = 2000,
    scope: tuple[str, ...] = ("read", "write"),
) -> Claims:
    return Claims(sub=sub, iat=iat, exp=exp, scope=scope)


def _encode(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def _decode(segment: str) -> str:
    padding = "=" * (-len(segment) % 4)
    return base64.urlsafe_b64decode(segment + padding).decode()


def _sign_segments(header: str, claims: str) -> str:
    signed = f"{header}.{claims}"
    return f"{signed}.{sign(signed.encode(), KEY)}"


def test_sign_known_answer() -> None:
    """`sign` agrees with test case 3 of RFC 4231."""
    digest = bytes.fromhex(
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
    )
    expected = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    assert sign(b"\xdd" * 50, b"\xaa" * 20) == expected


def test_sign_depends_on_message_and_key() -> None:
    """Signatures differ by message and by key, and use the base64url alphabet."""
    messages = [str(number).encode() for number in range(200)]
    signatures = [sign(message, KEY) for message in messages]
    assert len(set(signatures)) == len(messages)
    assert signatures == [sign(message, KEY) for message in messages]
    assert not set(signatures) & {sign(message, OTHER_KEY) for message in messages}
    assert {len(signature) for signature in signatures} == {43}
    assert set("".join(signatures)) == set(string.ascii_letters + string.digits + "-_")


def test_sign_rejects_short_keys() -> None:
    """Keys have at least 16 bytes."""
    with pytest.raises(ValueError, match=r"^key must have at least 16 bytes$"):
        sign(b"message", b"k" * 15)
    assert len(sign(b"message", b"k" * 16)) == 43


def test_issue_writes_header_claims_and_signature() -> None:
    """A token has three segments without padding that decode to what was put in."""
    header, claims, signature = issue(_claims(), KEY).split(".")
    assert _decode(header) == HEADER
    assert json.loads(_decode(claims)) == {
        "sub": "user-7",
        "iat": 1000,
        "exp": 2000,
        "scope": ["read", "write"],
    }
    assert signature == sign(f"{header}.{claims}".encode(), KEY)
    for sub in ("a", "ab", "abc", "é"):
        token = issue(_claims(sub=sub), KEY)
        assert "=" not in token
        assert json.loads(_decode(token.split(".")[1]))["sub"] == sub


def test_issue_rejects_claims_that_expire_at_once() -> None:
    """A token must live for at least one second."""
    for exp in (1000, 999):
        with pytest.raises(ValueError, match=r"^exp must be later than iat$"):
            issue(_claims(exp=exp), KEY)
    assert issue(_claims(exp=1001), KEY).count(".") == 2


def test_verify_returns_the_claims() -> None:
    """What `issue` made comes back equal."""
    for claims in (_claims(), _claims(scope=()), _claims(sub="é")):
        assert verify(issue(claims, KEY), KEY, now=1500) == claims


def test_verify_rejects_altered_tokens() -> None:
    """An altered token has a bad signature."""
    token = issue(_claims(), KEY)
    signed, _, _ = token.rpartition(".")
    other_signature = issue(_claims(sub="user-8"), KEY).rpartition(".")[2]
    altered = [f"{signed}.{other_signature}", f"{signed}."]
    for position, char in enumerate(token):
        if char != ".":
            replacement = "B" if char == "A" else "A"
            altered.append(token[:position] + replacement + token[position + 1 :])
    for text in altered:
        with pytest.raises(InvalidTokenError, match=r"^bad signature$"):
            verify(text, KEY, now=1500)
    with pytest.raises(InvalidTokenError, match=r"^bad signature$"):
        verify(token, OTHER_KEY, now=1500)


def test_verify_rejects_malformed_text() -> None:
    """Text of another shape is no token."""
    token = issue(_claims(), KEY)
    for text in ("", "abc", "a.b", "a.b.c.d", f"{token}.", f"{token}é"):
        with pytest.raises(InvalidTokenError, match=r"^malformed token$"):
            verify(text, KEY, now=1500)


def test_verify_rejects_signed_tokens_that_issue_never_makes() -> None:
    """A good signature is not enough."""
    good = _claims().model_dump_json()
    header = _encode(HEADER)
    wrong_claims = [
        "no json",
        '{"iat":1000,"exp":2000,"scope":[]}',
        '{"sub":"user-7","iat":1000,"exp":2000,"scope":[],"admin":true}',
        '{"sub":"user-7","iat":1000,"exp":"2000","scope":[]}',
        '{"sub":"user-7","iat":1000,"exp":1000,"scope":[]}',
        good.replace(",", ", "),
    ]
    tokens = [_sign_segments(header, _encode(claims)) for claims in wrong_claims]
    tokens.append(_sign_segments(header, "!"))
    tokens.append(_sign_segments(_encode('{"alg":"none","typ":"JWT"}'), _encode(good)))
    for token in tokens:
        with pytest.raises(InvalidTokenError, match=r"^malformed token$"):
            verify(token, KEY, now=1500)


def test_verify_checks_the_time() -> None:
    """A token ends at exp, or `leeway` seconds later."""
    claims = _claims()
    token = issue(claims, KEY)
    assert verify(token, KEY, now=1999) == claims
    assert verify(token, KEY, now=2004, leeway=5) == claims
    assert verify(token, KEY, now=0) == claims
    for now, leeway in ((2000, 0), (2001, 0), (2005, 5)):
        with pytest.raises(ExpiredTokenError, match=r"^token expired$"):
            verify(token, KEY, now=now, leeway=leeway)

    with pytest.raises(ExpiredTokenError, match=r"^token expired$"):
        verify(token, KEY)
    current = int(time.time())
    fresh = _claims(iat=current, exp=current + 3600)
    assert verify(issue(fresh, KEY), KEY) == fresh

    altered = token.replace(".", "A.", 1)
    with pytest.raises(InvalidTokenError, match=r"^bad signature$"):
        verify(altered, KEY, now=3000)


def test_verify_rejects_short_keys() -> None:
    """Keys have at least 16 bytes."""
    token = issue(_claims(), KEY)
    with pytest.raises(ValueError, match=r"^key must have at least 16 bytes$"):
        verify(token, KEY[:15], now=1500)
