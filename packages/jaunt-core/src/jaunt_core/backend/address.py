r"""Addresses in settings: where a key would go, told apart without asking any name server.

Programs disagree about odd addresses (`http://localhost\@elsewhere`). What is taken for the own
machine, or for a provider's own server, is therefore what is written in the plainest way, and
whatever is odd stands for itself alone.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+:(?://|\\)|(?:https?|wss?):|//|\\\\", re.IGNORECASE)
_WHOLE = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<user>[^\s/?#\\@]*@)?"
    r"(?P<host>[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5}))?(?P<rest>[/?#][!-~]*)?",
    re.IGNORECASE | re.ASCII,
)
_PLAIN_REST = re.compile(r"(?:/[\w.~%/-]*)?(?:\?[\w.~%=&-]*)?", re.ASCII)
_WITHOUT_SCHEME = re.compile(
    r"(?P<host>[\w.-]+|\[[0-9a-f:]+\])(?::[0-9]{1,5})?(?:/[\w.~%/-]*)?", re.IGNORECASE | re.ASCII
)
# Settings of these names hold addresses also where no scheme stands in front.
_TELLING_NAME = re.compile(
    r"url|uri|host|endpoint|address|server|proxy|gateway|domain|origin|(?:^|[_.-])base$",
    re.IGNORECASE,
)
_PORTS = {"http": "80", "ws": "80", "https": "443", "wss": "443"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An address in the settings: the keys that lead to it, and what is written there."""

    keys: tuple[str, ...]
    text: str

    @property
    def origin(self) -> str:
        """Where it leads; see `origin_of`."""
        return origin_of(self.text)


def addresses_in(settings: Mapping[str, object]) -> tuple[Address, ...]:
    """All addresses in settings, however deep, also those that are keys of a table."""
    return tuple(
        Address(keys=keys, text=text)
        for keys, text in _texts_in(settings, ())
        if _SCHEME.search(text) or any(map(_TELLING_NAME.search, keys))
    )


def _texts_in(value: object, keys: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, Mapping):
        for key, entry in value.items():
            if _SCHEME.search(str(key)):
                yield (*keys, str(key)), str(key)
            yield from _texts_in(entry, (*keys, str(key)))
    elif isinstance(value, list | tuple):
        for entry in value:
            yield from _texts_in(entry, keys)
    elif isinstance(value, str) and value.strip():
        yield keys, value.strip()
    elif type(value) is int and _TELLING_NAME.search(keys[-1]):
        yield keys, str(value)  # an address may be one number


def origin_of(text: str) -> str:
    """Scheme, host and port in lower case, without the scheme's own port.

    What is not written as addresses are is returned as it is, in ASCII: it is like nothing else.
    """
    match = _WHOLE.fullmatch(text.strip())
    if match is None or "://" in (match["rest"] or ""):
        return text.strip().encode("ascii", "backslashreplace").decode("ascii")
    scheme, port = match["scheme"].lower(), (match["port"] or "").lstrip("0")
    shown = f":{port}" if port and port != _PORTS.get(scheme) else ""
    return f"{scheme}://{match['host'].lower()}{shown}"


def is_known_address(text: str, defaults: Collection[str]) -> bool:
    """Whether an address leads to this machine, or where one of the `defaults` does."""
    text = text.strip()
    match = _WHOLE.fullmatch(text)
    if match is None:
        bare = _WITHOUT_SCHEME.fullmatch(text)
        return bare is not None and _is_this_machine(bare["host"])
    if match["user"] or not _PLAIN_REST.fullmatch(match["rest"] or ""):
        return False
    if match["scheme"].lower() in _PORTS and _is_this_machine(match["host"]):
        return True
    return origin_of(text) in {origin_of(item) for item in defaults}


def _is_this_machine(host: str) -> bool:
    """Whether it is `localhost`, `[::1]` or 127.x.y.z, in just this form."""
    if host.lower() in {"localhost", "[::1]"}:
        return True
    try:
        return IPv4Address(host).is_loopback
    except ValueError:
        return False
