"""Make foreign text fit for a message: short, on one line, without secrets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit, urlunsplit

_LIMIT = 300
# An error page may have megabytes, and all other calls wait while it is looked at.
_READ = 20_000
_SECRET_LENGTH = 8
_KEY_LIKE = re.compile(r"\b(?:sk|sess)-[^\s\"'<>]+|(?<=[Bb]earer )[^\s\"'<>]+")
_USER_INFO = re.compile(r"(?<=://)[^/\s@]+@")


def redacted(text: str, *, secrets: Sequence[str], limit: int = _LIMIT) -> str:
    """The text as a message may repeat it.

    Secrets go before the text is cut, so that no half of one stays. Besides `secrets`,
    whatever looks like a key goes: servers quote keys in part (`sk-ab***yz`), and a user may
    have pasted one into the wrong place.
    """
    for secret in secrets:
        # A placeholder such as "x" or "ollama" is no secret, and would blank out ordinary words.
        if len(secret) >= _SECRET_LENGTH:
            text = text.replace(secret, "***")
    if len(text) > _READ:
        # Its last word goes as well: it may be half of a thing that would have been recognised.
        text = text[:_READ].rpartition(" ")[0] or text[:_READ]
    text = _USER_INFO.sub("", _KEY_LIKE.sub("***", text))
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= limit else f"{line[:limit].rstrip()} …"


def public_address(address: str) -> str:
    """The address without user, password, query and fragment, which may hold credentials.

    Empty where it is none.
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))
