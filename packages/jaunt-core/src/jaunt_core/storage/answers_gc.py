"""Stored answers as a whole: how much room they take, and removing them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from jaunt_core.errors import LandingError
from jaunt_core.model.inspection import AnswerTotals
from jaunt_core.storage.answers import ACCEPTED_SUFFIX
from jaunt_core.storage.folder import STATE_FOLDER, remove_file, remove_folder, remove_leftovers
from jaunt_core.storage.lock import project_lock


def count_answers(root: Path) -> AnswerTotals:
    """How many answers are stored, and how many bytes they take."""
    files = _answer_files(root)
    return AnswerTotals(answers=len(files), bytes=sum(size for _, size, _ in files))


def clear_answers(root: Path, on_wait: Callable[[str], None]) -> AnswerTotals:
    """Remove every stored answer, once no other run works on the project.

    Args:
        root: The project's folder.
        on_wait: Is called with a message where another run has to be waited for.

    Returns:
        What was removed.

    Raises:
        LandingError: A file cannot be removed.
    """
    folder = _folder(root)
    with project_lock(root, on_wait):
        removed = count_answers(root)
        try:
            remove_folder(folder)
        except OSError as error:
            raise LandingError(f"{folder} cannot be removed: {error.strerror}") from None
    return removed


def shrink_answers(root: Path, max_bytes: int, on_wait: Callable[[str], None]) -> AnswerTotals:
    """Remove the oldest answers until the rest takes at most `max_bytes`.

    Folders that hold no answer go too. For the arguments, what is returned and what is raised
    see `clear_answers`.
    """
    with project_lock(root, on_wait):
        files = sorted(_answer_files(root))
        excess = sum(size for _, size, _ in files) - max_bytes
        answers = freed = 0
        for _, size, path in files:
            if freed >= excess:
                break
            try:
                remove_file(path)
                remove_file(path.with_suffix(ACCEPTED_SUFFIX))
            except OSError as error:
                raise LandingError(f"{path} cannot be removed: {error.strerror}") from None
            answers, freed = answers + 1, freed + size
        _remove_empty_folders(_folder(root))
    return AnswerTotals(answers=answers, bytes=freed)


def _remove_empty_folders(folder: Path) -> None:
    """Remove the folders of keys without answers; one that holds something else stays."""
    for key in folder.glob("*/*/"):
        with suppress(OSError):
            remove_leftovers(key)
            marks = () if any(key.glob("*.json")) else key.glob(f"*{ACCEPTED_SUFFIX}")
            for mark in marks:
                remove_file(mark)
            key.rmdir()
    for path in folder.glob("*/"):
        with suppress(OSError):
            path.rmdir()


def _folder(root: Path) -> Path:
    return root / STATE_FOLDER / "answers"


def _answer_files(root: Path) -> list[tuple[int, int, Path]]:
    """Time of the last change, size and path of every stored answer."""
    files = []
    for path in _folder(root).glob("*/*/*.json"):
        with suppress(FileNotFoundError):  # a build may drop a damaged one meanwhile
            status = path.stat()
            files.append((status.st_mtime_ns, status.st_size, path))
    return files
