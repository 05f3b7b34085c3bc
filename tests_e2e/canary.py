"""A key that sings: the forms that it may leak in, and the search for them."""

from __future__ import annotations

import base64
import gzip
import json
import os
import re
import urllib.parse
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

CANARY = "sk-canary/7Qx+Zp4=Lm9~TtKv2Rb8"
"""Has what quoting changes; what is cut at either end still holds the middle."""
MIDDLE = CANARY[12:24]


def forms_of(key: str) -> dict[str, bytes]:
    """How a key may be written, by name."""
    raw = key.encode()
    forms = {
        "raw": raw,
        "reversed": raw[::-1],
        "hex": raw.hex().encode(),
        "HEX": raw.hex().upper().encode(),
        "utf-16-le": key.encode("utf-16-le"),
        "utf-16-be": key.encode("utf-16-be"),
        "utf-32-le": key.encode("utf-32-le"),
        "url": urllib.parse.quote(key).encode(),
        "url, all": urllib.parse.quote(key, safe="").encode(),
        "form": urllib.parse.quote_plus(key).encode(),
        "json": json.dumps(key).strip('"').encode(),
        "json, slashes": json.dumps(key).strip('"').replace("/", "\\/").encode(),
        "python": repr(key).strip("'").encode(),
        "spaced": " ".join(key).encode(),
        "rot13": key.translate(_ROT13).encode(),
    }
    for before in range(3):
        first, last = -(-before * 8 // 6), (before + len(raw)) * 8 // 6
        for name, encode in (("base64", base64.b64encode), ("base64url", base64.urlsafe_b64encode)):
            forms[f"{name}, {before} before"] = encode(bytes(before) + raw)[first:last]
    return forms


_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_TURNED = _LETTERS[13:] + _LETTERS[:13]
_ROT13 = str.maketrans(_LETTERS + _LETTERS.upper(), _TURNED + _TURNED.upper())
_FORMS = {**forms_of(CANARY), **{f"{n}, in part": f for n, f in forms_of(MIDDLE).items()}}
_BREAKS = re.compile(rb"\\?\r?\n[ \t|>]*|\\n")


def leaks_in(content: bytes) -> list[str]:
    """The forms of the canary in some bytes, also in what is compressed there."""
    found = []
    for text in {content, _BREAKS.sub(b"", content), *_unpacked(content)}:
        found += [name for name, form in _FORMS.items() if form in text]
    return found


def _unpacked(content: bytes) -> Iterator[bytes]:
    if content.startswith(b"\x1f\x8b"):
        yield gzip.decompress(content)
    elif content[:1] == b"\x78":
        try:
            yield zlib.decompress(content)
        except zlib.error:
            return


@dataclass(slots=True)
class Search:
    """What was looked through so far, and where the canary was found."""

    files: int = 0
    size: int = 0
    leaks: list[str] = field(default_factory=list)

    def look_at(self, name: str, content: bytes) -> None:
        """Search some bytes."""
        self.size += len(content)
        self.leaks += [f"{name}: {form}" for form in leaks_in(content)]

    def look_below(self, folders: Iterable[Path], *, but: Iterable[Path] = ()) -> None:
        """Search all files below folders, and their names and links, but those that are known."""
        known = {path.resolve() for path in but}
        for path in {path for folder in folders for path in folder.rglob("*")}:
            self.look_at(f"name of {path}", os.fsencode(path))
            if path.is_symlink():
                self.look_at(f"link at {path}", os.fsencode(path.readlink()))
            if path.is_file() and path.resolve() not in known:
                self.files += 1
                self.look_at(str(path), path.read_bytes())
                if zipfile.is_zipfile(path):
                    with zipfile.ZipFile(path) as packed:
                        for name in packed.namelist():
                            self.look_at(f"{path}!{name}", packed.read(name))
