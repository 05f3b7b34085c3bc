"""Save what a generated file holds while a repair is on trial in it, and put it back.

While the tests run, the tree holds code that may have to go again. Where a run is killed at that
time, the next run puts back what was saved.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from jaunt_core.config.reading import read_regular
from jaunt_core.contracts.header import is_ours
from jaunt_core.errors import LandingError
from jaunt_core.landing.writer import Landing
from jaunt_core.project.fingerprints import digest_of_content
from jaunt_core.storage.folder import (
    STATE_FOLDER,
    Sync,
    as_landing_error,
    remove_file,
    replace_file,
    state_folder,
)

_NAME = "unverified.json"
_LARGEST = 16 * 1024 * 1024
_LONGEST_SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class RollbackRecord:
    """What a generated file held before, and a digest of what is on trial in it.

    Nothing in it can be trusted: the record may come from a repository.
    """

    path: str
    before: str
    digest: str


def save_rollback(root: Path, path: PurePosixPath, *, before: str, text: str) -> None:
    """Save what a generated file holds, before `text` is put there on trial.

    Raises:
        LandingError: It cannot be written.
    """
    content = {"path": str(path), "before": before, "digest": _digest_of(text)}
    place = state_folder(root) / _NAME
    with as_landing_error(place):
        replace_file(place, json.dumps(content).encode(), sync=Sync.ENTRY)


def drop_rollback(root: Path) -> None:
    """Remove the record: nothing in the tree is on trial any more."""
    with suppress(OSError):  # what is not as it was noted is left alone
        remove_file(root / STATE_FOLDER / _NAME)


def roll_back(root: Path, landing: Landing, warn: Callable[[str], None]) -> None:
    """Put back what a killed run left on trial.

    Where that is impossible, a warning says why and the record is removed.

    Raises:
        LandingError: It cannot be written; the record is kept for the next run.
    """
    record = _read_record(root)
    if record is not None:
        obstacle = _put_back(root, record, landing)
        if obstacle:
            path, why = _printable(record.path), _printable(obstacle)
            warn(
                f"a run was killed while {path} was on trial, and what stood there before cannot "
                f"be put back, so the file is left as it is: {why}"
            )
    drop_rollback(root)


def _put_back(root: Path, record: RollbackRecord, landing: Landing) -> str:
    """Put one file back; why that is impossible, empty where it worked or the file is gone."""
    path = PurePosixPath(record.path)
    try:
        os.fsencode(path)
        landing.check(path)
        current = read_regular(root / path, largest=_LARGEST).decode("utf-8", "replace")
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as error:
        return f"it cannot be read: {error.strerror or error}"
    except LandingError as error:
        return str(error)
    except ValueError:
        return "no file can have this name"
    if current == record.before:
        return ""
    if _digest_of(current) != record.digest:
        return "it was changed since"
    if not (is_ours(current) and is_ours(record.before)):
        return "it was not written by jaunt"
    landing.write_module(path, record.before, expected=current)
    return ""


def _read_record(root: Path) -> RollbackRecord | None:
    """The record; None where there is none, or none that a run can have written."""
    place = root / STATE_FOLDER / _NAME
    try:
        if place.is_symlink():
            return None
        content = json.loads(read_regular(place, largest=_LARGEST))
    except (OSError, ValueError, RecursionError):
        return None
    match content:
        case {"path": str(path), "before": str(before), "digest": str(digest)}:
            return RollbackRecord(path=path, before=before, digest=digest)
        case _:
            return None


def _printable(text: str) -> str:
    """A text from the record in a form that can be shown: printable, and not too long."""
    shown = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
    return shown if len(shown) <= _LONGEST_SHOWN else f"{shown[:_LONGEST_SHOWN]}…"


def _digest_of(text: str) -> str:
    return digest_of_content(text.encode("utf-8", "replace"))
