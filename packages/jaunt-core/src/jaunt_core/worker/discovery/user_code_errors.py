"""Failures of user code, as messages with the file and line where they happened."""

from __future__ import annotations

import os
import re
import sys
import traceback
from pathlib import Path

from jaunt import JauntError

from ..contract.definitions import Json

# `shop/tax.py:3: ` at the head of the message of an error of ours.
_PLACE = re.compile(r"\A[^\n]*?\.\w+:\d+: ")
_HALF_IMPORTED = "most likely due to a circular import"
_LIMIT = 2000
"""How many characters of the message of an error are shown."""


class UserCodeError(Exception):
    """A failure that names the file and line of the user's code, and what to do."""

    def __init__(self, message: str, *, path: str, line: int, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.line = line
        self.hint = hint

    def as_json(self) -> Json:
        """The failure as it is sent to the engine."""
        return {"message": self.message, "path": self.path, "line": self.line, "hint": self.hint}


class HalfImportedError(UserCodeError):
    """Modules import each other in a circle, and this one does not work as the first."""


def relative_path(path: Path | str, root: Path) -> str:
    """A path with forward slashes, relative to the project root if it lies below it."""
    real = os.path.realpath(path)  # faster than pathlib, and done for every file
    inside = real.removeprefix(os.path.join(root, ""))  # noqa: PTH118 - likewise
    return Path(path if inside == real else inside).as_posix()


def failure_of(error: BaseException, *, root: Path, path: Path) -> UserCodeError:
    """The failure to report for an error that importing the module at `path` raised."""
    if isinstance(error, SyntaxError) and error.filename and Path(error.filename).is_file():
        return UserCodeError(
            f"syntax error: {error.msg}",
            path=relative_path(error.filename, root),
            line=error.lineno or 0,
        )
    place, line = _innermost_place(error, root=root, path=path)
    message = _message_of(error)
    if isinstance(error, JauntError):
        # Complete as it is; its message begins with the place, which is named separately here.
        return UserCodeError(_PLACE.sub("", message), path=place, line=line, hint=error.hint)
    outcome = "exits" if isinstance(error, SystemExit) else f"raises {type(error).__name__}"
    kind = HalfImportedError if _HALF_IMPORTED in message else UserCodeError
    return kind(
        f"importing it {outcome}" + (f": {message}" if message else ""),
        path=place,
        line=line,
        hint=_hint_for(error),
    )


def _message_of(error: BaseException) -> str:
    content = error.args[0] if isinstance(error, JauntError) and error.args else error
    try:
        text = str(content)
    except Exception:  # noqa: BLE001 - user code may do anything in __str__
        return "(its message cannot be shown)"
    return text if len(text) <= _LIMIT else f"{text[:_LIMIT]}…"


def _hint_for(error: BaseException) -> str | None:
    if isinstance(error, ModuleNotFoundError):
        return (
            f"add {error.name!r} to the project's dependencies, or correct the import; "
            "discovery runs under the project's own interpreter"
        )
    if isinstance(error, SystemExit):
        return "guard what exits with `if __name__ == '__main__':`"
    return None


def _innermost_place(error: BaseException, *, root: Path, path: Path) -> tuple[str, int]:
    """The last place in the project's own files on the way to the error."""
    place, line = relative_path(path, root), 0
    foreign = _foreign_folders(root)
    for frame, number in traceback.walk_tb(error.__traceback__):
        file = Path(frame.f_code.co_filename).resolve()
        if not file.is_relative_to(root) or not file.is_file():
            continue
        if foreign.isdisjoint(file.parents):
            place, line = relative_path(file, root), number
    return place, line


def _foreign_folders(root: Path) -> frozenset[Path]:
    """The interpreter's folders, whose files are not the project's own.

    A folder that holds the project itself does not count: then all files would be foreign.
    """
    prefixes = (Path(sys.prefix), Path(sys.base_prefix))
    return frozenset(folder.resolve() for folder in prefixes) - {root, *root.parents}
