"""What a run reads before it decides anything; nothing here writes or asks a model."""

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
from jaunt_core.planning.staleness import Judge, JudgedGraph
from jaunt_core.project.sources import Roots, SourceFile
from jaunt_core.snapshot.cache import KnownModule
from jaunt_core.snapshot.changes import Survey, survey_all, survey_changes
from jaunt_core.snapshot.generated_files import generated_module, read_all
from jaunt_core.snapshot.worker_calls import Discovered, discover_modules
from jaunt_core.snapshot.worker_client import Worker


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The specs of a project and the generated files as they were found.

    A part of a project that is closed under dependencies is planned as a whole one is. So modules
    that are known to be fresh, and that nothing which is read depends on, are not read: they are
    `settled`.

    Attributes:
        survey: The files.
        kinds: The kinds of specs that were looked for.
        discovered: What the worker told.
        modules: The modules that were read, ordered by name.
        settled: The modules that need not be read, by name.
        files: The generated file of each module that was read, by its name.
        generated_modules: The name of the generated module, likewise.
        judge: The graph of what was read, under an inference setting.
    """

    survey: Survey
    kinds: frozenset[Kind]
    discovered: tuple[Discovered, ...]
    modules: tuple[SpecModule, ...]
    settled: Mapping[str, KnownModule]
    files: Mapping[str, GeneratedFile]
    generated_modules: Mapping[str, str]
    judge: Judge

    def module(self, name: str) -> SpecModule:
        """The spec module of this name, which was read."""
        return next(module for module in self.modules if module.name == name)

    def modules_of(self, kind: Kind) -> tuple[SpecModule, ...]:
        """The modules of one kind that were read, ordered by name."""
        return tuple(module for module in self.modules if module.kind is kind)

    def settled_of(self, kind: Kind) -> tuple[KnownModule, ...]:
        """The modules of one kind that are known to be fresh."""
        return tuple(module for module in self.settled.values() if module.kind == kind.value)

    def names(self, kind: Kind) -> frozenset[str]:
        """The names of all modules of one kind."""
        listed = (*self.modules_of(kind), *self.settled_of(kind))
        return frozenset(module.name for module in listed)

    def specs_by_module(self) -> dict[str, list[str]]:
        """The names of the specs of all modules."""
        found = {name: list(module.specs) for name, module in self.settled.items()}
        found.update({item.name: [spec.name for spec in item.specs] for item in self.modules})
        return dict(sorted(found.items()))

    def warnings(self, kind: Kind) -> list[str]:
        """What the user should look at in the specs of one kind."""
        return [text for module in self.modules_of(kind) for text in warnings_of(module)]


def warnings_of(module: SpecModule) -> list[str]:
    """What the user should look at in the specs of a module."""
    found = []
    for spec in module.specs:
        for item in spec.unknown:
            near = f"; did you mean {item.nearest}?" if item.nearest else ""
            found.append(
                f"{spec.path}:{spec.line}: {spec.ref} depends on {item.text!r}, "
                f"which names nothing in this project{near}"
            )
    return found


def read_snapshot(
    project: Project,
    roots: Roots,
    worker: Worker,
    kinds: Iterable[Kind],
    *,
    wanted: Collection[str] | None = None,
) -> Snapshot:
    """Read the specs of the given kinds and what was generated for them.

    Args:
        project: Where, and under which configuration.
        roots: Where specs are looked for.
        worker: Reads them.
        kinds: Which specs.
        wanted: The modules to read even if they are known to be fresh; all where None.

    Raises:
        JauntDiscoveryError: A module cannot be imported, or a spec is misused.
    """
    started = time.time_ns()
    worker.prepare()  # it starts while we look around
    survey = None
    if wanted is not None:
        survey = survey_changes(project, roots, python=worker.python, started=started)
    if survey is not None:
        try:
            return _Reading(project, worker, frozenset(kinds), survey).snapshot(wanted or ())
        except JauntDiscoveryError:
            # Circular imports may work in another order, and the same failure is told the same
            # way whatever was known before.
            worker.close()
    survey = survey_all(project, roots, started=started)
    return _Reading(project, worker, frozenset(kinds), survey).snapshot(())


class _Reading:
    """Has the worker read what is not known, and all that it depends on."""

    def __init__(
        self, project: Project, worker: Worker, kinds: frozenset[Kind], survey: Survey
    ) -> None:
        self._project = project
        self._worker = worker
        self._kinds = kinds
        self._survey = survey
        self._known = {
            name: module for name, module in survey.known.items() if Kind(module.kind) in kinds
        }
        self._sources: dict[str, list[SourceFile]] = {}
        for item in survey.sources:
            if item.kind in kinds and item.module not in survey.silent:
                self._sources.setdefault(item.module, []).append(item)
        self._discovered: list[Discovered] = []
        self._read: set[str] = set()

    def snapshot(self, wanted: Collection[str]) -> Snapshot:
        """The snapshot of what is wanted, what may be different and what both lead to."""
        pending = self._closed({*self._unsettled(), *wanted})
        while pending:
            found = self._discover(pending)
            pending = {
                name
                for module in found.modules
                for name in linked_modules(module)
                if name in self._sources
            } - self._read
        modules = tuple(
            sorted(
                (module for found in self._discovered for module in found.modules),
                key=lambda module: module.name,
            )
        )
        generated_dir = self._project.config.paths.generated_dir

        @cache
        def judge(inference: Inference) -> JudgedGraph:
            graph = build_graph(modules, inference)
            return JudgedGraph(graph=graph, digests=digests_of(graph))

        return Snapshot(
            survey=self._survey,
            kinds=self._kinds,
            discovered=tuple(self._discovered),
            modules=modules,
            settled={
                name: module for name, module in self._known.items() if name not in self._read
            },
            files=read_all(self._project.root, modules, generated_dir, self._worker),
            generated_modules={
                module.name: generated_module(module, generated_dir) for module in modules
            },
            judge=judge,
        )

    def _unsettled(self) -> set[str]:
        """The modules that are not known, or not known to be fresh."""
        fresh = {
            name
            for name, module in self._known.items()
            if module.fresh and module.path in self._survey.unchanged
        }
        return self._sources.keys() - fresh

    def _closed(self, names: set[str]) -> set[str]:
        """The modules with what depends on them, and what all these depend on, as far as known."""
        dependents: dict[str, list[str]] = {}
        for module in self._known.values():
            for target in module.depends:
                dependents.setdefault(target, []).append(module.name)
        found = _reachable(names, dependents)
        # What a touched module was linked to is a guess that saves asking again.
        return _reachable(found, self._survey.links) & self._sources.keys()

    def _discover(self, names: set[str]) -> Discovered:
        self._read |= names
        sources = [item for name in sorted(names) for item in self._sources[name]]
        known = []
        if not self._discovered:
            known = [
                SpecRef(f"{module.name}:{spec}")
                for module in self._known.values()
                if module.name not in names
                for spec in module.specs
            ]
        found = discover_modules(self._project, self._worker, sources, known)
        self._discovered.append(found)
        return found


def _reachable(names: Iterable[str], links: Mapping[str, Iterable[str]]) -> set[str]:
    found: set[str] = set()
    pending = list(names)
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending.extend(links.get(name, ()))
    return found


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
    found = set()
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
        found.add(name)
    return frozenset(found)


def _is_test(snapshot: Snapshot, name: str) -> bool:
    return any(it.module == name and it.kind is Kind.TEST for it in snapshot.survey.sources)


def _unknown_target(
    target: str, wrong: str, known: list[str], *, prefix: str = ""
) -> JauntConfigError:
    close = get_close_matches(wrong, known, n=1)
    listed = ", ".join(prefix + name for name in known[:8]) or "there are none"
    return JauntConfigError(
        f"{target} names no spec",
        hint=f"did you mean {prefix}{close[0]}?" if close else f"specs here: {listed}",
    )


__all__ = ["Snapshot", "linked_modules", "read_snapshot", "target_modules", "warnings_of"]
