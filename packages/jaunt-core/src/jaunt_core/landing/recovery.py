"""Claim a project for a run that writes: alone, and with what a killed one left cleared away."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial

from jaunt_core.config.loading import Project
from jaunt_core.landing.rollback import restore_unverified
from jaunt_core.landing.writer import Landing
from jaunt_core.model.spec import Kind
from jaunt_core.project.sources import Roots, walk_tree
from jaunt_core.storage.folder import remove_leftovers
from jaunt_core.storage.lock import project_lock


def claimed(
    project: Project,
    roots: Roots,
    warn: Callable[[str], None],
    *,
    needed: bool = True,
    wait: bool = True,
) -> AbstractContextManager[None]:
    """What holds the project's lock while it is entered; for the rest see `project_lock`."""
    sweep = partial(_clear_away, project, roots, warn)
    return project_lock(project.root, warn, needed=needed, wait=wait, sweep=sweep)


def _clear_away(project: Project, roots: Roots, warn: Callable[[str], None]) -> None:
    """Put generated folders in order after a run that was killed."""
    generated_dir = project.config.paths.generated_dir
    landing = Landing(project.root, roots, Kind.BUILD, generated_dir, landed={})
    restore_unverified(project.root, landing, warn)
    for folder in walk_tree(project, roots).folders:
        path = project.root / folder
        if path.name == generated_dir:
            remove_leftovers(path)


__all__ = ["claimed"]
