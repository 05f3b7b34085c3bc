"""Read generated files, and tell their state: whole, missing, damaged, edited or foreign."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import cast

from jaunt import _naming
from jaunt_core.contracts.header import is_ours, parse_header, split_header
from jaunt_core.model.plan import FileState, GeneratedFile
from jaunt_core.model.spec import SpecModule
from jaunt_core.snapshot.worker_client import Worker


def generated_path(module: SpecModule, generated_dir: str) -> PurePosixPath:
    """Where the generated file of a spec module belongs, relative to the project."""
    return _naming.generated_path_of(module.path, generated_dir=generated_dir)


def generated_module(module: SpecModule, generated_dir: str) -> str:
    """The module name of that file."""
    return _naming.generated_module_of(
        module.name, is_package=module.is_package, generated_dir=generated_dir
    )


def read_generated(root: Path, path: PurePosixPath) -> GeneratedFile:
    """A generated file, its body not yet compared with its digest."""
    full = root / path
    try:
        if not stat.S_ISREG(full.lstat().st_mode):
            return _foreign(path, "it is no regular file")
        content = full.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return GeneratedFile(path=path, state=FileState.MISSING)
    except OSError as error:
        return _foreign(path, f"it cannot be read: {error.strerror}")
    text = content.decode("utf-8", "replace")
    if not text.strip():
        return GeneratedFile(path=path, state=FileState.DAMAGED, text=text, detail="it is empty")
    if not is_ours(text):
        return _foreign(path, "it has no header of jaunt's")
    _, body = split_header(text)
    try:
        content.decode("utf-8")
        header = parse_header(text)
    except ValueError as error:
        return GeneratedFile(
            path=path, state=FileState.DAMAGED, text=text, body=body, detail=str(error)
        )
    return GeneratedFile(path=path, state=FileState.WHOLE, text=text, header=header, body=body)


def _foreign(path: PurePosixPath, detail: str) -> GeneratedFile:
    return GeneratedFile(path=path, state=FileState.FOREIGN, detail=detail)


def read_files_of(
    root: Path, modules: tuple[SpecModule, ...], generated_dir: str, worker: Worker
) -> Mapping[str, GeneratedFile]:
    """The generated file of every module, by the module's name.

    Bodies are parsed by the worker: what is valid Python is a question for its interpreter.
    """
    paths = {module.name: generated_path(module, generated_dir) for module in modules}
    files = read_files(root, paths.values(), worker)
    return {name: files[path] for name, path in paths.items()}


def read_files(
    root: Path, paths: Iterable[PurePosixPath], worker: Worker
) -> dict[PurePosixPath, GeneratedFile]:
    """The generated files at `paths`, their bodies compared with their digests."""
    files = {path: read_generated(root, path) for path in paths}
    whole = [path for path, file in files.items() if file.state is FileState.WHOLE]
    if whole:
        answer = worker.ask({"op": "bodies", "texts": [files[path].body for path in whole]})
        digests = cast("list[str | None]", answer["digests"])
        for path, digest in zip(whole, digests, strict=True):
            files[path] = _with_body_state(files[path], digest)
    return files


def _with_body_state(file: GeneratedFile, digest: str | None) -> GeneratedFile:
    if digest is None:
        return replace(file, state=FileState.DAMAGED, detail="its code does not parse")
    recorded = file.header.body_digest if file.header else None
    if recorded is None and not file.body.strip():
        return file  # an `__init__.py` of ours is a header and nothing else
    if recorded is None:
        return replace(file, state=FileState.DAMAGED, detail="the header has no body digest")
    if recorded != digest:
        return replace(file, state=FileState.EDITED, detail="its code was changed by hand")
    return file
