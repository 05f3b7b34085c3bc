"""The store of answers as a whole: how large it is, and making it smaller."""

from __future__ import annotations

import shutil
from pathlib import Path

from jaunt_core.errors import LandingError
from jaunt_core.execution.state_folder import STATE_FOLDER
from jaunt_core.execution.store import ACCEPTED_SUFFIX
from jaunt_core.model.inspection import CacheInfo


def cache_info(root: Path) -> CacheInfo:
    """How many answers are stored, and how many bytes they take."""
    files = _answer_files(root)
    return CacheInfo(answers=len(files), bytes=sum(size for _, size, _ in files))


def clear_cache(root: Path) -> CacheInfo:
    """Remove every stored answer.

    Returns:
        What was removed.

    Raises:
        LandingError: A file cannot be removed.
    """
    removed = cache_info(root)
    folder = _folder(root)
    try:
        if folder.is_dir():
            shutil.rmtree(folder)
    except OSError as error:
        raise LandingError(f"{folder} cannot be removed: {error.strerror}") from None
    return removed


def shrink_cache(root: Path, max_bytes: int) -> CacheInfo:
    """Remove the oldest answers until the rest takes at most `max_bytes`.

    Returns:
        What was removed.

    Raises:
        LandingError: A file cannot be removed.
    """
    files = sorted(_answer_files(root))
    excess = sum(size for _, size, _ in files) - max_bytes
    answers = freed = 0
    for _, size, path in files:
        if freed >= excess:
            break
        try:
            path.unlink()
            path.with_suffix(ACCEPTED_SUFFIX).unlink(missing_ok=True)
        except OSError as error:
            raise LandingError(f"{path} cannot be removed: {error.strerror}") from None
        answers, freed = answers + 1, freed + size
    return CacheInfo(answers=answers, bytes=freed)


def _folder(root: Path) -> Path:
    return root / STATE_FOLDER / "answers"


def _answer_files(root: Path) -> list[tuple[int, int, Path]]:
    """Time of the last change, size and path of every stored answer."""
    found = []
    for path in _folder(root).glob("*/*/*.json"):
        status = path.stat()
        found.append((status.st_mtime_ns, status.st_size, path))
    return found


__all__ = ["cache_info", "clear_cache", "shrink_cache"]
