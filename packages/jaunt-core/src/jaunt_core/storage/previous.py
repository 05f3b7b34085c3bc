"""Previous versions of the generated files whose code was replaced, stored for `jaunt diff`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from jaunt_core.config.reading import read_regular
from jaunt_core.contracts.header import split_header
from jaunt_core.model.spec import Kind
from jaunt_core.storage.folder import (
    STATE_FOLDER,
    Sync,
    as_landing_error,
    remove_leftovers,
    replace_file,
    state_folder,
)

_FOLDER = "previous"
_LARGEST = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Previous:
    """The text of a generated file before the code that is there now."""

    kind: Kind
    path: PurePosixPath
    text: str


def save_previous(
    root: Path, kind: Kind, path: PurePosixPath, *, text: str | None, code: str
) -> bool:
    """Store the text of a generated file that other code is about to replace.

    Returns:
        Whether `code` is other code than that in `text`: a new header alone does not count.

    Raises:
        LandingError: It cannot be written.
    """
    before = split_header(text)[1].strip("\n") if text is not None else ""
    if text is None or not before or before == code.strip("\n"):
        return False
    folder = state_folder(root, _FOLDER, kind.value, *path.parent.parts)
    with as_landing_error(folder / path.name):
        remove_leftovers(folder)
        # Not synced: where a power cut leaves half of it, there is less to compare.
        replace_file(folder / path.name, text.encode("utf-8", "replace"), sync=Sync.NOTHING)
    return True


def find_previous(root: Path) -> tuple[Previous, ...]:
    """All stored versions, ordered by kind and path; what no run writes there is left out."""
    versions = []
    for kind in Kind:
        folder = root / STATE_FOLDER / _FOLDER / kind.value
        for file in sorted(folder.rglob("*.py")) if folder.is_dir() else ():
            path = PurePosixPath(file.relative_to(folder).as_posix())
            text = read_version(root, PurePosixPath(file.relative_to(root).as_posix()))
            if text is not None:
                versions.append(Previous(kind=kind, path=path, text=text))
    return tuple(versions)


def read_version(root: Path, path: PurePosixPath) -> str | None:
    """The text of a generated file, of the previous version or of the present one.

    Returns:
        None where it cannot be read, is no regular file, is reached by a link or is too large:
        no run has written that.
    """
    full = root / path
    try:
        if full.resolve() != full:
            return None
        return read_regular(full, largest=_LARGEST).decode("utf-8", "replace")
    except (OSError, RuntimeError):  # links that lead in a circle
        return None
