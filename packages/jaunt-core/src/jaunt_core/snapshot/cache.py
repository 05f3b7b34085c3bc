"""What the last run learnt of a project, so that the next reads only what may be different.

It belongs to the record of `jaunt_core.project.fingerprints`, which tells what has changed since.
Nothing here is needed: what is missing or damaged is read again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from jaunt_core.model.plan import Action, FileState, GeneratedFile, Header, Inference, ModulePlan
from jaunt_core.model.spec import Digest, Kind, SpecModule
from jaunt_core.project.fingerprints import load_cache, save_cache

if TYPE_CHECKING:
    from jaunt_core.project.fingerprints import Record

MEMORY_NAME = "modules.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownModule:
    """A module with specs as it was found.

    `source` and `path` are its own file and the generated one, below the project's folder; `specs`
    are the names of its specs, `depends` the modules of the specs that these may be linked to.
    `fresh` tells whether its generated file was what the specs asked for, and what follows is what
    that file said.
    """

    name: str
    kind: str
    source: str
    path: str
    generated_module: str
    specs: tuple[str, ...]
    depends: tuple[str, ...]
    fresh: bool
    digest: str = ""
    request: str = ""
    tool_version: str = ""
    recipe: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What was learnt of a project; paths are below the project's folder.

    Attributes:
        python: The interpreter that read it.
        files: All Python files but generated ones.
        generated: The Python files in generated folders.
        sources: The files that mention jaunt, each with its module and the kind of its specs.
        silent: The modules among them that hold no specs.
        modules: For each file that was read the modules that it is.
        references: Likewise the first-party modules that it refers to.
        loose: Files that were read while modules were imported and that nothing refers to.
        known: The modules with specs, by name.
    """

    python: str
    files: frozenset[str]
    generated: frozenset[str]
    sources: Mapping[str, tuple[str, str]]
    silent: frozenset[str]
    modules: Mapping[str, tuple[str, ...]]
    references: Mapping[str, tuple[str, ...]]
    loose: frozenset[str]
    known: Mapping[str, KnownModule]


def load_memory(root: Path, run: object) -> Memory | None:
    """What the run of this number learnt, None where that is not known."""
    try:
        content = load_cache(str(root), MEMORY_NAME)
        if content["run"] != run:
            return None
        return Memory(
            python=content["python"],
            files=frozenset(content["files"]),
            generated=frozenset(content["generated"]),
            sources={path: (name, kind) for path, (name, kind) in content["sources"].items()},
            silent=frozenset(content["silent"]),
            modules=_names_by_path(content["modules"]),
            references=_names_by_path(content["references"]),
            loose=frozenset(content["loose"]),
            known={item["name"]: _known_module(item) for item in content["known"]},
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _names_by_path(content: Record) -> dict[str, tuple[str, ...]]:
    return {path: tuple(names) for path, names in content.items()}


_FIELDS = tuple(field.name for field in fields(KnownModule))


def _known_module(item: Record) -> KnownModule:
    specs, depends = tuple(item.pop("specs")), tuple(item.pop("depends"))
    return KnownModule(specs=specs, depends=depends, **item)


def save_memory(root: Path, memory: Memory, run: object) -> None:
    """Keep what a run learnt, for `load_memory`."""
    content = {
        "run": run,
        "python": memory.python,
        "files": sorted(memory.files),
        "generated": sorted(memory.generated),
        "sources": dict(memory.sources),
        "silent": sorted(memory.silent),
        "modules": dict(memory.modules),
        "references": dict(memory.references),
        "loose": sorted(memory.loose),
        "known": [
            {name: getattr(item, name) for name in _FIELDS} for item in memory.known.values()
        ],
    }
    save_cache(str(root), MEMORY_NAME, content)


def fresh_plan(module: KnownModule) -> ModulePlan:
    """The plan of a module that is known to be fresh; nobody read its specs, so it has none."""
    kind, request = Kind(module.kind), Digest(module.request)
    return ModulePlan(
        module=SpecModule(
            name=module.name,
            path=PurePosixPath(module.source),
            kind=kind,
            is_package=module.source.endswith("__init__.py"),
            specs=(),
            bindings=(),
            first_class_line=None,
        ),
        generated_module=module.generated_module,
        file=GeneratedFile(
            path=PurePosixPath(module.path),
            state=FileState.WHOLE,
            header=Header(
                tool_version=module.tool_version,
                kind=kind,
                source_module=module.name,
                module_digest=Digest(module.digest),
                spec_refs=(),
                contract=1,
                inference=Inference(),
                request=request,
                body_digest=None,
                recipe=module.recipe,
            ),
        ),
        action=Action.FRESH,
        reasons=(),
        depends_on=(),
        request=request,
        module_digest=Digest(module.digest),
    )


__all__ = ["KnownModule", "Memory", "fresh_plan", "load_memory", "save_memory"]
