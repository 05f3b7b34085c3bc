"""SHA-256 without hashlib, which loads OpenSSL: that takes longer than hashing all sources.

The standard library's `random` takes the function from the same places.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

_HOME = next(name for name in ("_sha2", "_sha256", "hashlib") if find_spec(name))
_sha256 = import_module(_HOME).sha256


def sha256_of(data: bytes) -> str:
    """The SHA-256 digest of some bytes, in hexadecimal digits."""
    return str(_sha256(data).hexdigest())
