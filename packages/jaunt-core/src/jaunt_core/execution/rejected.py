"""Answers that did not pass, kept below `.jaunt/rejected/` for people to look at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from jaunt_core.analysis.answer import code_of, unix_lines
from jaunt_core.errors import LandingError
from jaunt_core.execution.state_folder import STATE_FOLDER, replace_file, state_folder
from jaunt_core.model.generation import Finding
from jaunt_core.model.spec import Kind


def rejected_path(kind: Kind, module: str, attempt: int) -> PurePosixPath:
    """Where the rejected answer of an attempt is kept, relative to the project."""
    return PurePosixPath(STATE_FOLDER, "rejected", kind.value, f"{module}.{attempt}.py.txt")


def keep_rejected(root: Path, path: PurePosixPath, text: str, findings: Sequence[Finding]) -> None:
    """Write a rejected answer as it came, below comments that say what is wrong with it.

    Raises:
        LandingError: It cannot be written.
    """
    folder = state_folder(root, *path.parent.parts[1:])
    said = [f"# {' '.join(str(item).splitlines())}" for item in findings]
    first = len(said) + 2 + _lines_before_code(text)
    head = f"# This answer was rejected. Line 1 of its code is line {first} of this file."
    content = "\n".join([head, *said, text])
    try:
        replace_file(folder / path.name, content.encode("utf-8", "replace"))
    except OSError as error:
        raise LandingError(f"{path} cannot be written: {error.strerror}") from None


def _lines_before_code(text: str) -> int:
    """How many lines of an answer stand above its code: prose, and a fence."""
    whole = unix_lines(text)
    start = whole.find(code_of(text).rstrip("\n"))
    return whole[: max(start, 0)].count("\n")


def drop_rejected(root: Path, kind: Kind, module: str) -> None:
    """Remove the rejected answers of a module that has landed since."""
    folder = root / rejected_path(kind, module, 0).parent
    for path in folder.glob(f"{module}.*.py.txt"):
        if path.name.removeprefix(f"{module}.").removesuffix(".py.txt").isdigit():
            path.unlink(missing_ok=True)


__all__ = ["drop_rejected", "keep_rejected", "rejected_path"]
