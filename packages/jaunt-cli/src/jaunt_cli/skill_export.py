"""Write the packaged skill docs into a folder, and never over a changed file."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from pathlib import Path, PurePosixPath

from jaunt_core.errors import JauntError

FOLDER = "jaunt-skill"
FILES = tuple(
    PurePosixPath(name)
    for name in (
        "SKILL.md",
        "cursorrules.md",
        "examples/class_spec.py",
        "examples/function_spec.py",
        "examples/jaunt.toml",
        "examples/test_spec.py",
    )
)


class SkillExportError(JauntError):
    """The skill cannot be written."""


class FileOutcome(StrEnum):
    """What was done with a file of the skill."""

    WRITTEN = "written"
    REPLACED = "replaced"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedFile:
    """A file of the skill as it was exported; `detail` says why it was refused."""

    path: Path
    outcome: FileOutcome
    detail: str = ""


def packaged_text(name: PurePosixPath) -> bytes:
    """The packaged content of a file of the skill."""
    return files("jaunt_cli").joinpath("skill", *name.parts).read_bytes()


def export_skill(dest: Path, *, force: bool) -> list[ExportedFile]:
    """Write the skill into `dest/jaunt-skill/`, and return what was done with each file.

    Links inside that folder are never followed. Files that differ from the packaged ones are
    refused, or replaced with `force`; what is no file is always refused.

    Raises:
        SkillExportError: The folder cannot be made or written.
    """
    top = dest / FOLDER
    for folder in dict.fromkeys((top / name).parent for name in FILES):
        _make_folder(folder, inside=dest)
    return [_export(top / name, packaged_text(name), force=force) for name in FILES]


def _make_folder(folder: Path, *, inside: Path) -> None:
    for part in (folder, *folder.parents):
        if part == inside:  # what the user named may well be a link
            break
        if part.is_symlink():
            raise SkillExportError(
                f"{part} is a link", hint="remove it, or pass --dest for another folder"
            )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from None


def _export(path: Path, content: bytes, *, force: bool) -> ExportedFile:
    try:
        if path.is_symlink():
            known, detail = False, "it is a link"
        elif not path.exists():
            _replace(path, content)
            return ExportedFile(path=path, outcome=FileOutcome.WRITTEN)
        elif not path.is_file():
            return ExportedFile(path=path, outcome=FileOutcome.REFUSED, detail="it is no file")
        else:
            known, detail = _is_same(path.read_bytes(), content), "it was changed"
        if known:
            return ExportedFile(path=path, outcome=FileOutcome.UNCHANGED)
        if not force:
            return ExportedFile(path=path, outcome=FileOutcome.REFUSED, detail=detail)
        _replace(path, content)
    except OSError as error:
        raise _unwritable(path, error) from None
    return ExportedFile(path=path, outcome=FileOutcome.REPLACED)


def _is_same(content: bytes, packaged: bytes) -> bool:
    """Whether the file is as packaged; git may have changed its line endings."""
    return content.replace(b"\r\n", b"\n") == packaged.replace(b"\r\n", b"\n")


def _replace(path: Path, content: bytes) -> None:
    """Put the file there wholly or not at all, in place of a link rather than through it."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _unwritable(path: Path, error: OSError) -> SkillExportError:
    return SkillExportError(
        f"{path} cannot be written: {error.strerror}", hint="pass --dest for another folder"
    )
