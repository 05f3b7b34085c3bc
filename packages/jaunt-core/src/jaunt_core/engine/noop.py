"""What a run without work would find, without reading a single spec.

This is the way of most runs, so it imports neither pydantic nor asyncio and starts no process.
Where it cannot tell, the caller goes the long way.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jaunt_core.model.plan import BuildPlan, ModulePlan
from jaunt_core.model.spec import Kind
from jaunt_core.project.fingerprints import CONFIG_NAME, find_fresh, project_folder
from jaunt_core.snapshot.cache import KnownModule, settled_plan
from jaunt_core.version import __version__

if TYPE_CHECKING:
    from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """The plans of the kinds that are fresh; their specs are left out, since nobody read them.

    `orphans` is False where there are no orphaned files, None where nobody looked.
    """

    plans: Mapping[Kind, BuildPlan]
    warnings: Mapping[Kind, tuple[str, ...]]
    orphans: bool | None


def find_unchanged(
    *, root: Path | None, config: Path | None, environ: Mapping[str, str]
) -> Unchanged | None:
    """What is known to be fresh, None where that has to be looked up.

    Args:
        root: Where to look for `jaunt.toml`, upwards; the working directory where None.
        config: The file itself.
        environ: The environment, which may say under which interpreter specs are read.
    """
    folder = _project_folder(root, config)
    found = find_fresh(folder, __version__, environ) if folder else None
    if found is None:
        return None
    kinds = {Kind(name): content for name, content in found["kinds"].items()}
    if not kinds:
        return None
    return Unchanged(
        plans={
            kind: BuildPlan(
                kind=kind,
                modules=tuple(_plan(kind, item) for item in content["modules"]),
            )
            for kind, content in kinds.items()
        },
        warnings={kind: tuple(content["warnings"]) for kind, content in kinds.items()},
        orphans=found["orphans"],
    )


def _plan(kind: Kind, item: dict[str, Any]) -> ModulePlan:
    known = KnownModule(kind=kind.value, specs=(), depends=(), fresh=True, **item)
    return settled_plan(known)


def _project_folder(root: Path | None, config: Path | None) -> str | None:
    """The folder of the project, links resolved; None where it is for `load_project` to say."""
    if config is None:
        return project_folder(str(root or "."))
    # The record is about the file of the usual name only.
    return os.path.realpath(config.parent) if config.name == CONFIG_NAME else None
