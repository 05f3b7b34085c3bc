"""Secrets in text, in all forms that programs give them."""

from __future__ import annotations

import base64
import html
import json
import re
import textwrap
import urllib.parse
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jaunt_core.backend.masking import Masker

KEY = "sk-canary/0123+4567 äb\"c'd\\e<f>&gh=="


def _in_base64(before: str) -> Callable[[str], str]:
    return lambda key: base64.b64encode(f"{before}{key}{before}".encode()).decode()


FORMS: dict[str, Callable[[str], str]] = {
    "raw": lambda key: key,
    "reversed": lambda key: key[::-1],
    "hex": lambda key: key.encode().hex(),
    "HEX": lambda key: key.encode().hex().upper(),
    "url": urllib.parse.quote,
    "url whole": lambda key: urllib.parse.quote(key, safe=""),
    "url lower": lambda key: re.sub("%..", lambda match: match[0].lower(), urllib.parse.quote(key)),
    "form": urllib.parse.quote_plus,
    "json": lambda key: json.dumps({"k": key}),
    "json with letters": lambda key: json.dumps({"k": key}, ensure_ascii=False),
    "repr": lambda key: repr([key + "x"]),
    "ascii": lambda key: ascii([key + "x"]),
    "html": html.escape,
    "base64": _in_base64(""),
    "base64, header": _in_base64("Bearer "),
    "base64, user": _in_base64(":"),
    "base64, more": _in_base64("ab"),
    "base64, long": _in_base64("x" * 1000),
    "wrapped": lambda key: "\n  ".join(textwrap.wrap(key, 7, drop_whitespace=False)),
    "wrapped in a repr": lambda key: repr(
        "\n".join(textwrap.wrap(f"x{key}x", 7, drop_whitespace=False))
    ),
    "base64, wrapped": lambda key: base64.encodebytes(b"x" * 45 + key.encode()).decode(),
}


@pytest.mark.parametrize("form", FORMS)
def test_forms(form: str) -> None:
    written = f"before {FORMS[form](KEY)} after"
    masker = Masker([KEY])
    masked = masker(written)
    assert masker.finds(written)
    assert "***" in masked
    assert masked.startswith("before ")
    assert masked.endswith(" after")
    # All of it went, but for the letters of base64 that its neighbours have a share in.
    assert len(masked) < len(written) - len(KEY) + 10


@settings(deadline=None)
@given(
    before=st.text(),
    after=st.text(),
    key=st.text(min_size=8).filter(lambda key: key == key.strip()),
)
def test_what_is_masked_is_gone(before: str, after: str, key: str) -> None:
    if len(key) >= 8 and "*" not in key:
        assert key not in Masker([key])(f"{before}\0{key}\0{after}")


def test_placeholders_are_no_secrets() -> None:
    for secret in ("", None, "x", "ollama", " no-key "):
        assert Masker([secret])("my ollama has no-key: x") == "my ollama has no-key: x"
