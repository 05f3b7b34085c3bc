"""Import the modules that hold specs, and collect the facts about these."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import cast

from jaunt import registry
from jaunt._naming import GENERATED_DIR
from jaunt.spec import SpecEntry

from ..contract.context_reader import ContextReader
from ..contract.contract_reader import ContractReader, has_jaunt_decorator, is_spec, named_parts
from ..contract.declared_references import DeclaredReferences
from ..contract.definitions import Json
from ..contract.fixtures import Fixtures
from ..contract.replacing_decorators import replacing_decorators
from ..source.interpreter_settings import deep_recursion, without_garbage_collection
from ..source.module_table import ModuleTable
from ..source.references import References
from ..source.source_module import SourceModule, read_module
from ..source.syntax import DEFINITIONS, DefinitionNode, clean_docstring
from .importer import Importer, Watch
from .opened_files import OpenedFiles
from .user_code_errors import UserCodeError, failure_of, relative_path

# The last two are what the parser raises for code that is nested too deeply.
_UNREADABLE = (SyntaxError, ValueError, LookupError, OSError, RecursionError, MemoryError)


class Discovery:
    """Reads the specs of a project."""

    def __init__(self, *, root: Path, table: ModuleTable, watch: Watch) -> None:
        self._root = root
        self._table = table
        self._opened = OpenedFiles(root)
        self._importer = Importer(root=root, watch=watch, opened=self._opened)
        self._references = References(table)
        self._specs: set[str] = set()
        self._reached: set[str] = set()

    def facts_of(self, listed: list[Json], known: list[str], send: Callable[[Json], None]) -> Json:
        """Send the facts of every listed module that holds specs; return which files they rest on.

        Args:
            listed: The modules to read, each with name, path, kind and the like.
            known: The references of specs in modules that are not listed.
            send: Passes on the facts of one module.

        Raises:
            UserCodeError: A module cannot be read or imported, or uses the decorators wrongly.
        """
        self._specs.update(known)
        self._read_modules(listed, send)
        reached = list(self._references.reached_from(str(listing["name"]) for listing in listed))
        self._reached.update(relative_path(module.path, self._root) for module, _ in reached)
        return {
            "references": [
                {
                    "path": relative_path(module.path, self._root),
                    "module": module.name,
                    "digest": module.digest,
                    "names": names,
                    # It may import others in a way that no import statement shows.
                    "by_name": "importlib" in module.text or "__import__" in module.text,
                }
                for module, names in reached
            ],
            "stray_reads": [path for path in self._opened.paths if path not in self._reached],
        }

    def _read_modules(self, listed: list[Json], send: Callable[[Json], None]) -> None:
        with without_garbage_collection():
            modules = [(source, listing) for listing in listed if (source := self._source(listing))]
        self._check_names(listing for _, listing in modules)
        self._importer.import_all(modules)
        entries = _registered_specs({source.name for source, _ in modules})
        self._specs.update(str(entry.ref) for specs in entries.values() for entry in specs)
        context = ContextReader(
            self._table,
            is_spec=lambda ref: is_spec(self._table, ref),
            relative=lambda path: relative_path(path, self._root),
        )
        with without_garbage_collection(), deep_recursion():
            for source, listing in modules:
                if entries.get(source.name):
                    # One by one: the facts of all modules of a large project would fill memory.
                    send(self._module_facts(source, listing, entries[source.name], context))

    def _source(self, listing: Json) -> SourceModule | None:
        """Parse a listed module; None where it does not import jaunt, so that it has no specs."""
        name, path = str(listing["name"]), self._root / str(listing["path"])
        try:
            source = self._table.parsed_module(name, path) or read_module(
                name, path, is_package=bool(listing["is_package"])
            )
        except _UNREADABLE as error:
            raise self._unreadable(error, path) from None
        for node in ast.walk(source.tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            if any(name.partition(".")[0] == "jaunt" for name in names):
                self._table.add(source)
                return source
        return None

    def _unreadable(self, error: BaseException, path: Path) -> UserCodeError:
        if isinstance(error, SyntaxError):
            return failure_of(error, root=self._root, path=path)
        line, hint, reason = 0, None, str(error)
        if isinstance(error, UnicodeDecodeError):
            line = error.object.count(b"\n", 0, error.start) + 1
            hint = "save the file as UTF-8, or declare its encoding in the first line"
        elif isinstance(error, (RecursionError, MemoryError)):
            reason = "it is nested more deeply than this Python can read"
            hint = "split up what is nested, or move it into a file without specs"
        return UserCodeError(
            f"cannot be read as Python source: {reason}",
            path=relative_path(path, self._root),
            line=line,
            hint=hint,
        )

    @staticmethod
    def _check_names(listed: Iterable[Json]) -> None:
        seen: dict[str, Json] = {}
        for listing in listed:
            other = seen.setdefault(str(listing["name"]), listing)
            if other is not listing:
                raise UserCodeError(
                    f"module {listing['name']!r} is also {other['path']}",
                    path=str(listing["path"]),
                    line=0,
                    hint="rename one of the two, or put them into packages of different names",
                )

    def _module_facts(
        self, source: SourceModule, listing: Json, entries: list[SpecEntry], context: ContextReader
    ) -> Json:
        watching = self._opened.watching
        fixtures = Fixtures(self._table, source, root=self._root, watching=watching)
        reader = ContractReader(self._table, source, context, fixtures)
        if listing["kind"] == "build":  # the runtime looks for the code of these alone
            self._check_generated_dir(source, listing)
        specs = []
        for entry in entries:
            if entry.kind != listing["kind"]:
                raise self._misplaced(entry, listing)
            specs.append(self._spec_facts(source, listing, entry, reader))
        specs.sort(key=lambda spec: (cast("int", spec["line"]), str(spec["ref"])))
        class_lines = [
            cast("int", spec["line"])
            for spec in specs
            if cast("Json", spec["definition"]).get("methods") is not None
        ]
        lines = sorted(source.binding_lines.items(), key=lambda pair: (pair[1], pair[0]))
        return {
            "name": source.name,
            "path": listing["path"],
            "kind": listing["kind"],
            "is_package": listing["is_package"],
            "specs": specs,
            "bindings": [{"name": name, "line": line} for name, line in lines],
            "first_class_line": min(class_lines, default=None),
        }

    def _check_generated_dir(self, source: SourceModule, listing: Json) -> None:
        top = sys.modules[source.name.partition(".")[0]]
        declared = getattr(top, "__jaunt_generated__", GENERATED_DIR)
        configured = listing["generated_dir"]
        if declared != configured:
            raise UserCodeError(
                f"the package says __jaunt_generated__ = {declared!r}, but jaunt.toml says "
                f"generated_dir = {configured!r}",
                path=str(listing["path"]),
                line=0,
                hint=f"write __jaunt_generated__ = {configured!r} at the top of package "
                f"{top.__name__!r}, or make [paths] generated_dir the same",
            )

    def _misplaced(self, entry: SpecEntry, listing: Json) -> UserCodeError:
        if entry.kind == "test":
            message = f"test spec {entry.ref} stands in a source root"
            hint = "move it below one of [paths] test_roots"
        else:
            message = f"spec {entry.ref} stands in a test root"
            hint = "move it below one of [paths] source_roots; test roots hold @jaunt.test specs"
        return UserCodeError(message, path=str(listing["path"]), line=entry.line, hint=hint)

    def _node_of(self, source: SourceModule, entry: SpecEntry, listing: Json) -> DefinitionNode:
        """The statement that defines a registered spec."""
        nodes = [
            node
            for node in source.definitions.get(entry.ref.qualname, [])
            if isinstance(node, DEFINITIONS) and has_jaunt_decorator(self._table, source, node)
        ]
        if len(nodes) == 1:
            return nodes[0]
        path = str(listing["path"])
        if nodes:
            lines = " and ".join(str(node.lineno) for node in nodes)
            raise UserCodeError(
                f"spec {entry.ref} is defined more than once, at lines {lines}",
                path=path,
                line=nodes[1].lineno,
                hint="keep one of them; a spec has one definition",
            )
        raise UserCodeError(
            f"no `def` or `class` statement with the decorator was found for spec {entry.ref}",
            path=path,
            line=entry.line,
            hint=f"write `@jaunt.{'magic' if entry.kind == 'build' else 'test'}` itself directly "
            "above a top-level `def` or `class`",
        )

    def _spec_facts(
        self, source: SourceModule, listing: Json, entry: SpecEntry, reader: ContractReader
    ) -> Json:
        node = self._node_of(source, entry, listing)
        declared = DeclaredReferences(self._table, source, node, self._specs)
        dependencies, targets, unknown = declared.resolve(entry)
        linked = dependencies | targets
        prompt = clean_docstring(entry.prompt)
        facts = reader.facts_of(node, kind=entry.kind, linked=linked, prompt=prompt)
        deps = " ".join([*sorted(linked), *sorted(str(name["text"]) for name in unknown)])
        parts = cast("list[Json]", facts["parts"])
        parts += named_parts([("prompt", prompt), ("deps", deps)])
        inherited = cast("list[str]", facts.pop("inherited"))
        facts.update(
            ref=str(entry.ref),
            kind=entry.kind,
            module=source.name,
            path=listing["path"],
            prompt=prompt,
            infer_deps=entry.infer_deps,
            explicit=sorted({*linked, *inherited}),
            targets=sorted(targets),
            unknown=unknown,
            replacing=list(replacing_decorators(self._table, source, node)),
        )
        return facts


def _registered_specs(names: set[str]) -> dict[str, list[SpecEntry]]:
    """The specs that decorators registered in some modules, by module."""
    entries: dict[str, list[SpecEntry]] = {}
    for entry in registry.entries():
        if entry.ref.module in names:
            entries.setdefault(entry.ref.module, []).append(entry)
    return entries
