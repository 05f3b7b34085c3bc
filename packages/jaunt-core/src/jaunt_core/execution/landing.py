"""The one writer: puts generated text where it belongs, and nothing anywhere else."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path, PurePosixPath

from jaunt_core.analysis.header import FIRST_LINE, is_ours
from jaunt_core.errors import LandingError
from jaunt_core.execution.state_folder import remove_leftovers, replace_file, state_folder


class Landing:
    """Writes below the generated folders of one kind of root, and nowhere else.

    Args:
        root: The project's folder, links resolved.
        roots: The source roots, or the test roots, relative to it.
        generated_dir: The name of generated folders.
    """

    def __init__(self, root: Path, roots: tuple[PurePosixPath, ...], generated_dir: str) -> None:
        self._root = root
        self._roots = roots
        self._generated_dir = generated_dir

    def write_module(self, path: PurePosixPath, text: str, *, expected: str | None) -> None:
        """Write a generated module, and the `__init__.py` of its folder where one is needed.

        Args:
            path: Where, relative to the project.
            text: The whole text, header first.
            expected: The text that the plan found there, None where there was no file. A file
                that has changed since is left alone.

        Raises:
            LandingError: The place is not ours to write to, or writing failed; every file is as
                it was.
        """
        target = self._checked(path)
        content = text.encode("utf-8", "replace")
        try:
            current = _current_text(target)
            if current is not None and current.encode("utf-8", "replace") == content:
                return
            self._check_current(path, current, expected)
            target.parent.mkdir(exist_ok=True)
            remove_leftovers(target.parent)
            self._write_init(path, target)
            replace_file(target, content)
        except OSError as error:
            raise LandingError(
                f"{path} cannot be written: {error.strerror or error}",
                hint="make the folder writable, or free some space, and run the build again",
            ) from None

    def keep_copy(self, path: PurePosixPath) -> PurePosixPath | None:
        """Copy a file that is about to be overwritten to `.jaunt/overwritten/`.

        Returns:
            Where the copy is, relative to the project; None where there is nothing to copy.
        """
        source = self._root / path
        if not source.is_file():
            return None
        folder = state_folder(self._root, "overwritten", *path.parent.parts)
        number = 1 + sum(1 for _ in folder.glob(f"{path.stem}.*{path.suffix}"))
        copy = folder / f"{path.stem}.{number}{path.suffix}"
        shutil.copy2(source, copy)
        return PurePosixPath(copy.relative_to(self._root).as_posix())

    def _checked(self, path: PurePosixPath) -> Path:
        """The place to write to; links must not lead out of the generated folder."""
        if path.is_absolute() or ".." in path.parts or path.parent.name != self._generated_dir:
            raise LandingError(f"{path} is not directly in a folder named {self._generated_dir}")
        owners = [root for root in self._roots if path.is_relative_to(root)]
        if not owners:
            listed = ", ".join(str(root) for root in self._roots) or "none"
            raise LandingError(f"{path} is below none of the roots it may be written to ({listed})")
        folder = self._root / path.parent
        real = Path(os.path.realpath(folder))
        if real != folder:
            raise LandingError(
                f"{path.parent} leads elsewhere by a link, to {real}",
                hint="remove the link; generated folders are plain folders in the project",
            )
        target = folder / path.name
        try:
            mode = target.lstat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            return target
        if not stat.S_ISREG(mode):
            raise LandingError(f"{path} is no regular file", hint="move it away, then build again")
        return target

    def _check_current(
        self, path: PurePosixPath, current: str | None, expected: str | None
    ) -> None:
        if current is not None and current.strip() and not is_ours(current):
            raise LandingError(
                f"{path} was not written by jaunt and is left as it is",
                hint=f"move it out of {path.parent}; that folder is for generated files",
            )
        if current is not None and current != expected:
            raise LandingError(
                f"{path} was changed while the build was running and is left as it is",
                hint="run the build again",
            )

    def _write_init(self, path: PurePosixPath, target: Path) -> None:
        """The `__init__.py` of a generated folder, where the folder beside it is a package."""
        init = target.parent / "__init__.py"
        package = path.parent.parent
        if package in self._roots or path.name == "__init__.py" or os.path.lexists(init):
            return
        if (self._root / package / "__init__.py").is_file():
            replace_file(init, f"{FIRST_LINE}\n".encode())


def _current_text(target: Path) -> str | None:
    try:
        return target.read_bytes().decode("utf-8", "replace")
    except (FileNotFoundError, NotADirectoryError):
        return None


__all__ = ["Landing"]
