"""What the tokens must withstand, as test specs.

Unless a test says otherwise, the key is 32 bytes of b"k" and the claims are sub
"user-7", iat 1000, exp 2000, scope ("read", "write").
"""

import jaunt

from tokens import ExpiredTokenError, InvalidTokenError, issue, sign, verify


@jaunt.test(targets=[sign])
def test_sign_known_answer() -> None:
    """`sign` agrees with test case 3 of RFC 4231.

    The key is 20 bytes 0xaa, the message 50 bytes 0xdd. The HMAC is, in hex,
    773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe
    """
    ...


@jaunt.test(targets=[sign])
def test_sign_depends_on_message_and_key() -> None:
    """Another message or another key gives another signature; the same gives the same.

    All of them have 43 characters, all from A-Z, a-z, 0-9, "-" and "_". Try at least
    100 messages, so that both of the special characters appear.
    """
    ...


@jaunt.test(targets=[sign])
def test_sign_rejects_short_keys() -> None:
    """15 bytes raise ValueError, "key must have at least 16 bytes"; 16 bytes do not."""
    ...


@jaunt.test(targets=[issue], deps=[sign])
def test_issue_writes_header_claims_and_signature() -> None:
    """A token has three segments without padding that decode to what was put in.

    - the first decodes to exactly {"alg":"HS256","typ":"JWT"}
    - the second decodes to JSON that equals
      {"sub": "user-7", "iat": 1000, "exp": 2000, "scope": ["read", "write"]}
    - the third is `sign` of the first two with the dot between them
    - there is no "=" anywhere, also for sub "a", "ab", "abc" and "é"
    """
    ...


@jaunt.test(targets=[issue])
def test_issue_rejects_claims_that_expire_at_once() -> None:
    """Claims must live for a second at least.

    With iat 1000, exp 1000 and exp 999 raise ValueError, "exp must be later than iat";
    exp 1001 is fine.
    """
    ...


@jaunt.test(targets=[verify], deps=[issue])
def test_verify_returns_the_claims() -> None:
    """What `issue` made comes back equal, with and without scope, also for sub "é"."""
    ...


@jaunt.test(targets=[verify], deps=[issue, InvalidTokenError])
def test_verify_rejects_altered_tokens() -> None:
    """An altered token raises InvalidTokenError, "bad signature".

    - each single character replaced by another letter or digit, the dots excepted
    - the signature of another token of the same key
    - no signature at all, the last dot still there
    - the whole token under another key
    """
    ...


@jaunt.test(targets=[verify], deps=[issue, InvalidTokenError])
def test_verify_rejects_malformed_text() -> None:
    """Text of another shape raises InvalidTokenError, "malformed token".

    Try "", "abc", "a.b", "a.b.c.d", a good token with another dot at its end, and a
    good token with "é" at its end.
    """
    ...


@jaunt.test(targets=[verify], deps=[sign, InvalidTokenError])
def test_verify_rejects_signed_tokens_that_issue_never_makes() -> None:
    """A good signature is not enough: "malformed token", an InvalidTokenError.

    Sign these with `sign` and the right key, each pair of header and claims encoded as
    `issue` would:

    - header {"alg":"none","typ":"JWT"} over good claims
    - the right header over claims that are no JSON, that lack sub, that have the
      further name "admin", whose exp is the string "2000", whose exp is not later than
      iat
    - the right header over good claims written with blanks after the commas
    - a claims segment that is no base64url at all, "!"
    """
    ...


@jaunt.test(targets=[verify], deps=[issue, ExpiredTokenError, InvalidTokenError])
def test_verify_checks_the_time() -> None:
    """With exp 2000, a token ends at 2000, or `leeway` seconds later.

    - now 1999 is fine; now 2000 and 2001 raise ExpiredTokenError, "token expired"
    - with leeway 5, now 2004 is fine, 2005 is not
    - now 0 is fine, although iat is 1000
    - without now the clock counts: exp 2000 is long over, a token that runs for an
      hour from the current time is fine
    - an altered token is a "bad signature" even when it has expired as well
    """
    ...


@jaunt.test(targets=[verify], deps=[issue])
def test_verify_rejects_short_keys() -> None:
    """A key of 15 bytes raises ValueError, "key must have at least 16 bytes"."""
    ...
