"""Whether anything that a run reads has changed since the last run read it.

The command that has nothing to do comes through here, so this imports next to nothing. What it
reads is a cache: `.jaunt/snapshot.json` may be deleted at any time. Size, inode and the times of
change of a file (of its content, and of what the system notes of it, which nobody sets back) are
hints that its content, a SHA-256, is what it was; a file that was changed within the last moments
before they were noted is read again, as git does it with its index.
"""

from __future__ import annotations

import json
import os
import time
import zlib
from contextlib import suppress

from jaunt_core.config.locate import CONFIG_NAME
from jaunt_core.storage.folder import STATE_FOLDER, Sync, replace_file
from jaunt_core.version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    Record = dict[str, Any]
    Entry = list[Any]

SCHEMA = 1
RECORD_NAME = "snapshot.json"
MARKS = frozenset({CONFIG_NAME, "pyvenv.cfg", ".gitignore"})
"""Files whose coming and going changes which folders are read."""

DIGITS = 32
"""How many hexadecimal digits of a SHA-256 are kept."""

_UNLISTED = frozenset({"__pycache__", "node_modules"})
# Two seconds are the coarsest clock of a file system that is in use.
_COARSEST_CLOCK_NS = 2_000_000_000


def load_record(root: str, config: str = CONFIG_NAME) -> Record | None:
    """The record of the last run, None where there is none that this version can use.

    Args:
        root: The project's folder, links resolved.
        config: The name of the configuration file; under another one, the project is another.
    """
    try:
        record = load_cache_file(root, RECORD_NAME)
        made_for = (record["schema"], record["version"], record["config"])
        if made_for != (SCHEMA, __version__, config):
            return None
        return record if record["repository"] == repository_around(root) else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def find_current_record(root: str, environ: Mapping[str, str]) -> Record | None:
    """The record of the last run under `jaunt.toml`, where nothing that it read has changed since.

    Args:
        root: The project's folder, links resolved.
        environ: The environment, which may say under which interpreter specs are read.
    """
    record = load_record(root)
    if record is None or record["environment"] != environment_of(root, environ):
        return None
    comparison = Comparison(root, record)
    if next(comparison.changes(), None) is not None:
        return None
    comparison.save_hints()
    return record


def environment_of(root: str, environ: Mapping[str, str]) -> list[Any]:
    """What the choice of the interpreter depends on, besides the configuration."""
    own = os.path.join(root, ".venv", "pyvenv.cfg")  # noqa: PTH118
    return [environ.get("VIRTUAL_ENV", ""), os.path.exists(own)]  # noqa: PTH110


def repository_around(root: str) -> str:
    """The top of the git repository that a folder is in, empty where it is in none."""
    folder = root
    while not os.path.exists(os.path.join(folder, ".git")):  # noqa: PTH110, PTH118
        parent = os.path.dirname(folder)  # noqa: PTH120
        if parent == folder:
            return ""
        folder = parent
    return folder


class Comparison:
    """Compares a project with a record, and brings the record's hints up to date on the way."""

    def __init__(self, root: str, record: Record) -> None:
        self._root = root
        self._record = record
        self._started = time.time_ns()
        self._recorded_at: int = record["started"]
        self._has_better_hints = False

    def changes(self) -> Iterator[str]:
        """The files that changed, and the folders, whose names end in `/`."""
        for name, entry in self._record["folders"].items():
            if not self._is_same(name, entry, folder_hints_of, listing_digest):
                yield name + "/"
        for name, entry in self._record["files"].items():
            if not self._is_same(name, entry, hints_of, _digest_of_file):
                yield name

    def _is_same(
        self,
        name: str,
        entry: Entry,
        find_hints: Callable[[os.stat_result], list[int]],
        digest_of: Callable[[str], str],
    ) -> bool:
        *hints, digest = entry
        path = os.path.join(self._root, name)  # noqa: PTH118
        try:
            status = os.stat(path)  # noqa: PTH116
            current = find_hints(status)
            # What changed in the last moments before it was recorded is read in any case: it may
            # have changed once more within the same tick of the file system's clock.
            if current == hints and not is_recent(status.st_mtime_ns, self._recorded_at):
                return True
            if digest_of(path) != digest:
                return False
        except OSError:
            return False
        entry[:-1] = current
        if not is_recent(status.st_mtime_ns, self._started):
            self._has_better_hints = True
        return True

    def save_hints(self) -> None:
        """Store the hints, so that the next run need not read the same files again."""
        if self._has_better_hints:
            self._record["started"] = self._started
            save_cache_file(self._root, RECORD_NAME, self._record)


def is_recent(changed: int, started: int) -> bool:
    """Whether a file may have been changed again without another time of change.

    Args:
        changed: Its time of change when it was looked at, in nanoseconds since 1970.
        started: A moment before that look, likewise.
    """
    return changed >= started - _COARSEST_CLOCK_NS


def hints_of(status: os.stat_result) -> list[int]:
    """The hints that a file is unchanged: its size, times of change and inode."""
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]


def folder_hints_of(status: os.stat_result) -> list[int]:
    """The hints that the names in a folder are unchanged: its times of change and inode."""
    return hints_of(status)[1:]


def entry_of(status: os.stat_result, digest: str) -> Entry:
    """The entry of a file in a record: hints, and the digest of its content."""
    return [*hints_of(status), digest]


def folder_entry_of(folder: str) -> Entry:
    """The entry of a folder in a record: hints, and the digest of the names in it."""
    return [*folder_hints_of(os.stat(folder)), listing_digest(folder)]  # noqa: PTH116


def load_cache_file(root: str, name: str) -> Record:
    """The content of a file that `save_cache_file` wrote in `.jaunt/`.

    Raises:
        OSError, ValueError: It is not there, or damaged.
    """
    # Strings and `open` here and below: pathlib is slow to import and to use.
    path = os.path.join(root, STATE_FOLDER, name)  # noqa: PTH118
    if not os.path.isfile(path):  # noqa: PTH113
        raise FileNotFoundError(path)  # a pipe would be waited for
    with open(path, "rb") as file:  # noqa: PTH123
        content = file.read()
    checksum, _, text = content.partition(b"\n")
    if checksum != _checksum(text):
        raise ValueError(f"{name} is damaged")
    return json.loads(text)


def save_cache_file(root: str, name: str, content: Record) -> None:
    """Write a file in `.jaunt/`, wholly or not at all; it only saves time, so failing is no harm.

    It is not synced: after a power cut it may be empty, and counts as damaged then.
    """
    path = os.path.join(root, STATE_FOLDER, name)  # noqa: PTH118
    text = json.dumps(content, separators=(",", ":")).encode("ascii")
    with suppress(OSError):
        replace_file(path, _checksum(text) + b"\n" + text, sync=Sync.NOTHING)


def _checksum(text: bytes) -> bytes:
    return b"%08x" % zlib.crc32(text)


def listing_digest(folder: str) -> str:
    """A digest of the names in a folder that a run would look at."""
    with os.scandir(folder) as entries:
        names = sorted(
            entry.name + ("/" if entry.is_dir(follow_symlinks=False) else "")
            for entry in entries
            if _is_listed(entry)
        )
    return digest_of_content("\0".join(names).encode("utf-8", "surrogateescape"))


def _is_listed(entry: os.DirEntry[str]) -> bool:
    name = entry.name
    if name.endswith(".py") or name in MARKS:
        return True
    return not name.startswith(".") and name not in _UNLISTED and leads_to(entry.is_dir)


def leads_to(question: Callable[[], bool]) -> bool:
    """The answer to `is_dir` or `is_file` of an entry; links in a circle lead to neither."""
    try:
        return question()
    except OSError:
        return False


def _digest_of_file(path: str) -> str:
    with open(path, "rb") as file:  # noqa: PTH123
        return digest_of_content(file.read())


def digest_of_content(content: bytes) -> str:
    """A digest of the content of a file."""
    import hashlib  # noqa: PLC0415 - where all hints are good, nothing is hashed

    return hashlib.sha256(content).hexdigest()[:DIGITS]
