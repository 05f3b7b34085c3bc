"""What the last run found out about a project, so that the next reads only what may be different.

It belongs to the record of `jaunt_core.project.fingerprints`, which tells what has changed since.
Nothing here is needed: what is missing or damaged is read again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from jaunt_core.model.plan import Action, FileState, GeneratedFile, Header, ModulePlan
from jaunt_core.model.spec import Digest, Kind, SpecModule
from jaunt_core.project.fingerprints import load_cache_file, save_cache_file

if TYPE_CHECKING:
    from jaunt_core.project.fingerprints import Record

MODULES_NAME = "modules.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownModule:
    """A module with specs, as a run read it.

    `source` and `path` are its own file and the generated one, below the project's folder; `specs`
    are the names of its specs, `depends` the modules of the specs that these may be linked to.
    `fresh` tells whether its generated file was what the specs asked for, and what follows stands
    in the header of that file.
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
class Cache:
    """What a run found out about a project; paths are below the project's folder.

    Attributes:
        python: The interpreter that read it.
        files: All Python files but generated ones.
        generated: The Python files in generated folders.
        sources: The files that mention jaunt, each with its module and the kind of its specs.
        without_specs: The modules among them that hold no specs.
        modules: For each file that was read the modules that it is.
        references: Likewise the first-party modules that it refers to.
        stray_reads: Files that were read while modules were imported and that nothing refers to.
        known: The modules with specs, by name.
    """

    python: str
    files: frozenset[str]
    generated: frozenset[str]
    sources: Mapping[str, tuple[str, str]]
    without_specs: frozenset[str]
    modules: Mapping[str, tuple[str, ...]]
    references: Mapping[str, tuple[str, ...]]
    stray_reads: frozenset[str]
    known: Mapping[str, KnownModule]


def load_cache(root: Path, run: object) -> Cache | None:
    """The cache that the run of this number wrote, None where there is none."""
    try:
        content = load_cache_file(str(root), MODULES_NAME)
        # A run that was killed between its two files leaves one of this run and one of another.
        if content["run"] != run:
            return None
        return Cache(
            python=content["python"],
            files=frozenset(content["files"]),
            generated=frozenset(content["generated"]),
            sources={path: (name, kind) for path, (name, kind) in content["sources"].items()},
            without_specs=frozenset(content["silent"]),
            modules=_names_by_path(content["modules"]),
            references=_names_by_path(content["references"]),
            stray_reads=frozenset(content["loose"]),
            known={module["name"]: _parse_module(module) for module in content["known"]},
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _names_by_path(content: Record) -> dict[str, tuple[str, ...]]:
    return {path: tuple(names) for path, names in content.items()}


_FIELDS = tuple(field.name for field in fields(KnownModule))


def _parse_module(content: Record) -> KnownModule:
    specs, depends = tuple(content.pop("specs")), tuple(content.pop("depends"))
    return KnownModule(specs=specs, depends=depends, **content)


def save_cache(root: Path, cache: Cache, run: object) -> None:
    """Write what a run found out, for `load_cache`."""
    content = {
        "run": run,
        "python": cache.python,
        "files": sorted(cache.files),
        "generated": sorted(cache.generated),
        "sources": dict(cache.sources),
        "silent": sorted(cache.without_specs),
        "modules": dict(cache.modules),
        "references": dict(cache.references),
        "loose": sorted(cache.stray_reads),
        "known": [
            {name: getattr(module, name) for name in _FIELDS} for module in cache.known.values()
        ],
    }
    save_cache_file(str(root), MODULES_NAME, content)


def fresh_plan(module: KnownModule) -> ModulePlan:
    """The plan of a module that is known to be fresh; nobody read its specs, so it has none."""
    kind, request = Kind(module.kind), Digest(module.request)
    return ModulePlan(
        module=SpecModule(
            name=module.name,
            path=PurePosixPath(module.source),
            kind=kind,
            is_package=module.source.endswith("__init__.py"),
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
                contract=1,
                request=request,
                recipe=module.recipe,
            ),
        ),
        action=Action.FRESH,
        reasons=(),
        depends_on=(),
        request=request,
        module_digest=Digest(module.digest),
    )
