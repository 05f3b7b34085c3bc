"""Find generated files that no spec needs any more, and remove generated files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from jaunt_core.contracts.header import is_ours
from jaunt_core.errors import LandingError
from jaunt_core.landing.writer import copy_aside
from jaunt_core.model.inspection import Orphan
from jaunt_core.model.plan import FileState, GeneratedFile
from jaunt_core.snapshot.generated_files import read_files
from jaunt_core.snapshot.snapshot import Snapshot
from jaunt_core.snapshot.worker_client import Worker


def with_our_header(
    root: Path, paths: Iterable[str], worker: Worker
) -> dict[PurePosixPath, GeneratedFile]:
    """Those of some files that begin as ours do, in order; an empty one may be anybody's."""
    files = read_files(root, map(PurePosixPath, sorted(paths)), worker)
    return {path: file for path, file in files.items() if file.text and is_ours(file.text)}


def orphaned_files(snapshot: Snapshot, root: Path, worker: Worker) -> tuple[GeneratedFile, ...]:
    """The files with our header that belong to no spec module, ordered by path."""
    needed = {file.path for file in snapshot.files.values()}
    needed |= {PurePosixPath(module.path) for module in snapshot.fresh.values()}
    needed |= {path.parent / "__init__.py" for path in needed}
    others = snapshot.changes.tree.generated - set(map(str, needed))
    return tuple(with_our_header(root, others, worker).values())


def find_orphans(snapshot: Snapshot, root: Path, worker: Worker) -> tuple[Orphan, ...]:
    """The generated files that belong to no spec module, as a report lists them."""
    return tuple(
        Orphan(
            path=file.path,
            source_module=file.header.source_module
            if file.header and file.header.spec_refs
            else "",
            state=file.state,
        )
        for file in orphaned_files(snapshot, root, worker)
    )


def remove_generated(
    root: Path, files: Iterable[GeneratedFile], *, dry_run: bool
) -> tuple[PurePosixPath, ...]:
    """Remove generated files, and the generated folders that are empty then.

    A file that was edited by hand, or cannot be read, is copied to `.jaunt/overwritten/` first.

    Returns:
        The files that were removed, or would be.

    Raises:
        LandingError: One cannot be removed; those before it are gone.
    """
    removed = []
    for file in files:
        removed.append(file.path)
        if dry_run:
            continue
        try:
            if file.state is not FileState.WHOLE:
                copy_aside(root, file.path)
            (root / file.path).unlink()
            _remove_if_empty((root / file.path).parent)
        except OSError as error:
            raise LandingError(f"{file.path} cannot be removed: {error.strerror}") from None
    return tuple(removed)


def _remove_if_empty(folder: Path) -> None:
    if all(path.name == "__pycache__" for path in folder.iterdir()):
        for cached in folder.glob("__pycache__/*.pyc"):
            cached.unlink()
        for path in folder.iterdir():
            path.rmdir()
        folder.rmdir()
