"""Addresses in settings: which are found, which are taken for known ones, what they are called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jaunt_core.backend.address import addresses_in, is_known_address, origin_of

OPENAI = ("https://api.openai.com/v1",)

KNOWN = [
    "https://api.openai.com/v1",
    "HTTPS://API.OpenAI.com:443/v2/x?api-version=2",
    "https://api.openai.com",
    "http://localhost:11434/v1",
    "http://LOCALHOST/",
    "https://127.0.0.1:8443",
    "http://127.3.2.1",
    "http://[::1]:8000/v1",
    "ws://localhost:1/x",
    "localhost:8080",
    "127.0.0.1",
    " http://localhost:11434/v1 ",
]
UNKNOWN = [
    "http://api.openai.com/v1",  # not what the provider offers: it can be read on the way
    "https://api.openai.com:8443/v1",
    "https://api.openai.com./v1",
    "https://api.openai.com.evil.com/v1",
    "https://evil.com/api.openai.com",
    "https://api.openai.com@evil.com",
    "https://api.openai.com:443@evil.com",
    "https://user:pass@api.openai.com",
    "https://evil.com#@api.openai.com",
    "https://evil.com?@api.openai.com",
    "https://evil.com\\@api.openai.com",
    "https://api.openai.com\\@evil.com",
    "https://api.openai.com\\.evil.com",
    "https://api.openai.com\t.evil.com",
    "https://api.openai.com\n.evil.com",
    "https://api.openai.com%2eevil.com",
    "https://api.openai.com, https://evil.com",
    "https://api.openai.com/,https://evil.com",
    "https://\u0430pi.openai.com/v1",  # a Cyrillic letter
    "https://xn--pi-7kc.openai.com/v1",
    "https://api\u3002openai.com",  # a full stop that some programs take for a dot
    "https://api.openai.com\u2044.evil.com",
    "https:api.openai.com",
    "https:/api.openai.com",
    "https:///api.openai.com",
    "//api.openai.com",
    "https://",
    "https://[api.openai.com",
    "https://api.openai.com:123456",
    "https://api.openai.com:0x1bb",
    "ftp://localhost/",
    "unix:///run/model.sock",
    "http://localhost.",
    "http://localhost.evil.com",
    "http://foo.localhost",
    "http://localhost@evil.com",
    "http://evil.com@localhost",
    "http://127.0.0.1.evil.com",
    "http://127.0.0.1@evil.com",
    "http://127.1",
    "http://127.0.0.01",
    "http://127.0.0.256",
    "http://2130706433",
    "http://0x7f.0.0.1",
    "http://0x7f000001",
    "http://0177.0.0.1",
    "http://0.0.0.0",
    "http://0",
    "http://[::]",
    "http://[::ffff:127.0.0.1]",
    "http://[0:0:0:0:0:0:0:1]",
    "http://[::1%25eth0]",
    "http://\u2460\u2461\u2466.0.0.1",
    "http://\uff4cocalhost",
    "http://" + "10.0.0.1",
    "http://169.254.169.254/latest",
    "localhost.evil.com:80",
    "evil.com",
]


@pytest.mark.parametrize("text", KNOWN)
def test_known(text: str) -> None:
    assert is_known_address(text, OPENAI)


@pytest.mark.parametrize("text", UNKNOWN)
def test_unknown(text: str) -> None:
    assert not is_known_address(text, OPENAI)
    assert addresses_in({"base_url": text})
    assert addresses_in({"deep": [{"er": [text]}]}) or "evil.com" in text or "localhost." in text
    # Whatever it is, confirming it confirms neither of these.
    assert origin_of(text) not in {"https://api.openai.com", "http://localhost"} or "@" in text


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("HTTPS://User:Pass@Gateway.Example.com:0443/v1?x=1#y", "https://gateway.example.com"),
        ("http://h:80", "http://h"),
        ("http://h:443", "http://h:443"),
        ("https://h:80/x", "https://h:80"),
        ("wss://h:443", "wss://h"),
        ("http://[FE80::1]:8080/", "http://[fe80::1]:8080"),
        ("http://h./", "http://h."),
        ("http://a\\@b", "http://a\\@b"),
        ("https://\u0430pi.openai.com", "https://\\u0430pi.openai.com"),
        ("https://a/,https://b", "https://a/,https://b"),
        ("gateway", "gateway"),
    ],
)
def test_origins(text: str, origin: str) -> None:
    assert origin_of(text) == origin


def test_where_addresses_are_looked_for() -> None:
    settings = {
        "timeout": 3,
        "temperature": 0.5,
        "model_2": "gpt-5.2",
        "flag": True,
        "a": "https://one.example",
        "b": {"c": [{"d": "see wss://two.example"}], "https://three.example": "x"},
        "host": "four.example",
        "proxy": {"name": "five.example", "timeout": 3},
        "api_base": "six.example",
        "server": 2130706433,
        "database": "postgres",
        "endpoints": ["seven.example", ""],
        "odd": "http:/eight.example",
        "share": "\\\\nine.example\\x",
    }
    texts = {".".join(address.keys): address.text for address in addresses_in(settings)}
    assert texts == {
        "a": "https://one.example",
        "b.c.d": "see wss://two.example",
        "b.https://three.example": "https://three.example",
        "host": "four.example",
        "proxy.name": "five.example",
        "api_base": "six.example",
        "server": "2130706433",
        "endpoints": "seven.example",
        "odd": "http:/eight.example",
        "share": "\\\\nine.example\\x",
    }


@given(st.text())
def test_nothing_raises(text: str) -> None:
    for given_text in (text, f"https://{text}", f"https://{text}@localhost"):
        assert origin_of(given_text).isascii()
        is_known_address(given_text, OPENAI)
        addresses_in({text: given_text})
