"""What user code did to us, as a message with the file and line it happened at."""

from __future__ import annotations

import os
import re
import sys
import traceback
from pathlib import Path

from jaunt import JauntError

from ..contract.definitions import Json

_PLACE = re.compile(r"\A[^\n]*?\.\w+:\d+: ")
_HALF_IMPORTED = "most likely due to a circular import"
_LIMIT = 2000


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
    """The path below the project root where it is there, with forward slashes."""
    real = os.path.realpath(path)  # done for every file that is shown
    inside = real.removeprefix(os.path.join(root, ""))  # noqa: PTH118 - likewise
    return Path(path if inside == real else inside).as_posix()


def failure_of(error: BaseException, *, root: Path, path: Path) -> UserCodeError:
    """The failure that importing the module at `path` ended in."""
    if isinstance(error, SyntaxError) and error.filename and Path(error.filename).is_file():
        return UserCodeError(
            f"syntax error: {error.msg}",
            path=relative_path(error.filename, root),
            line=error.lineno or 0,
        )
    place, line = _innermost_place(error, root=root, path=path)
    said = _said(error)
    if isinstance(error, JauntError):
        # Ours: it says all, and the place that it begins with is the one that we name.
        return UserCodeError(_PLACE.sub("", said), path=place, line=line, hint=error.hint)
    what = "exits" if isinstance(error, SystemExit) else f"raises {type(error).__name__}"
    kind = HalfImportedError if _HALF_IMPORTED in said else UserCodeError
    return kind(
        f"importing it {what}" + (f": {said}" if said else ""),
        path=place,
        line=line,
        hint=_hint_for(error),
    )


def _said(error: BaseException) -> str:
    text = error.args[0] if isinstance(error, JauntError) and error.args else error
    try:
        said = str(text)
    except Exception:  # noqa: BLE001 - user code may do anything in __str__
        return "(its message cannot be shown)"
    return said if len(said) <= _LIMIT else f"{said[:_LIMIT]}…"


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
    """Where in the project's own files the error came from."""
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
    """Environments that lie inside the project; one that it lies in itself is none of them."""
    listed = (Path(sys.prefix), Path(sys.base_prefix))
    return frozenset(folder.resolve() for folder in listed) - {root, *root.parents}
