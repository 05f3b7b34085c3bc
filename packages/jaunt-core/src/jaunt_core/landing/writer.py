"""The one writer of generated files: only into generated folders, whole files at a time."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path, PurePosixPath

from jaunt_core.contracts.header import is_ours, split_header
from jaunt_core.errors import LandingError
from jaunt_core.landing.stamping import init_text
from jaunt_core.model.spec import Kind
from jaunt_core.project.roots import Roots
from jaunt_core.storage.folder import Sync, remove_leftovers, replace_file, state_folder


class Landing:
    """Writes below the generated folders of one kind of root, and nowhere else.

    Args:
        root: The project's folder, links resolved.
        roots: The roots of both kinds, relative to it.
        kind: Which of them may be written to.
        generated_dir: The name of generated folders.
        landed: Filled with the content of each module that stands as it was to be written.
    """

    def __init__(
        self,
        root: Path,
        roots: Roots,
        kind: Kind,
        generated_dir: str,
        *,
        landed: dict[PurePosixPath, bytes],
    ) -> None:
        self._root = root
        self._roots = roots
        self._kind = kind
        self._generated_dir = generated_dir
        self._landed = landed
        self._swept: set[Path] = set()

    def check(self, path: PurePosixPath) -> None:
        """Make sure that `path` may be written, before anything is paid for it.

        Raises:
            LandingError: The place is not ours to write to.
        """
        self._checked_target(path)

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
        target = self._checked_target(path)
        content = text.encode("utf-8", "replace")
        try:
            current = _current_text(target)
            if current is not None and current.encode("utf-8", "replace") == content:
                self._landed[path] = content
                return
            _check_current(path, current, expected)
            target.parent.mkdir(exist_ok=True)
            self._sweep(target.parent)
            self._write_init(path, target)
            if current is not None:
                _drop_bytecode(target)
            # Its name need not last through a power cut: a missing file is made from the store.
            replace_file(target, content, sync=Sync.CONTENT)
            self._landed[path] = content
        except OSError as error:
            raise LandingError(
                f"{path} cannot be written: {error.strerror or error}",
                hint="make the folder writable, or free some space, and run the build again",
            ) from None

    def _sweep(self, folder: Path) -> None:
        """Remove the temporary files of killed runs, once a run for each folder."""
        if folder not in self._swept:
            self._swept.add(folder)
            remove_leftovers(folder)

    def _checked_target(self, path: PurePosixPath) -> Path:
        """The file to write to, after it was made sure that it may be written.

        Links must not lead out of the generated folder.
        """
        if path.is_absolute() or ".." in path.parts or path.parent.name != self._generated_dir:
            raise LandingError(f"{path} is not directly in a folder named {self._generated_dir}")
        if self._roots.kind_of(path) is not self._kind:
            allowed = ", ".join(str(root) for root in self._roots.of(self._kind)) or "none"
            raise LandingError(
                f"{path} is below none of the roots it may be written to ({allowed})"
            )
        target = self._root / path
        mode = self._folder_mode(path.parent)
        hint = "move it away, then build again"
        if mode is not None and not stat.S_ISDIR(mode):
            raise LandingError(f"{path.parent} is no folder", hint=hint)
        mode = None if mode is None else _mode_of(str(target))
        if mode is not None and not stat.S_ISREG(mode):
            raise LandingError(f"{path} is no regular file", hint=hint)
        return target

    def _folder_mode(self, folder: PurePosixPath) -> int | None:
        """The mode of a folder, None where there is none; no link may stand on the way to it.

        The project's own folder is resolved already, so only what is below it is looked at.
        """
        place, mode = str(self._root), None
        for part in folder.parts:
            place = f"{place}{os.sep}{part}"
            mode = _mode_of(place)
            if mode is None:
                return None
            if stat.S_ISLNK(mode):
                real = os.path.realpath(self._root / folder)
                raise LandingError(
                    f"{folder} leads elsewhere by a link, to {real}",
                    hint="remove the link; generated folders are plain folders in the project",
                )
        return mode

    def _write_init(self, path: PurePosixPath, target: Path) -> None:
        """Write the `__init__.py` of a generated folder, where a package is around it."""
        init = target.parent / "__init__.py"
        package = path.parent.parent
        is_root = package in self._roots.of(self._kind)
        if is_root or path.name == init.name or os.path.lexists(init):
            return
        if (self._root / package / "__init__.py").is_file():
            owner = max(
                (root for root in self._roots.of(self._kind) if package.is_relative_to(root)),
                key=lambda root: len(root.parts),
            )
            name = ".".join(package.relative_to(owner).parts)
            # Nobody would make it again while the modules beside it are fresh.
            replace_file(init, init_text(self._kind, name).encode(), sync=Sync.ENTRY)


def copy_aside(root: Path, path: PurePosixPath) -> PurePosixPath | None:
    """Copy a file that is about to be overwritten or removed to `.jaunt/overwritten/`.

    Returns:
        Where the copy is, relative to the project; None where there is nothing to copy.

    Raises:
        LandingError: It cannot be copied.
    """
    source = root / path
    folder = state_folder(root, "overwritten", *path.parent.parts)
    copies = folder.glob(f"{path.stem}.*{path.suffix}")
    numbers = [copy.stem.rpartition(".")[2] for copy in copies]
    number = 1 + max((int(text) for text in numbers if text.isdecimal()), default=0)
    copy = folder / f"{path.stem}.{number}{path.suffix}"
    try:
        content = source.read_bytes()
        remove_leftovers(folder)
        # The original goes next, so the copy has to be there to stay.
        replace_file(copy, content, sync=Sync.ENTRY)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise LandingError(
            f"{path} cannot be copied to {copy}: {error.strerror}",
            hint="free some space or make the folder writable; the file was left as it is",
        ) from None
    return PurePosixPath(copy.relative_to(root).as_posix())


def _check_current(path: PurePosixPath, current: str | None, expected: str | None) -> None:
    if current is not None and current.strip() and not is_ours(current):
        raise LandingError(
            f"{path} was not written by jaunt and is left as it is",
            hint=f"move it out of {path.parent}; that folder is for generated files",
        )
    # The `__init__.py` that another module of this run has brought along is no change.
    if current is not None and current != expected and not _is_bare_init(path, current):
        raise LandingError(
            f"{path} was changed while the build was running and is left as it is",
            hint="run the build again",
        )


def _is_bare_init(path: PurePosixPath, text: str) -> bool:
    return path.name == "__init__.py" and is_ours(text) and not split_header(text)[1].strip()


def _drop_bytecode(target: Path) -> None:
    """Remove the bytecode of a file that is about to be replaced.

    Python tells files apart by their size and the second of their time, so code of the same length
    that lands within a second, as while tests are repaired, would not be run.
    """
    with suppress(OSError):
        for path in (target.parent / "__pycache__").glob(f"{target.stem}.*.pyc"):
            path.unlink(missing_ok=True)


def _mode_of(place: str) -> int | None:
    """The mode of a path, links not followed; None where nothing stands there."""
    try:
        return os.lstat(place).st_mode
    except OSError:  # writing will show why
        return None


def _current_text(target: Path) -> str | None:
    try:
        return target.read_bytes().decode("utf-8", "replace")
    except (FileNotFoundError, NotADirectoryError):
        return None
