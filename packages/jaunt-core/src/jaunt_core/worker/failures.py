"""What user code did to us, as a message with the file and line it happened at."""

from __future__ import annotations

import traceback
from pathlib import Path

from .definitions import Json


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


def relative_path(path: Path | str, root: Path) -> str:
    """The path below the project root where it is there, with forward slashes."""
    try:
        return Path(path).resolve().relative_to(root).as_posix()
    except ValueError:
        return Path(path).as_posix()


def failure_of(error: BaseException, *, root: Path, path: Path) -> UserCodeError:
    """The failure that importing the module at `path` ended in."""
    if isinstance(error, SyntaxError) and error.filename:
        return UserCodeError(
            f"syntax error: {error.msg}",
            path=relative_path(error.filename, root),
            line=error.lineno or 0,
        )
    place, line = _innermost_place(error, root=root, path=path)
    hint = None
    if isinstance(error, ModuleNotFoundError):
        hint = (
            f"add {error.name!r} to the project's dependencies, or correct the import; "
            "discovery runs under the project's own interpreter"
        )
    elif isinstance(error, SystemExit):
        hint = "guard what exits with `if __name__ == '__main__':`"
    what = "exits" if isinstance(error, SystemExit) else f"raises {type(error).__name__}"
    said = str(error)
    return UserCodeError(
        f"importing it {what}" + (f": {said}" if said else ""), path=place, line=line, hint=hint
    )


def _innermost_place(error: BaseException, *, root: Path, path: Path) -> tuple[str, int]:
    """Where in the project's own files the error came from."""
    place, line = relative_path(path, root), 0
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename.startswith("<") or "site-packages" in Path(frame.filename).parts:
            continue
        relative = relative_path(frame.filename, root)
        if not Path(relative).is_absolute():
            place, line = relative, frame.lineno or 0
    return place, line
