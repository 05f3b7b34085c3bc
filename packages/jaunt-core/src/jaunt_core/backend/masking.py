"""Take secrets out of text, in whatever form other programs write them."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from urllib.parse import quote, quote_plus

MASK = "***"
SHORTEST_SECRET = 8
"""A shorter value is a placeholder such as `ollama`, and would blank out ordinary words."""

# The end of a line in the middle of a secret: as it is, indented, or escaped.
_BREAK = r"(?:\\?\r?\n[ \t]*|(?:\\r)?\\n)"


class Masker:
    """Replaces secrets by `***`.

    It finds a secret as it is, backwards, in hexadecimal, in base64 wherever it begins, and as
    URLs, JSON, HTML and Python write it; also where a line ends in the middle of it.
    """

    def __init__(self, secrets: Iterable[str | None]) -> None:
        known = {secret.strip() for secret in secrets if secret}
        forms = {
            form for secret in known if len(secret) >= SHORTEST_SECRET for form in _forms(secret)
        }
        # The longest first, so that no half of one stays.
        self._forms = sorted(forms, key=lambda form: (-len(form), form))

    def __call__(self, text: str) -> str:
        """The text without secrets."""
        return self._pattern.sub(MASK, text) if self.finds(text) else text

    def finds(self, text: str) -> bool:
        """Whether there is a secret in the text."""
        whole = re.sub(_BREAK, "", text) if self._forms else ""
        return any(form in text or form in whole for form in self._forms)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        """All forms; compiled only when there is something to replace, since that is slow."""
        return re.compile("|".join(f"{_BREAK}?".join(map(re.escape, form)) for form in self._forms))


def _forms(secret: str) -> Iterator[str]:
    content = secret.encode("utf-8", "surrogateescape")
    yield from (secret, secret[::-1], content.hex(), content.hex().upper())
    for quoted in (quote(content), quote(content, safe=""), quote_plus(content)):
        yield from (quoted, re.sub("%..", lambda match: match[0].lower(), quoted))
    yield from (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
    yield from (repr(secret)[1:-1], ascii(secret)[1:-1], html.escape(secret))
    # Base64 turns three bytes at a time into text, so it matters where in them the secret begins.
    for before in range(3):
        yield from _in_base64(content, before)


def _in_base64(content: bytes, before: int) -> Iterator[str]:
    """The base64 characters that depend on `content` alone, behind `before` other bytes."""
    first = -(-before * 8 // 6)
    last = (before + len(content)) * 8 // 6
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield encode(bytes(before) + content).decode("ascii")[first:last]
