"""From the files of a project to its specs, through the worker."""

from __future__ import annotations

from typing import cast

from jaunt_core.config.loading import Project
from jaunt_core.execution.decoding import decode
from jaunt_core.execution.sources import Roots, Tree, find_sources
from jaunt_core.execution.worker import Worker
from jaunt_core.model.candidate import CandidateFacts
from jaunt_core.model.spec import Kind, SpecModule


def discover_modules(
    project: Project, roots: Roots, tree: Tree, worker: Worker, kinds: frozenset[Kind]
) -> tuple[SpecModule, ...]:
    """All modules of the given kinds that hold specs, ordered by name.

    Raises:
        JauntDiscoveryError: A module cannot be imported, or a spec is misused; the message names
            file and line.
    """
    sources = [item for item in find_sources(project, roots, tree) if item.kind in kinds]
    if not sources:
        return ()
    listed = [
        {
            "name": item.module,
            "path": item.path.as_posix(),
            "kind": item.kind.value,
            "is_package": item.is_package,
            "generated_dir": project.config.paths.generated_dir,
        }
        for item in sources
    ]
    answer = worker.ask({"op": "discover", "modules": listed})
    modules = [decode(SpecModule, item) for item in cast("list[object]", answer["modules"])]
    return tuple(sorted(modules, key=lambda module: module.name))


def inspect_candidate(
    worker: Worker, project: Project, module: SpecModule, generated_module: str, source: str
) -> CandidateFacts:
    """The facts of an answer for `module`, read as the generated module it would become."""
    answer = worker.ask(
        {
            "op": "inspect",
            "source": source,
            "generated_module": generated_module,
            "generated_path": str(project.root / module.path.parent / "candidate.py"),
            "is_package": module.is_package,
            "spec_module": module.name,
            "names": [spec.name for spec in module.specs],
        }
    )
    return decode(CandidateFacts, answer)


__all__ = ["discover_modules", "inspect_candidate"]
