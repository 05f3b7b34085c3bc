"""Answers that did not pass validation, stored below `.jaunt/rejected/` for people to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path, PurePosixPath

from jaunt_core.findings.answer_text import unix_lines
from jaunt_core.model.generation import Finding
from jaunt_core.model.spec import Kind
from jaunt_core.storage.folder import (
    STATE_FOLDER,
    as_landing_error,
    bounded_name,
    remove_file,
    remove_leftovers,
    replace_file,
    state_folder,
)

_SUFFIX = ".py.txt"


def rejected_path(kind: Kind, module: str, attempt: int) -> PurePosixPath:
    """The path of the rejected answer of an attempt, relative to the project."""
    name = f"{bounded_name(module)}.{attempt}{_SUFFIX}"
    return PurePosixPath(STATE_FOLDER, "rejected", kind.value, name)


def rejection_summary(
    rejected: Mapping[int, Sequence[Finding]], *, attempts: int, last_path: PurePosixPath
) -> str:
    """Why no answer could be used, in three lines where there were several of them.

    Args:
        rejected: The findings of each answer of this run, by attempt.
        attempts: How many answers were allowed.
        last_path: Where the last of them is stored.
    """
    count = len(rejected[attempts])
    last = f"the last of {attempts} answers has {count} {'finding' if count == 1 else 'findings'}"
    before = [
        f"answer {attempt}: {', '.join(dict.fromkeys(finding.code for finding in findings))}"
        for attempt, findings in sorted(rejected.items())
        if attempt != attempts
    ]
    lines = [f"{last}; it is kept in {last_path}"]
    if before:
        lines += [
            f"before it: {'; '.join(before)}",
            "each is kept there, with its findings above it",
        ]
    return "\n".join(lines)


class RejectedAnswers:
    """The stored rejected answers of one kind; a run adds to them and removes outdated ones."""

    def __init__(self, root: Path, kind: Kind) -> None:
        self._root = root
        self._folder = root / STATE_FOLDER / "rejected" / kind.value

    def save(self, path: PurePosixPath, text: str, code: str, findings: Sequence[Finding]) -> None:
        """Store a rejected answer as it came, below comments that say what is wrong with it.

        Args:
            path: The file, relative to the project.
            text: The answer.
            code: What of it is the code that was judged.
            findings: What is wrong with the code.

        Raises:
            LandingError: It cannot be written.
        """
        state_folder(self._root, *path.parent.parts[1:])
        comments = [f"# {_printable(' '.join(str(item).splitlines()))}" for item in findings]
        first = len(comments) + 2 + _lines_before_code(text, code)
        head = f"# This answer was rejected. Line 1 of its code is line {first} of this file."
        content = "\n".join([head, *comments, text])
        with as_landing_error(path):
            self._names_by_module.setdefault(_module_of(path.name), set()).add(path.name)
            replace_file(self._root / path, content.encode("utf-8", "replace"))

    def remove(self, module: str) -> None:
        """Remove the rejected answers of a module whose code has landed since."""
        for name in self._names_by_module.pop(bounded_name(module), ()):
            with suppress(OSError):  # the code has landed: an old answer does it no harm
                remove_file(self._folder / name)

    @cached_property
    def _names_by_module(self) -> dict[str, set[str]]:
        """The names of the files by module; read once, since nobody else writes to the folder."""
        remove_leftovers(self._folder)
        names: dict[str, set[str]] = {}
        for path in self._folder.iterdir() if self._folder.is_dir() else ():
            names.setdefault(_module_of(path.name), set()).add(path.name)
        return names


def _printable(text: str) -> str:
    """The text with each character escaped that a terminal would obey."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def _module_of(name: str) -> str:
    """The module that the file of a rejected answer is for, empty where it is another file."""
    module, _, number = name.removesuffix(_SUFFIX).rpartition(".")
    return module if name.endswith(_SUFFIX) and number.isdigit() else ""


def _lines_before_code(text: str, code: str) -> int:
    """How many lines of an answer stand above its code: prose, and a fence."""
    whole = unix_lines(text)
    start = whole.find(code.rstrip("\n"))
    return whole[: max(start, 0)].count("\n")
