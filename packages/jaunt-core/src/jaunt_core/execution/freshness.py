"""Whether anything that a run reads has changed since one that left everything fresh.

This is the way of the run that has nothing to do, so it imports next to nothing. What it reads is
a cache: `.jaunt/fresh.json` may be deleted at any time. Size, time of change and inode of a file
are hints that its content, a SHA-256, is what it was; a file that was changed within the last
moments before the record was made is read again, as git does it with its index.
"""

from __future__ import annotations

import hashlib
import json
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    Record = dict[str, Any]

SCHEMA = 1
RECORD_NAME = "fresh.json"
MARKS = frozenset({"jaunt.toml", "pyvenv.cfg", ".gitignore"})
"""Files whose coming and going changes which folders are read."""

_STATE_FOLDER = ".jaunt"
_UNLISTED = frozenset({"__pycache__", "node_modules"})
# Two seconds are the coarsest clock of a file system that is in use.
_COARSEST_CLOCK_NS = 2_000_000_000


def find_fresh(root: str, version: str) -> Record | None:
    """What the last run found, where nothing that it read has changed since.

    Args:
        root: The project's folder, links resolved.
        version: The version of this tool; a record of another one is not trusted.

    Returns:
        The `result` of the record; None where there is none, or something has changed.
    """
    path = os.path.join(root, _STATE_FOLDER, RECORD_NAME)  # noqa: PTH118 - pathlib is costly here
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            record = json.loads(file.read())
        if record["schema"] != SCHEMA or record["version"] != version:
            return None
        if not _is_unchanged(root, record):
            return None
        return record["result"]
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return None


def _is_unchanged(root: str, record: Record) -> bool:
    trusted_before = record["started"] - _COARSEST_CLOCK_NS
    prefix = root + os.sep
    for name, (changed, inode, listing) in record["folders"].items():
        found = os.stat(prefix + name)  # noqa: PTH116
        same = found.st_mtime_ns == changed and found.st_ino == inode
        if not (same and changed < trusted_before) and listing_digest(prefix + name) != listing:
            return False
    for name, (size, changed, inode, digest) in record["files"].items():
        found = os.stat(prefix + name)  # noqa: PTH116
        same = found.st_mtime_ns == changed and found.st_size == size and found.st_ino == inode
        if not (same and changed < trusted_before) and _digest_of_file(prefix + name) != digest:
            return False
    return True


def listing_digest(folder: str) -> str:
    """A digest of the names in a folder that a run would look at."""
    with os.scandir(folder) as entries:
        names = sorted(
            entry.name + ("/" if entry.is_dir(follow_symlinks=False) else "")
            for entry in entries
            if _is_listed(entry)
        )
    return hashlib.sha256("\0".join(names).encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _is_listed(entry: os.DirEntry[str]) -> bool:
    name = entry.name
    if name.endswith(".py") or name in MARKS:
        return True
    return not name.startswith(".") and name not in _UNLISTED and entry.is_dir()


def digest_of_content(content: bytes) -> str:
    """A digest of what a file holds."""
    return hashlib.sha256(content).hexdigest()[:32]


def _digest_of_file(path: str) -> str:
    with open(path, "rb") as file:  # noqa: PTH123
        return digest_of_content(file.read())


def make_record(
    root: str,
    *,
    version: str,
    started: int,
    folders: Mapping[str, str],
    files: Iterable[str],
    written: Mapping[str, str],
    result: Record,
) -> Record | None:
    """The record of a run, None where something changed while it was running.

    Args:
        root: The project's folder.
        version: The version of this tool.
        started: When the run began to read, in nanoseconds since 1970.
        folders: The folders that it read, relative to `root`, with their listings then.
        files: The files that it read or wrote, likewise.
        written: The content digests of those that it wrote.
        result: What `find_fresh` is to return.
    """
    prefix = root + os.sep
    listed: dict[str, list[object]] = {}
    for name, listing in folders.items():
        found = os.stat(prefix + name)  # noqa: PTH116
        if listing_digest(prefix + name) != listing:
            return None
        listed[name] = [found.st_mtime_ns, found.st_ino, listing]
    read: dict[str, list[object]] = {}
    for name in files:
        found = os.stat(prefix + name)  # noqa: PTH116
        digest = _digest_of_file(prefix + name)
        if name in written:
            if digest != written[name]:
                return None
        elif found.st_mtime_ns >= started - _COARSEST_CLOCK_NS:
            return None
        read[name] = [found.st_size, found.st_mtime_ns, found.st_ino, digest]
    return {
        "schema": SCHEMA,
        "version": version,
        "started": started,
        "folders": listed,
        "files": read,
        "result": result,
    }


__all__ = [
    "MARKS",
    "RECORD_NAME",
    "digest_of_content",
    "find_fresh",
    "listing_digest",
    "make_record",
]
