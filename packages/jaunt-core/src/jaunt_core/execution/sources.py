"""The project's own Python files: which there are, what module each is, in which root."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from jaunt_core.config.loading import CONFIG_NAME, Project
from jaunt_core.errors import JauntConfigError
from jaunt_core.model.spec import Kind

_ENVIRONMENT_MARK = "pyvenv.cfg"


@dataclass(frozen=True, slots=True, kw_only=True)
class Roots:
    """The folders that hold specs, relative to the project's own, and the import path.

    `prefix` is what worker, import checks and pytest put in front of `sys.path`: source roots,
    then the parents of the test roots.
    """

    source: tuple[PurePosixPath, ...]
    test: tuple[PurePosixPath, ...]

    @property
    def prefix(self) -> tuple[PurePosixPath, ...]:
        """The folders in front of `sys.path`, each once."""
        return tuple(dict.fromkeys([*self.source, *(root.parent for root in self.test)]))

    def of(self, kind: Kind) -> tuple[PurePosixPath, ...]:
        """The roots that specs of one kind stand in."""
        return self.source if kind is Kind.BUILD else self.test


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A Python file that may hold specs."""

    path: PurePosixPath
    module: str
    kind: Kind
    is_package: bool


def find_roots(project: Project) -> Roots:
    """The roots of a project.

    Raises:
        JauntConfigError: A root that was named does not exist, or none exists at all.
    """
    paths = project.config.paths
    return Roots(
        source=_existing(project, "source_roots", paths.source_roots),
        test=_existing(project, "test_roots", paths.test_roots),
    )


def _existing(project: Project, key: str, listed: tuple[str, ...]) -> tuple[PurePosixPath, ...]:
    named = key in project.config.paths.model_fields_set
    found = []
    for item in listed:
        if (project.root / item).is_dir():
            found.append(PurePosixPath(item))
        elif named:
            raise JauntConfigError(
                f"{project.config_path}: [paths] {key} names {item!r}, which is no folder",
                hint=f"create {item} or correct {key}",
            )
    if not found and key == "source_roots":
        raise JauntConfigError(
            f"{project.config_path}: none of the source roots {', '.join(listed)} exists",
            hint="set [paths] source_roots to the folders that hold your modules",
        )
    return tuple(found)


def find_sources(project: Project, roots: Roots) -> list[SourceFile]:
    """The files that mention jaunt, ordered by path.

    Hidden folders, environments, git-ignored and generated folders and nested projects are
    skipped; a file belongs to its innermost root.
    """
    ignored = _ignored_folders(project.root)
    generated = project.config.paths.generated_dir
    found = {}
    for top in sorted({*roots.source, *roots.test}):
        for path in _python_files(project.root, top, ignored, generated):
            if path not in found and b"jaunt" in (project.root / path).read_bytes():
                found[path] = _source_file(path, roots)
    return [item for _, item in sorted(found.items()) if item is not None]


def _source_file(path: PurePosixPath, roots: Roots) -> SourceFile | None:
    owner = max(
        (root for root in {*roots.source, *roots.test} if path.is_relative_to(root)),
        key=lambda root: len(root.parts),
    )
    kind = Kind.TEST if owner in roots.test else Kind.BUILD
    base = owner if kind is Kind.BUILD else _import_base(owner, roots)
    parts = list(path.relative_to(base).with_suffix("").parts)
    is_package = parts[-1] == "__init__"
    if is_package:
        parts.pop()
    if not parts or not all(part.isidentifier() for part in parts):
        return None  # nothing can import it, so it holds no specs
    return SourceFile(path=path, module=".".join(parts), kind=kind, is_package=is_package)


def _import_base(test_root: PurePosixPath, roots: Roots) -> PurePosixPath:
    """The folder that a test module's name starts from: a source root around it, or its parent."""
    around = [root for root in roots.source if root != test_root and test_root.is_relative_to(root)]
    return max(around, key=lambda root: len(root.parts), default=test_root.parent)


def _python_files(
    root: Path, top: PurePosixPath, ignored: frozenset[PurePosixPath], generated: str
) -> Iterator[PurePosixPath]:
    pending = [top]
    while pending:
        folder = pending.pop()
        with os.scandir(root / folder) as entries:
            listed = sorted(entries, key=lambda entry: entry.name)
        for entry in listed:
            path = folder / entry.name
            if entry.name.endswith(".py") and entry.is_file():
                yield path
            elif entry.is_dir(follow_symlinks=False) and _is_entered(
                entry, path, ignored, generated
            ):
                pending.append(path)


def _is_entered(
    entry: os.DirEntry[str],
    path: PurePosixPath,
    ignored: frozenset[PurePosixPath],
    generated: str,
) -> bool:
    name = entry.name
    if name.startswith(".") or name in (generated, "__pycache__", "node_modules"):
        return False
    if path in ignored:
        return False
    folder = Path(entry.path)
    return not (folder / _ENVIRONMENT_MARK).exists() and not (folder / CONFIG_NAME).exists()


def _ignored_folders(root: Path) -> frozenset[PurePosixPath]:
    """The folders below the project that git ignores; none where there is no git."""
    command = [
        "git",
        "ls-files",
        "-z",
        "--others",
        "--ignored",
        "--exclude-standard",
        "--directory",
    ]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, check=False)
    except OSError:
        return frozenset()
    if done.returncode != 0:
        return frozenset()
    listed = os.fsdecode(done.stdout).split("\0")
    # A project inside an ignored folder is listed as `./`; it is read all the same.
    return frozenset(PurePosixPath(item) for item in listed if item.endswith("/") and item != "./")


__all__ = ["Roots", "SourceFile", "find_roots", "find_sources"]
