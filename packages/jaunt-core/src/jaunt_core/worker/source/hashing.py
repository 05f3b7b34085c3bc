"""SHA-256, as `random` has it: hashlib loads OpenSSL, which takes longer than what is hashed."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

_HOME = next(name for name in ("_sha2", "_sha256", "hashlib") if find_spec(name))
_sha256 = import_module(_HOME).sha256


def sha256_of(data: bytes) -> str:
    """The digest in hexadecimal digits."""
    return str(_sha256(data).hexdigest())
