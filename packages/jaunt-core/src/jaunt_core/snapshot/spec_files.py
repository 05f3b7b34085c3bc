"""The files that contracts were read from, to tell whether they still say what was read."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

from jaunt_core.contracts.graph import SpecGraph
from jaunt_core.errors import LandingError
from jaunt_core.model.plan import ModulePlan
from jaunt_core.project.fingerprints import DIGITS, digest_of_content, hints_of, is_recent
from jaunt_core.snapshot.worker_calls import Discovered


class SpecFiles:
    """Compares files with what a run read in them; a file that nobody touches is read once.

    Args:
        root: The project's folder.
        discovered: What was read.
    """

    def __init__(self, root: Path, discovered: Iterable[Discovered]) -> None:
        self._root = root
        self._digests = {
            reference.path: reference.digest[:DIGITS]
            for part in discovered
            for reference in part.references
        }
        self._hints_as_read: dict[str, list[int]] = {}

    def check(self, plan: ModulePlan, graph: SpecGraph) -> None:
        """Make sure that a module's contract, and those that went into it, are as they were read.

        Raises:
            LandingError: Somebody has changed one of the files meanwhile.
        """
        for path in _paths_of(plan, graph):
            if path in self._digests and not self._is_as_read(path):
                raise LandingError(
                    f"the spec changed while it was being built ({path} is not as it was read), "
                    "so nothing was written; its answer is kept",
                    hint="build again",
                )

    def _is_as_read(self, path: str) -> bool:
        full, started = self._root / path, time.time_ns()
        try:
            status = full.stat()
            if self._hints_as_read.get(path) == hints_of(status):
                return True
            if digest_of_content(full.read_bytes()) != self._digests[path]:
                return False
        except OSError:
            return False
        # The hints of a file of the last moments may stay the same while it changes once more.
        if not is_recent(status.st_mtime_ns, started):
            self._hints_as_read[path] = hints_of(status)
        return True


def _paths_of(plan: ModulePlan, graph: SpecGraph) -> list[str]:
    """The files of the module, of what it names, and of the contracts that it builds on."""
    paths = {plan.module.path}
    for spec in plan.module.specs:
        paths.update(definition.path for definition in spec.context)
        refs = (*graph.edges[spec.ref], *graph.mentioned(spec.ref))
        paths.update(graph.specs[ref].path for ref in refs)
    return sorted(map(str, paths))
