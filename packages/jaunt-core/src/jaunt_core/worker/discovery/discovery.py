"""Import the modules that hold specs, and put together what they say."""

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
from ..contract.contract_reader import ContractReader, SpecNode, is_jaunt_decorator, is_spec
from ..contract.declared_references import DeclaredReferences
from ..contract.definitions import Json
from ..source.interpreter_settings import deep_recursion, without_garbage_collection
from ..source.module_table import ModuleTable
from ..source.references import References, imports_by_name
from ..source.source_module import SourceModule, read_module
from ..source.syntax import clean_docstring
from .importer import Importer, Watch
from .opened_files import OpenedFiles
from .user_code_errors import UserCodeError, failure_of, relative_path

# The parser gives up on nesting with any of the last two.
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

    def facts_of(self, listed: list[Json], known: list[str], tell: Callable[[Json], None]) -> Json:
        """Tell the facts of every listed module that holds specs; the answer is about the rest.

        `known` are further specs, of modules that are never listed.

        Raises:
            UserCodeError: A module cannot be read or imported, or uses the decorators wrongly.
        """
        self._specs.update(known)
        self._tell_modules(listed, tell)
        reached = list(self._references.reached_from(str(item["name"]) for item in listed))
        self._reached.update(relative_path(module.path, self._root) for module, _ in reached)
        return {
            "references": [
                {
                    "path": relative_path(module.path, self._root),
                    "module": module.name,
                    "digest": module.digest,
                    "names": names,
                    "by_name": imports_by_name(module),
                }
                for module, names in reached
            ],
            "stray_reads": [path for path in self._opened.paths if path not in self._reached],
        }

    def _tell_modules(self, listed: list[Json], tell: Callable[[Json], None]) -> None:
        with without_garbage_collection():
            sources = [(source, item) for item in listed if (source := self._source(item))]
        self._check_names(item for _, item in sources)
        self._importer.import_all(sources)
        entries = self._entries({source.name for source, _ in sources})
        self._specs.update(str(entry.ref) for found in entries.values() for entry in found)
        context = ContextReader(
            self._table,
            is_spec=lambda ref: is_spec(self._table, ref),
            relative=lambda path: relative_path(path, self._root),
        )
        with without_garbage_collection(), deep_recursion():
            for source, item in sources:
                if entries.get(source.name):  # one by one: of many modules, all would fill memory
                    tell(self._module_facts(source, item, entries[source.name], context))

    def _source(self, item: Json) -> SourceModule | None:
        """The parsed module, or None where it does not import jaunt."""
        name, path = str(item["name"]), self._root / str(item["path"])
        try:
            source = self._table.parsed_module(name, path) or read_module(
                name, path, is_package=bool(item["is_package"])
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
        line, hint, said = 0, None, str(error)
        if isinstance(error, UnicodeDecodeError):
            line = error.object.count(b"\n", 0, error.start) + 1
            hint = "save the file as UTF-8, or declare its encoding in the first line"
        elif isinstance(error, (RecursionError, MemoryError)):
            said = "it is nested more deeply than this Python can read"
            hint = "split up what is nested, or move it into a file without specs"
        return UserCodeError(
            f"cannot be read as Python source: {said}",
            path=relative_path(path, self._root),
            line=line,
            hint=hint,
        )

    @staticmethod
    def _check_names(listed: Iterable[Json]) -> None:
        seen: dict[str, Json] = {}
        for item in listed:
            other = seen.setdefault(str(item["name"]), item)
            if other is not item:
                raise UserCodeError(
                    f"module {item['name']!r} is also {other['path']}",
                    path=str(item["path"]),
                    line=0,
                    hint="rename one of the two, or put them into packages of different names",
                )

    def _entries(self, names: set[str]) -> dict[str, list[SpecEntry]]:
        found: dict[str, list[SpecEntry]] = {}
        for entry in registry.entries():
            if entry.ref.module in names:
                found.setdefault(entry.ref.module, []).append(entry)
        return found

    def _module_facts(
        self,
        source: SourceModule,
        item: Json,
        entries: list[SpecEntry],
        context: ContextReader,
    ) -> Json:
        reader = ContractReader(self._table, source, context)
        if item["kind"] == "build":  # the runtime looks for the code of these
            self._check_generated_dir(source, item)
        specs = []
        for entry in entries:
            if entry.kind != item["kind"]:
                raise self._misplaced(entry, item)
            node = self._node_of(source, entry, item)
            specs.append(self._spec_facts(source, item, entry, node, reader))
        specs.sort(key=lambda spec: (cast("int", spec["line"]), str(spec["ref"])))
        class_lines = [
            cast("int", spec["line"])
            for spec in specs
            if cast("Json", spec["definition"]).get("methods") is not None
        ]
        lines = sorted(source.binding_lines.items(), key=lambda pair: (pair[1], pair[0]))
        return {
            "name": source.name,
            "path": item["path"],
            "kind": item["kind"],
            "is_package": item["is_package"],
            "specs": specs,
            "bindings": [{"name": name, "line": line} for name, line in lines],
            "first_class_line": min(class_lines, default=None),
        }

    def _check_generated_dir(self, source: SourceModule, item: Json) -> None:
        top = sys.modules[source.name.partition(".")[0]]
        declared = getattr(top, "__jaunt_generated__", GENERATED_DIR)
        if declared != item["generated_dir"]:
            raise UserCodeError(
                f"the package says __jaunt_generated__ = {declared!r}, but jaunt.toml says "
                f"generated_dir = {item['generated_dir']!r}",
                path=str(item["path"]),
                line=0,
                hint=f"write __jaunt_generated__ = {item['generated_dir']!r} at the top of package "
                f"{top.__name__!r}, or make [paths] generated_dir the same",
            )

    def _misplaced(self, entry: SpecEntry, item: Json) -> UserCodeError:
        if entry.kind == "test":
            message = f"test spec {entry.ref} stands in a source root"
            hint = "move it below one of [paths] test_roots"
        else:
            message = f"spec {entry.ref} stands in a test root"
            hint = "move it below one of [paths] source_roots; test roots hold @jaunt.test specs"
        return UserCodeError(message, path=str(item["path"]), line=entry.line, hint=hint)

    def _node_of(self, source: SourceModule, entry: SpecEntry, item: Json) -> SpecNode:
        nodes = [
            node
            for node in source.definitions.get(entry.ref.qualname, [])
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
            and any(is_jaunt_decorator(self._table, source, it) for it in node.decorator_list)
        ]
        if len(nodes) == 1:
            return nodes[0]
        path = str(item["path"])
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
        self,
        source: SourceModule,
        item: Json,
        entry: SpecEntry,
        node: SpecNode,
        reader: ContractReader,
    ) -> Json:
        links = DeclaredReferences(self._table, source, node, self._specs)
        linked, unknown = links.resolve(entry)
        facts = reader.facts_of(node, kind=entry.kind, linked=linked)
        parts = cast("list[Json]", facts["parts"])
        declared = sorted(linked) + sorted(str(text) for text, _ in unknown)
        parts.extend(
            {"name": name, "form": form}
            for name, form in (
                ("prompt", clean_docstring(entry.prompt)),
                ("deps", " ".join(declared)),
            )
            if form
        )
        inherited = cast("list[str]", facts.pop("inherited"))
        facts.update(
            ref=str(entry.ref),
            kind=entry.kind,
            module=source.name,
            path=item["path"],
            prompt=clean_docstring(entry.prompt),
            infer_deps=entry.infer_deps,
            explicit=sorted({*linked, *inherited}),
            targets=sorted(links.targets_of(entry)),
            unknown=[{"text": text, "nearest": nearest} for text, nearest in unknown],
        )
        return facts
