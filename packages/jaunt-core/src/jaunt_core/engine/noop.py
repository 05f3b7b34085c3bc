"""Decide whether a command has nothing to do, without reading a single spec.

Most runs end this way, so nothing is imported before it is needed, neither dataclasses nor the
model, and no process is started. Where it cannot be told, the command looks for itself.
"""

from __future__ import annotations

import os

from jaunt_core.config.locate import CONFIG_NAME, find_project_folder
from jaunt_core.project.fingerprints import find_current_record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from jaunt_core.model.plan import BuildPlan
    from jaunt_core.model.spec import Kind
    from jaunt_core.project.fingerprints import Record

CODE = ("build",)
CODE_AND_TESTS = ("build", "test")
"""Values of `Kind`, which is too slow to import here."""


class Unchanged:
    """A project of which all is known to be fresh, since nothing changed after the last run.

    Args:
        record: What that run noted.
        kinds: The kinds of specs in question.
    """

    def __init__(self, record: Record, kinds: Collection[str]) -> None:
        self._results = {kind: record["kinds"][kind] for kind in kinds}

    @property
    def count(self) -> int:
        """How many modules there are."""
        return sum(len(result["modules"]) for result in self._results.values())

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should look at in the specs."""
        return tuple(text for result in self._results.values() for text in result["warnings"])

    def plan(self, kind: Kind) -> BuildPlan:
        """The plan of a kind; its modules have no specs in it, since nobody read them."""
        from jaunt_core.model.plan import BuildPlan  # noqa: PLC0415 - slow to import
        from jaunt_core.snapshot.cache import KnownModule, fresh_plan  # noqa: PLC0415

        known = (
            KnownModule(kind=kind.value, specs=(), depends=(), fresh=True, **module)
            for module in self._results[kind.value]["modules"]
        )
        return BuildPlan(kind=kind, modules=tuple(map(fresh_plan, known)))


def find_unchanged(
    kinds: Collection[str],
    *,
    root: str | os.PathLike[str] | None = None,
    config: str | os.PathLike[str] | None = None,
    environ: Mapping[str, str],
    without_orphans: bool = False,
) -> Unchanged | None:
    """What is known to be fresh; None where that has to be looked up.

    Args:
        kinds: The kinds of specs of which all has to be fresh.
        root: Where to look for `jaunt.toml`, upwards; the working directory where None.
        config: The file itself.
        environ: The environment, which may say under which interpreter specs are read.
        without_orphans: Whether it must be known as well that there are no orphaned files.
    """
    folder = _project_folder(root, config)
    record = find_current_record(folder, environ) if folder else None
    if record is None or not all(kind in record["kinds"] for kind in kinds):
        return None
    # None stands for "nobody looked".
    if without_orphans and record["orphans"] is not False:
        return None
    return Unchanged(record, kinds)


def _project_folder(
    root: str | os.PathLike[str] | None, config: str | os.PathLike[str] | None
) -> str | None:
    """The folder of the project, links resolved; None where it is for `load_project` to say."""
    if config is None:
        return find_project_folder(os.fspath(root or "."))
    folder, name = os.path.split(config)
    # The record is about the file of the usual name only.
    return os.path.realpath(folder) if name == CONFIG_NAME else None
