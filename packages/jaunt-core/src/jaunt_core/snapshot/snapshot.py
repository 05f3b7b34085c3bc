"""Read what a run needs before it decides anything; nothing here writes or asks a model."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

from jaunt_core.config.loading import Project
from jaunt_core.contracts.digest import digests_of
from jaunt_core.contracts.graph import build_graph
from jaunt_core.errors import JauntConfigError, JauntDiscoveryError
from jaunt_core.model.plan import GeneratedFile, Inference
from jaunt_core.model.spec import Kind, SpecModule, SpecRef
from jaunt_core.planning.staleness import Judge, JudgedGraph, selected_modules
from jaunt_core.project.sources import SourceFile
from jaunt_core.project.workspace import Workspace
from jaunt_core.snapshot.cache import KnownModule
from jaunt_core.snapshot.changes import Changes, all_as_changed, find_changes
from jaunt_core.snapshot.generated_files import generated_module, read_files_of
from jaunt_core.snapshot.worker_calls import Discovered, discover_modules
from jaunt_core.snapshot.worker_client import Worker


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The specs of a project and the generated files as they were found.

    A part of a project that is closed under dependencies is planned as a whole one is. So modules
    that are known to be `fresh`, and that nothing which is read depends on, are not read.

    Attributes:
        changes: The files, and what changed in them since the last run.
        kinds: The kinds of specs that were looked for.
        discovered: What the worker found, request by request.
        modules: The modules that were read, ordered by name.
        fresh: The modules that need not be read, by name.
        files: The generated file of each module that was read, by its name.
        generated_modules: The name of the generated module, likewise.
        judge: The graph of what was read, under an inference setting.
    """

    changes: Changes
    kinds: frozenset[Kind]
    discovered: tuple[Discovered, ...]
    modules: tuple[SpecModule, ...]
    fresh: Mapping[str, KnownModule]
    files: Mapping[str, GeneratedFile]
    generated_modules: Mapping[str, str]
    judge: Judge

    def module(self, name: str) -> SpecModule:
        """The spec module of this name, which was read."""
        return next(module for module in self.modules if module.name == name)

    def modules_of(self, kind: Kind) -> tuple[SpecModule, ...]:
        """The modules of one kind that were read, ordered by name."""
        return tuple(module for module in self.modules if module.kind is kind)

    def fresh_of(self, kind: Kind) -> tuple[KnownModule, ...]:
        """The modules of one kind that are known to be fresh."""
        return tuple(module for module in self.fresh.values() if module.kind == kind.value)

    def names(self, kind: Kind) -> frozenset[str]:
        """The names of all modules of one kind."""
        listed = (*self.modules_of(kind), *self.fresh_of(kind))
        return frozenset(module.name for module in listed)

    def specs_by_module(self) -> dict[str, list[str]]:
        """The names of the specs of all modules."""
        specs = {name: list(module.specs) for name, module in self.fresh.items()}
        for module in self.modules:
            specs[module.name] = [spec.name for spec in module.specs]
        return dict(sorted(specs.items()))

    def warnings(self, kind: Kind) -> list[str]:
        """What the user should look at in the specs of one kind."""
        return [text for module in self.modules_of(kind) for text in warnings_of(module)]


def warnings_of(module: SpecModule) -> list[str]:
    """What the user should look at in the specs of a module."""
    warnings = []
    for spec in module.specs:
        for unknown in spec.unknown:
            near = f"; did you mean {unknown.nearest}?" if unknown.nearest else ""
            warnings.append(
                f"{spec.path}:{spec.line}: {spec.ref} depends on {unknown.text!r}, "
                f"which names nothing in this project{near}"
            )
    return warnings


def read_snapshot(
    workspace: Workspace,
    worker: Worker,
    kinds: Iterable[Kind],
    *,
    wanted: Collection[str] | None = None,
) -> Snapshot:
    """Read the specs of the given kinds and what was generated for them.

    Args:
        workspace: The project.
        worker: The process that imports them.
        kinds: The kinds of specs to read.
        wanted: The modules to read even if they are known to be fresh; all where None.

    Raises:
        JauntDiscoveryError: A module cannot be imported, or a spec is misused.
    """
    project, started = workspace.project, time.time_ns()
    worker.prepare()  # it starts while we look for changes
    changes = None
    if wanted is not None:
        changes = find_changes(workspace, started=started)
    if changes is not None:
        try:
            return _Reader(project, worker, frozenset(kinds), changes).snapshot(wanted or ())
        except JauntDiscoveryError:
            # Circular imports may work in another order, and the same failure is told the same
            # way whatever was known before.
            worker.close()
    changes = all_as_changed(workspace, started=started)
    return _Reader(project, worker, frozenset(kinds), changes).snapshot(())


class _Reader:
    """Has the worker read what is not known, and all that it depends on."""

    def __init__(
        self, project: Project, worker: Worker, kinds: frozenset[Kind], changes: Changes
    ) -> None:
        self._project = project
        self._worker = worker
        self._kinds = kinds
        self._changes = changes
        self._known = {
            name: module for name, module in changes.known.items() if Kind(module.kind) in kinds
        }
        self._sources: dict[str, list[SourceFile]] = {}
        for source in changes.sources:
            if source.kind in kinds and source.module not in changes.without_specs:
                self._sources.setdefault(source.module, []).append(source)
        self._discovered: list[Discovered] = []
        self._read: set[str] = set()

    def snapshot(self, wanted: Collection[str]) -> Snapshot:
        """The snapshot of what is wanted, what may be different and what both depend on."""
        pending = self._closed({*self._not_fresh(), *wanted})
        while pending:
            discovered = self._discover(pending)
            pending = {
                name
                for module in discovered.modules
                for name in linked_modules(module)
                if name in self._sources
            } - self._read
        modules = tuple(
            sorted(
                (module for part in self._discovered for module in part.modules),
                key=lambda module: module.name,
            )
        )
        generated_dir = self._project.config.paths.generated_dir

        @cache
        def judge(inference: Inference) -> JudgedGraph:
            graph = build_graph(modules, inference)
            return JudgedGraph(graph=graph, digests=digests_of(graph))

        return Snapshot(
            changes=self._changes,
            kinds=self._kinds,
            discovered=tuple(self._discovered),
            modules=modules,
            fresh={name: module for name, module in self._known.items() if name not in self._read},
            files=read_files_of(self._project.root, modules, generated_dir, self._worker),
            generated_modules={
                module.name: generated_module(module, generated_dir) for module in modules
            },
            judge=judge,
        )

    def _not_fresh(self) -> set[str]:
        """The modules that are not known, or not known to be fresh."""
        fresh = {
            name
            for name, module in self._known.items()
            if module.fresh and module.path in self._changes.unchanged
        }
        return self._sources.keys() - fresh

    def _closed(self, names: set[str]) -> frozenset[str]:
        """The modules with what depends on them, and what all these depend on, as far as known."""
        dependents: dict[str, list[str]] = {}
        for module in self._known.values():
            for target in module.depends:
                dependents.setdefault(target, []).append(module.name)
        affected = selected_modules(names, dependents)
        # What a changed module was linked to before is a guess, which saves asking the worker a
        # second time: a wrong one costs a module that is read for nothing.
        return selected_modules(affected, self._changes.links).intersection(self._sources)

    def _discover(self, names: Collection[str]) -> Discovered:
        self._read.update(names)
        sources = [source for name in sorted(names) for source in self._sources[name]]
        known = []
        if not self._discovered:  # the worker keeps them for the requests that follow
            known = [
                SpecRef(f"{module.name}:{spec}")
                for module in self._known.values()
                if module.name not in names
                for spec in module.specs
            ]
        discovered = discover_modules(self._project, self._worker, sources, known)
        self._discovered.append(discovered)
        return discovered


def linked_modules(module: SpecModule) -> set[str]:
    """The other modules whose specs those of a module may be linked to, and some without specs."""
    linked = {
        ref.module
        for spec in module.specs
        for ref in (*spec.explicit, *spec.inferred, *spec.mentioned)
    }
    return linked - {module.name}


def target_modules(
    snapshot: Snapshot, targets: Iterable[str], *, option: str = "--target "
) -> frozenset[str]:
    """The modules that targets name, which the user gave to `option`.

    Raises:
        JauntConfigError: A target names no spec module, or no spec in it.
    """
    specs = snapshot.specs_by_module()
    modules = set()
    for target in targets:
        name, _, qualname = target.partition(":")
        if name not in specs and _is_test(snapshot, name):
            raise JauntConfigError(
                f"{option}{target} names a module of test specs",
                hint=f"use `jaunt test --target {target}`",
            )
        if name not in specs:
            raise _unknown_target(option + target, name, list(specs))
        if qualname and qualname not in specs[name]:
            raise _unknown_target(option + target, qualname, specs[name], prefix=f"{name}:")
        modules.add(name)
    return frozenset(modules)


def _is_test(snapshot: Snapshot, name: str) -> bool:
    return any(
        source.module == name and source.kind is Kind.TEST for source in snapshot.changes.sources
    )


def _unknown_target(
    target: str, wrong: str, known: list[str], *, prefix: str = ""
) -> JauntConfigError:
    close = get_close_matches(wrong, known, n=1)
    listed = ", ".join(prefix + name for name in known[:8]) or "there are none"
    return JauntConfigError(
        f"{target} names no spec",
        hint=f"did you mean {prefix}{close[0]}?" if close else f"specs here: {listed}",
    )
