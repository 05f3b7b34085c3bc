"""What a run reads before it decides anything; nothing here writes or asks a model."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

from jaunt_core.analysis.digest import digests_of
from jaunt_core.analysis.graph import build_graph
from jaunt_core.config.loading import Project
from jaunt_core.errors import JauntConfigError
from jaunt_core.execution.discovery import discover_modules
from jaunt_core.execution.generated_files import generated_module, read_all
from jaunt_core.execution.sources import Roots, Tree, walk_tree
from jaunt_core.execution.worker import Worker
from jaunt_core.model.plan import GeneratedFile, Inference
from jaunt_core.model.spec import Kind, SpecModule
from jaunt_core.planning.staleness import Judge, JudgedGraph


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The specs of a project and the generated files as they were found.

    `started` is when reading began, in nanoseconds since 1970.
    """

    started: int
    tree: Tree
    modules: tuple[SpecModule, ...]
    files: Mapping[str, GeneratedFile]
    generated_modules: Mapping[str, str]
    judge: Judge

    def module(self, name: str) -> SpecModule:
        """The spec module of this name."""
        return next(module for module in self.modules if module.name == name)

    def modules_of(self, kind: Kind) -> tuple[SpecModule, ...]:
        """The modules of one kind, ordered by name."""
        return tuple(module for module in self.modules if module.kind is kind)

    def names(self, kind: Kind) -> frozenset[str]:
        """The names of the modules of one kind."""
        return frozenset(module.name for module in self.modules_of(kind))

    def warnings(self, kind: Kind) -> list[str]:
        """What the user should look at in the specs of one kind."""
        found = []
        for module in self.modules:
            for spec in module.specs if module.kind is kind else ():
                for item in spec.unknown:
                    near = f"; did you mean {item.nearest}?" if item.nearest else ""
                    found.append(
                        f"{spec.path}:{spec.line}: {spec.ref} depends on {item.text!r}, "
                        f"which names nothing in this project{near}"
                    )
        return found


def read_snapshot(
    project: Project, roots: Roots, worker: Worker, kinds: Iterable[Kind]
) -> Snapshot:
    """Read the specs of the given kinds and what was generated for them.

    Raises:
        JauntDiscoveryError: A module cannot be imported, or a spec is misused.
    """
    started = time.time_ns()
    tree = walk_tree(project, roots)
    modules = discover_modules(project, roots, tree, worker, frozenset(kinds))
    generated_dir = project.config.paths.generated_dir

    @cache
    def judge(inference: Inference) -> JudgedGraph:
        graph = build_graph(modules, inference)
        return JudgedGraph(graph=graph, digests=digests_of(graph))

    return Snapshot(
        started=started,
        tree=tree,
        modules=modules,
        files=read_all(project.root, modules, generated_dir, worker),
        generated_modules={
            module.name: generated_module(module, generated_dir) for module in modules
        },
        judge=judge,
    )


def target_modules(
    snapshot: Snapshot, targets: Iterable[str], *, option: str = "--target "
) -> frozenset[str]:
    """The modules that targets name, which the user gave to `option`.

    Raises:
        JauntConfigError: A target names no spec module, or no spec in it.
    """
    by_name = {module.name: module for module in snapshot.modules}
    found = set()
    for target in targets:
        name, _, qualname = target.partition(":")
        module = by_name.get(name)
        if module is None:
            raise _unknown_target(option + target, name, sorted(by_name))
        known = [spec.name for spec in module.specs]
        if qualname and qualname not in known:
            raise _unknown_target(option + target, qualname, known, prefix=f"{name}:")
        found.add(name)
    return frozenset(found)


def _unknown_target(
    target: str, wrong: str, known: list[str], *, prefix: str = ""
) -> JauntConfigError:
    close = get_close_matches(wrong, known, n=1)
    listed = ", ".join(prefix + name for name in known[:8]) or "there are none"
    return JauntConfigError(
        f"{target} names no spec",
        hint=f"did you mean {prefix}{close[0]}?" if close else f"specs here: {listed}",
    )


__all__ = ["Snapshot", "read_snapshot", "target_modules"]
