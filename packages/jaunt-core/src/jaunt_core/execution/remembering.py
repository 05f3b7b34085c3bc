"""Note what a run read and found fresh, so that the next one need not read it again."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path, PurePosixPath

from jaunt_core.config.loading import Project
from jaunt_core.errors import LandingError
from jaunt_core.execution.freshness import (
    RECORD_NAME,
    digest_of_content,
    listing_digest,
    make_record,
)
from jaunt_core.execution.generated_files import read_files
from jaunt_core.execution.snapshot import Snapshot
from jaunt_core.execution.state_folder import remove_leftovers, replace_file, state_folder
from jaunt_core.execution.worker import Worker
from jaunt_core.model.plan import FileState, GeneratedFile, Inference
from jaunt_core.model.spec import Kind, SpecModule
from jaunt_core.version import __version__


def remember_fresh(
    project: Project,
    snapshot: Snapshot,
    worker: Worker,
    *,
    kinds: Collection[Kind],
    inference: Inference,
    orphans: bool | None,
) -> None:
    """Write the record of a run that left all modules of `kinds` fresh.

    `orphans` tells whether there are orphaned files, None where nobody looked. Nothing is
    written where something changed while the run was going on, or `.jaunt/` is not
    to be written to: the record only saves time.
    """
    root = str(project.root)
    try:
        files = _fresh_files(project, snapshot, worker, kinds, inference)
        if files is None:
            return
        written = {
            str(path): digest_of_content((file.text or "").encode()) for path, file in files.items()
        }
        record = make_record(
            root,
            version=__version__,
            started=snapshot.started,
            folders={**snapshot.tree.listings, **_listings_above(project.root)},
            files={*_read_files(project, snapshot), *written},
            written=written,
            result={"orphans": orphans, "kinds": _result(snapshot, files, kinds)},
        )
        if record is not None:
            content = json.dumps(record, separators=(",", ":")).encode()
            folder = state_folder(project.root)
            remove_leftovers(folder)
            replace_file(folder / RECORD_NAME, content)
    except (OSError, LandingError):
        return


def _result(
    snapshot: Snapshot, files: Mapping[PurePosixPath, GeneratedFile], kinds: Collection[Kind]
) -> dict[str, object]:
    """What `jaunt_core.unchanged` makes the plan of a run without work from."""
    return {
        kind.value: {
            "modules": [_module(snapshot, module, files) for module in snapshot.modules_of(kind)],
            "warnings": snapshot.warnings(kind),
        }
        for kind in kinds
    }


def _module(
    snapshot: Snapshot, module: SpecModule, files: Mapping[PurePosixPath, GeneratedFile]
) -> dict[str, object]:
    path = snapshot.files[module.name].path
    header = files[path].header
    return {
        "name": module.name,
        "source": str(module.path),
        "path": str(path),
        "generated_module": snapshot.generated_modules[module.name],
        "digest": header.module_digest if header else "",
        "request": header.request if header else "",
        "tool_version": header.tool_version if header else "",
        "recipe": header.recipe if header else "",
    }


def _read_files(project: Project, snapshot: Snapshot) -> Iterator[str]:
    yield project.config_path.name
    yield from map(str, snapshot.tree.files)
    for folder in snapshot.tree.folders:
        if (project.root / folder / ".gitignore").is_file():
            yield str(folder / ".gitignore")
    for folder in _folders_above(project.root):
        for name in (".gitignore", ".git/info/exclude"):
            if (folder / name).is_file():
                yield str(folder / name)


def _folders_above(root: Path) -> tuple[Path, ...]:
    """From the project up to the top of its repository, none where there is no repository."""
    found = []
    for folder in (root, *root.parents):
        found.append(folder)
        if (folder / ".git").exists():
            return tuple(found)
    return ()


def _listings_above(root: Path) -> dict[str, str]:
    return {
        str(folder): listing_digest(str(folder))
        for folder in _folders_above(root)
        if folder != root
    }


def _fresh_files(
    project: Project,
    snapshot: Snapshot,
    worker: Worker,
    kinds: Collection[Kind],
    inference: Inference,
) -> Mapping[PurePosixPath, GeneratedFile] | None:
    """The generated files as they are now; None where one is not fresh."""
    digests = snapshot.judge(inference).digests
    wanted = {
        snapshot.files[module.name].path: digests.of_module(module)
        for kind in kinds
        for module in snapshot.modules_of(kind)
    }
    files = read_files(project.root, wanted, worker)
    for path, digest in wanted.items():
        file = files[path]
        if file.state is not FileState.WHOLE or file.header is None:
            return None
        if file.header.module_digest != digest or file.header.inference != inference:
            return None
    return files


__all__ = ["remember_fresh"]
