"""The folders of a project that hold specs, and the import path that follows from them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from jaunt_core.config.loading import Project
from jaunt_core.config.locate import CONFIG_NAME
from jaunt_core.errors import JauntConfigError
from jaunt_core.model.spec import Kind


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

    def owner_of(self, path: PurePosixPath) -> PurePosixPath | None:
        """The innermost root that a file is below, None where it is below none."""
        around = [root for root in (*self.source, *self.test) if path.is_relative_to(root)]
        return max(around, key=lambda root: len(root.parts), default=None)

    def kind_of(self, path: PurePosixPath) -> Kind | None:
        """The kind of specs that a file may hold: test roots are cut out of source roots."""
        owner = self.owner_of(path)
        if owner is None:
            return None
        return Kind.TEST if owner in self.test else Kind.BUILD


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
    roots = []
    for folder in listed:
        path = PurePosixPath(folder)
        # A default root with a jaunt.toml of its own is a project of its own.
        is_nested = path.parts and (project.root / path / CONFIG_NAME).exists() and not named
        if (project.root / path).is_dir() and not is_nested:
            roots.append(path)
        elif named:
            raise JauntConfigError(
                f"{project.config_path}: [paths] {key} names {folder!r}, which is no folder",
                hint=f"create {folder} or correct {key}",
            )
    if not roots and key == "source_roots":
        what = (
            f"none of the source roots {', '.join(listed)} exists" if listed else "no source root"
        )
        raise JauntConfigError(
            f"{project.config_path}: {what}",
            hint="set [paths] source_roots to the folders that hold your modules",
        )
    return tuple(roots)
