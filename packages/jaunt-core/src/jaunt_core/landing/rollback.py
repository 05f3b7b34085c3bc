"""Code that stands in the tree only for its tests to be run, and what stood there before it.

A run that is killed in the meantime leaves it there. So what stood there is kept until the tests
have spoken, and the next run puts it back.
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
class Unverified:
    """What a generated file held before, and a digest of what is on trial in it.

    It is as the record says: a repository may have brought that along.
    """

    path: str
    before: str
    digest: str


def note_unverified(root: Path, path: PurePosixPath, *, before: str, text: str) -> None:
    """Keep what a generated file holds, before `text` is put there on trial.

    Raises:
        LandingError: It cannot be written.
    """
    content = {"path": str(path), "before": before, "digest": _digest_of(text)}
    place = state_folder(root) / _NAME
    with as_landing_error(place):
        replace_file(place, json.dumps(content).encode(), sync=Sync.ENTRY)


def drop_unverified(root: Path) -> None:
    """Note that nothing in the tree is on trial any more."""
    with suppress(OSError):  # what is not as it was noted is left alone
        remove_file(root / STATE_FOLDER / _NAME)


def restore_unverified(root: Path, landing: Landing, warn: Callable[[str], None]) -> None:
    """Put back what a killed run had no time to put back.

    What cannot be put back, now or ever, is told and forgotten.

    Raises:
        LandingError: It cannot be written; it is kept for the next run.
    """
    found = _find(root)
    if found is not None:
        obstacle = _put_back(root, found, landing)
        if obstacle:
            warn(
                f"a run was killed while {_shown(found.path)} was on trial, and what stood there "
                f"before cannot be put back, so the file is left as it is: {_shown(obstacle)}"
            )
    drop_unverified(root)


def _put_back(root: Path, found: Unverified, landing: Landing) -> str:
    """Why a file cannot hold again what it held before; empty where it does, or is gone."""
    path = PurePosixPath(found.path)
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
    if current == found.before:
        return ""
    if _digest_of(current) != found.digest:
        return "it was changed since"
    if not (is_ours(current) and is_ours(found.before)):
        return "it was not written by jaunt"
    landing.write_module(path, found.before, expected=current)
    return ""


def _find(root: Path) -> Unverified | None:
    """What is on record; None where nothing is, or nothing that a run has written."""
    place = root / STATE_FOLDER / _NAME
    try:
        if place.is_symlink():
            return None
        content = json.loads(read_regular(place, largest=_LARGEST))
    except (OSError, ValueError, RecursionError):
        return None
    match content:
        case {"path": str(path), "before": str(before), "digest": str(digest)}:
            return Unverified(path=path, before=before, digest=digest)
        case _:
            return None


def _shown(text: str) -> str:
    """A text out of the record as people may see it: printable, and not too long."""
    shown = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
    return shown if len(shown) <= _LONGEST_SHOWN else f"{shown[:_LONGEST_SHOWN]}…"


def _digest_of(text: str) -> str:
    return digest_of_content(text.encode("utf-8", "replace"))


__all__ = ["drop_unverified", "note_unverified", "restore_unverified"]
