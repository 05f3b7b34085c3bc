"""Code that stands in the tree only for its tests to be run, and what stood there before it.

A run that is killed in the meantime leaves it there. So what stood there is kept until the tests
have spoken, and the next run puts it back.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from jaunt_core.errors import LandingError
from jaunt_core.execution.freshness import digest_of_content
from jaunt_core.execution.landing import Landing
from jaunt_core.execution.state_folder import STATE_FOLDER, Sync, replace_file, state_folder

_NAME = "unverified.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unverified:
    """What a generated file held before, and a digest of what is on trial in it."""

    path: PurePosixPath
    before: str
    digest: str


def note_unverified(root: Path, path: PurePosixPath, *, before: str, text: str) -> None:
    """Keep what a generated file holds, before `text` is put there on trial.

    Raises:
        LandingError: It cannot be written.
    """
    content = {"path": str(path), "before": before, "digest": _digest_of(text)}
    place = state_folder(root) / _NAME
    try:
        replace_file(place, json.dumps(content).encode(), sync=Sync.ENTRY)
    except OSError as error:
        raise LandingError(f"{place} cannot be written: {error.strerror}") from None


def drop_unverified(root: Path) -> None:
    """Note that nothing in the tree is on trial any more."""
    with suppress(OSError):  # what is not as it was noted is left alone
        (root / STATE_FOLDER / _NAME).unlink(missing_ok=True)


def restore_unverified(root: Path, landing: Landing) -> None:
    """Put back what a killed run had no time to put back, where nobody touched it since.

    Raises:
        LandingError: It cannot be written.
    """
    found = _find(root)
    if found is not None:
        try:
            current = (root / found.path).read_bytes().decode("utf-8", "replace")
        except OSError:
            current = ""
        if _digest_of(current) == found.digest:
            landing.write_module(found.path, found.before, expected=current)
    drop_unverified(root)


def _find(root: Path) -> Unverified | None:
    try:
        content = json.loads((root / STATE_FOLDER / _NAME).read_bytes())
        return Unverified(
            path=PurePosixPath(content["path"]),
            before=str(content["before"]),
            digest=str(content["digest"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _digest_of(text: str) -> str:
    return digest_of_content(text.encode("utf-8", "replace"))


__all__ = ["drop_unverified", "note_unverified", "restore_unverified"]
