"""The project's own Python files: which there are, what module each is, in which root."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from jaunt_core.config.loading import Project
from jaunt_core.config.locate import CONFIG_NAME
from jaunt_core.model.spec import Kind
from jaunt_core.project.fingerprints import folder_entry_of, leads_to
from jaunt_core.project.roots import Roots
from jaunt_core.project.workspace import Workspace

if TYPE_CHECKING:
    from jaunt_core.project.fingerprints import Entry

_ENVIRONMENT_MARKS = ("pyvenv.cfg", "conda-meta")

CONFTEST = "conftest.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A Python file that may hold specs; its path is below the project's folder."""

    path: str
    module: str
    kind: Kind

    @property
    def is_package(self) -> bool:
        """Whether it is the `__init__.py` of a package."""
        return self.path.rpartition("/")[2] == "__init__.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """The folders and Python files on the import path of a project, by path below its folder.

    Hidden folders, environments, git-ignored folders and nested projects are left out.
    `generated` are the Python files in generated folders, `files` all others. `folders` has the
    record's entry of each folder, which tells later whether a name came or went; also of the
    folders around the roots, and of those that are left out because of a file in them.
    """

    folders: Mapping[str, Entry]
    files: frozenset[str]
    generated: frozenset[str]


def walk_tree(workspace: Workspace) -> Tree:
    """The folders and Python files that specs, their context and generated code stand in."""
    project, roots = workspace.project, workspace.roots
    ignored = _ignored_folders(workspace)
    folders: dict[str, Entry] = {}
    files: set[str] = set()
    pending = [str(path) for path in (*roots.source, *roots.test, *roots.prefix)]
    around = {str(path) for root in pending for path in PurePosixPath(root).parents}
    while pending:
        folder = pending.pop()
        if folder in folders:
            continue
        full = str(project.root / folder)
        folders[folder] = folder_entry_of(full)
        with os.scandir(full) as entries:
            for entry in entries:
                path = entry.name if folder == "." else f"{folder}/{entry.name}"
                if entry.name.endswith(".py") and leads_to(entry.is_file):
                    files.add(path)
                elif entry.is_dir(follow_symlinks=False) and _may_be_entered(entry, path, ignored):
                    if _is_of_another(entry):
                        around.add(path)
                    else:
                        pending.append(path)
    for folder in around - folders.keys():
        folders[folder] = folder_entry_of(str(project.root / folder))
        # Fixtures of tests further down may stand there, outside of what can be imported.
        path = CONFTEST if folder == "." else f"{folder}/{CONFTEST}"
        if (project.root / path).is_file():
            files.add(path)
    return tree_of(project, folders, files)


def tree_of(project: Project, folders: Mapping[str, Entry], files: Iterable[str]) -> Tree:
    """The tree with these folders and Python files."""
    generated_dir = project.config.paths.generated_dir
    listed = frozenset(files)
    generated = frozenset(path for path in listed if generated_dir in path.split("/")[:-1])
    return Tree(folders=folders, files=listed - generated, generated=generated)


def source_at(name: str, roots: Roots) -> SourceFile | None:
    """The module that a file is, where it can be imported and belongs to a root.

    A file belongs to its innermost root.
    """
    path = PurePosixPath(name)
    owner, kind = roots.owner_of(path), roots.kind_of(path)
    if owner is None or kind is None:
        return None
    base = owner if kind is Kind.BUILD else _import_base(owner, roots)
    parts = list(path.relative_to(base).with_suffix("").parts)
    if parts[-1] == "__init__":
        parts.pop()
    if not parts or not all(part.isidentifier() for part in parts):
        return None  # nothing can import it, so it holds no specs
    return SourceFile(path=name, module=".".join(parts), kind=kind)


def _import_base(test_root: PurePosixPath, roots: Roots) -> PurePosixPath:
    """The folder that a test module's name starts from: a source root around it, or its parent."""
    around = [root for root in roots.source if root != test_root and test_root.is_relative_to(root)]
    return max(around, key=lambda root: len(root.parts), default=test_root.parent)


def _may_be_entered(entry: os.DirEntry[str], path: str, ignored: frozenset[str]) -> bool:
    is_hidden = entry.name.startswith(".") or entry.name in ("__pycache__", "node_modules")
    return not is_hidden and path not in ignored


def _is_of_another(entry: os.DirEntry[str]) -> bool:
    """Whether a folder belongs to something else: a virtual environment, or another project."""
    marks = (*_ENVIRONMENT_MARKS, CONFIG_NAME)
    return any(os.path.exists(f"{entry.path}/{name}") for name in marks)  # noqa: PTH110


def _ignored_folders(workspace: Workspace) -> frozenset[str]:
    """The folders below the project that git ignores; none where there is no git."""
    only_git = ("-c", "core.fsmonitor=false")  # else git runs what its settings name
    listing = ("ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory")
    try:
        done = subprocess.run(
            ["git", *only_git, *listing],
            cwd=workspace.root,
            capture_output=True,
            check=False,
            env=workspace.child_environ,
        )
    except OSError:
        return frozenset()
    if done.returncode != 0:
        return frozenset()
    listed = os.fsdecode(done.stdout).split("\0")
    # A project inside an ignored folder is listed as `./` itself; it is read all the same.
    return frozenset(item.rstrip("/") for item in listed if item.endswith("/"))
