"""Claim a project for a run that writes, and clean up after a run that was killed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial

from jaunt_core.landing.rollback import roll_back
from jaunt_core.landing.writer import Landing
from jaunt_core.model.spec import Kind
from jaunt_core.project.roots import Roots
from jaunt_core.project.sources import walk_tree
from jaunt_core.project.workspace import Workspace
from jaunt_core.storage.folder import remove_leftovers
from jaunt_core.storage.lock import project_lock


def claim_project(
    workspace: Workspace, warn: Callable[[str], None], *, needed: bool = True, wait: bool = True
) -> AbstractContextManager[None]:
    """Hold the project's lock inside the block, for which `project_lock` has the details."""
    # Wrong roots are reported before anybody waits for the lock.
    sweep = partial(_clean_up, workspace, workspace.roots, warn)
    return project_lock(workspace.root, warn, needed=needed, wait=wait, sweep=sweep)


def _clean_up(workspace: Workspace, roots: Roots, warn: Callable[[str], None]) -> None:
    """Put back what a killed run left on trial, and remove its half-written files."""
    root, generated_dir = workspace.root, workspace.config.paths.generated_dir
    landing = Landing(root, roots, Kind.BUILD, generated_dir, landed={})
    roll_back(root, landing, warn)
    for folder in walk_tree(workspace).folders:
        path = root / folder
        if path.name == generated_dir:
            remove_leftovers(path)
