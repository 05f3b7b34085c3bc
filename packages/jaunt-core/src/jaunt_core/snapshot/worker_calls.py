"""What the worker can be asked: to discover specs, to inspect an answer, and to splice one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from jaunt_core.config.loading import Project
from jaunt_core.model.candidate import CandidateFacts
from jaunt_core.model.generation import Patch
from jaunt_core.model.spec import SpecModule, SpecRef
from jaunt_core.project.sources import SourceFile
from jaunt_core.snapshot.decoding import decode
from jaunt_core.snapshot.worker_client import Worker


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A file that was read, as which module, and the modules that it refers to.

    `digest` is its SHA-256 in hexadecimal digits; one that imports `by_name` may refer to more.
    """

    path: str
    module: str
    digest: str
    names: tuple[str, ...]
    by_name: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovered:
    """The specs that the worker found in some modules, and the files that these depend on.

    `stray_reads` are those that were read while modules were imported and that nothing refers to.
    """

    modules: tuple[SpecModule, ...] = ()
    references: tuple[Reference, ...]
    stray_reads: tuple[str, ...]


def discover_modules(
    project: Project, worker: Worker, sources: Iterable[SourceFile], known: Iterable[SpecRef] = ()
) -> Discovered:
    """Have the worker import some modules, and tell which of them hold specs.

    Args:
        project: The project of the modules.
        worker: The process that imports them.
        sources: The modules.
        known: The specs of other modules, to tell what an unknown name may have meant.

    Raises:
        JauntDiscoveryError: A module cannot be imported, or a spec is misused; the message names
            file and line.
    """
    listed = [
        {
            "name": source.module,
            "path": source.path,
            "kind": source.kind.value,
            "is_package": source.is_package,
            "generated_dir": project.config.paths.generated_dir,
        }
        for source in sources
    ]
    modules: list[SpecModule] = []
    answer = worker.ask(
        {"op": "discover", "modules": listed, "known": sorted(known)},
        take=lambda facts: modules.append(decode(SpecModule, facts)),
    )
    return replace(decode(Discovered, answer), modules=tuple(modules))


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
            "kind": module.kind.value,
            "names": [spec.name for spec in module.specs],
        }
    )
    return decode(CandidateFacts, answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class NameClash:
    """A name that fixed code uses and to which an answer gives another meaning, at `line`."""

    name: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Spliced:
    """A module with new code for some of its specs; None where it cannot be made.

    `extra` are the specs that the answer defines though their code stays, `absent` those that it
    was to define and does not, `helpers` what else of the module it defines anew.
    """

    source: str | None
    clashes: tuple[NameClash, ...]
    extra: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    helpers: tuple[str, ...] = ()


def splice_answer(worker: Worker, patch: Patch, answer: str) -> Spliced:
    """The module that a patch and the answer to it make."""
    facts = worker.ask(
        {
            "op": "splice",
            "base": patch.base,
            "answer": answer,
            "wanted": patch.wanted,
            "fixed": patch.fixed,
            "removed": patch.removed,
        }
    )
    return decode(Spliced, facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedLines:
    """Lines of a module, from 1 on, and the specs whose code they are or serve."""

    first: int
    last: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Owners:
    owners: tuple[OwnedLines, ...] | None


def owned_lines(worker: Worker, source: str, names: Iterable[str]) -> tuple[OwnedLines, ...] | None:
    """The lines of a module that belong to some specs; None where it is no Python."""
    facts = worker.ask({"op": "owners", "source": source, "names": list(names)})
    return decode(_Owners, facts).owners
