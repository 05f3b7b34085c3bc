"""Whether anything that a run reads has changed since the last one looked.

This is the way of the run that has nothing to do, so it imports next to nothing. What it reads is
a cache: `.jaunt/snapshot.json` may be deleted at any time. Size, inode and the times of change of a
file (of its content, and of what the system notes of it, which nobody sets back) are hints that its
content, a SHA-256, is what it was; a file that was changed within the last moments before they were
noted is read again, as git does it with its index.
"""

from __future__ import annotations

import json
import os
import time
import zlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    Record = dict[str, Any]
    Entry = list[Any]

SCHEMA = 1
RECORD_NAME = "snapshot.json"
CONFIG_NAME = "jaunt.toml"
MARKS = frozenset({CONFIG_NAME, "pyvenv.cfg", ".gitignore"})
"""Files whose coming and going changes which folders are read."""

DIGITS = 32
"""How many hexadecimal digits of a SHA-256 are kept."""

_STATE_FOLDER = ".jaunt"
_UNLISTED = frozenset({"__pycache__", "node_modules"})
# Two seconds are the coarsest clock of a file system that is in use.
_COARSEST_CLOCK_NS = 2_000_000_000


def _checksum(text: bytes) -> bytes:
    return b"%08x" % zlib.crc32(text)


def project_folder(start: str) -> str | None:
    """The folder at or above `start` that has a `jaunt.toml`, links resolved; None without one."""
    folder = os.path.realpath(start)
    if not os.path.isdir(folder):  # noqa: PTH112
        return None
    while not os.path.isfile(os.path.join(folder, CONFIG_NAME)):  # noqa: PTH113, PTH118
        parent = os.path.dirname(folder)  # noqa: PTH120
        if parent == folder:
            return None
        folder = parent
    return folder


def load_record(root: str, version: str, config: str = CONFIG_NAME) -> Record | None:
    """What the last run noted, None where there is nothing that this one can use.

    Args:
        root: The project's folder, links resolved.
        version: The version of this tool; a record of another one is not trusted.
        config: The name of the configuration file; under another one, the project is another.
    """
    try:
        record = load_cache(root, RECORD_NAME)
        if (record["schema"], record["version"], record["config"]) != (SCHEMA, version, config):
            return None
        return record if record["repository"] == repository_around(root) else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def find_fresh(root: str, version: str, environ: Mapping[str, str]) -> Record | None:
    """The record of the last run under `jaunt.toml`, where nothing that it read has changed since.

    Args:
        root: The project's folder, links resolved.
        version: The version of this tool.
        environ: The environment, which may say under which interpreter specs are read.
    """
    record = load_record(root, version)
    if record is None or record["environment"] != environment_of(root, environ):
        return None
    comparison = Comparison(root, record)
    if next(comparison.changes(), None) is not None:
        return None
    comparison.save_hints()
    return record


def environment_of(root: str, environ: Mapping[str, str]) -> list[Any]:
    """What decides on the interpreter, besides the configuration."""
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
    """Compares a project with a record, whose hints it brings up to date on the way."""

    def __init__(self, root: str, record: Record) -> None:
        self._root = root
        self._record = record
        self._started = time.time_ns()
        self._noted: int = record["started"]
        self._has_better_hints = False

    def changes(self) -> Iterator[str]:
        """The files that are not as they were, and the folders, which end in `/`."""
        for name, entry in self._record["folders"].items():
            if not self._folder_is_as_it_was(name, entry):
                yield name + "/"
        for name, entry in self._record["files"].items():
            if not self._file_is_as_it_was(name, entry):
                yield name

    def _folder_is_as_it_was(self, name: str, entry: Entry) -> bool:
        *hints, listing = entry
        path = os.path.join(self._root, name)  # noqa: PTH118
        try:
            found = os.stat(path)  # noqa: PTH116
            now = hints_of(found)[1:]
            if now == hints and not is_recent(found.st_mtime_ns, self._noted):
                return True
            if listing_digest(path) != listing:
                return False
        except OSError:
            return False
        entry[:-1] = now
        self._note_hint(found.st_mtime_ns)
        return True

    def _file_is_as_it_was(self, name: str, entry: Entry) -> bool:
        *hints, digest = entry
        path = os.path.join(self._root, name)  # noqa: PTH118
        try:
            found = os.stat(path)  # noqa: PTH116
            now = hints_of(found)
            if now == hints and not is_recent(found.st_mtime_ns, self._noted):
                return True
            with open(path, "rb") as file:  # noqa: PTH123
                if digest_of_content(file.read()) != digest:
                    return False
        except OSError:
            return False
        entry[:-1] = now
        self._note_hint(found.st_mtime_ns)
        return True

    def _note_hint(self, changed: int) -> None:
        if not is_recent(changed, self._started):
            self._has_better_hints = True

    def save_hints(self) -> None:
        """Keep the hints, so that the next run need not read the same files again."""
        if self._has_better_hints:
            self._record["started"] = self._started
            save_cache(self._root, RECORD_NAME, self._record)


def is_recent(changed: int, started: int) -> bool:
    """Whether a file may have been changed again without another time of change.

    Args:
        changed: Its time of change when it was looked at, in nanoseconds since 1970.
        started: A moment before that look, likewise.
    """
    return changed >= started - _COARSEST_CLOCK_NS


def hints_of(found: os.stat_result) -> list[int]:
    """What tells without reading that a file may be another: size, times of change, inode."""
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]


def entry_of(found: os.stat_result, digest: str) -> Entry:
    """What a record holds of a file: hints that it is what it was, and what it was."""
    return [*hints_of(found), digest]


def load_cache(root: str, name: str) -> Record:
    """What `save_cache` wrote, and nothing else.

    Raises:
        OSError, ValueError: It is not there, or damaged.
    """
    # Strings and `open` here and below: pathlib is slow to import and to use.
    path = os.path.join(root, _STATE_FOLDER, name)  # noqa: PTH118
    if not os.path.isfile(path):  # noqa: PTH113
        raise FileNotFoundError(path)  # a pipe would be waited for
    with open(path, "rb") as file:  # noqa: PTH123
        content = file.read()
    checksum, _, text = content.partition(b"\n")
    if checksum != _checksum(text):
        raise ValueError(f"{name} is damaged")
    return json.loads(text)


def save_cache(root: str, name: str, value: Record) -> None:
    """Write a file in `.jaunt/`, wholly or not at all; it saves time only, so failing is no harm.

    It is not synced: after a power cut it may be empty, and is read as nothing then.
    """
    folder = os.path.join(root, _STATE_FOLDER)  # noqa: PTH118
    temporary = os.path.join(folder, f".{name}.{os.getpid()}.jaunt-tmp")  # noqa: PTH118
    try:
        text = json.dumps(value, separators=(",", ":")).encode("ascii")
        with open(temporary, "wb") as file:  # noqa: PTH123
            file.write(_checksum(text) + b"\n" + text)
        os.replace(temporary, os.path.join(folder, name))  # noqa: PTH105, PTH118
    except OSError:
        try:
            os.unlink(temporary)  # noqa: PTH108
        except OSError:
            return


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
    """Whether what an entry leads to is a folder, or a file; links in a circle lead nowhere."""
    try:
        return question()
    except OSError:
        return False


def digest_of_content(content: bytes) -> str:
    """A digest of what a file holds."""
    import hashlib  # noqa: PLC0415 - where all hints are good, nothing is hashed

    return hashlib.sha256(content).hexdigest()[:DIGITS]


__all__ = [
    "CONFIG_NAME",
    "DIGITS",
    "MARKS",
    "RECORD_NAME",
    "SCHEMA",
    "Comparison",
    "digest_of_content",
    "entry_of",
    "environment_of",
    "find_fresh",
    "hints_of",
    "is_recent",
    "leads_to",
    "listing_digest",
    "load_cache",
    "load_record",
    "project_folder",
    "repository_around",
    "save_cache",
]
