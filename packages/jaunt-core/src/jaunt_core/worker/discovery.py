"""Import the modules that hold specs, and put together what they say."""

from __future__ import annotations

import ast
import importlib
import inspect
import sys
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from typing import cast

from jaunt import registry
from jaunt._naming import GENERATED_DIR
from jaunt.spec import SpecEntry

from .context import ContextReader
from .contracts import ContractReader, SpecNode, is_jaunt_decorator
from .definitions import Json
from .failures import UserCodeError, failure_of, relative_path
from .modules import ModuleTable
from .names import names_in_code
from .namespace import SourceModule, read_module

Announce = Callable[[Json], None]


class Discovery:
    """Reads the specs of a project; user code runs here and nowhere else."""

    def __init__(self, *, root: Path, table: ModuleTable, announce: Announce) -> None:
        self._root = root
        self._table = table
        self._announce = announce

    def modules_of(self, listed: list[Json]) -> list[Json]:
        """The facts of every listed module that holds specs.

        Raises:
            UserCodeError: A module cannot be read or imported, or uses the decorators wrongly.
        """
        registry.begin_discovery()
        sources = []
        for item in listed:
            source = self._source(item)
            if source is not None:
                self._import(source, item)
                sources.append((source, item))
        entries = self._entries({source.name for source, _ in sources})
        known = {str(entry.ref) for found in entries.values() for entry in found}
        context = ContextReader(
            self._table,
            is_spec=known.__contains__,
            relative=lambda path: relative_path(path, self._root),
        )
        return [
            self._module_facts(source, item, entries[source.name], context, known)
            for source, item in sources
            if entries.get(source.name)
        ]

    def _source(self, item: Json) -> SourceModule | None:
        """The parsed module, or None where it does not import jaunt."""
        name, path = str(item["name"]), self._root / str(item["path"])
        try:
            source = read_module(name, path, is_package=bool(item["is_package"]))
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
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
        hint = "save the file as UTF-8, or declare its encoding in the first line"
        return UserCodeError(
            f"cannot be read as Python source: {error}",
            path=relative_path(path, self._root),
            line=0,
            hint=hint if isinstance(error, UnicodeDecodeError) else None,
        )

    def _import(self, source: SourceModule, item: Json) -> None:
        self._announce({"importing": item["path"]})
        try:
            module = importlib.import_module(source.name)
        except BaseException as error:  # noqa: BLE001 - user code may raise anything
            raise failure_of(error, root=self._root, path=source.path) from None
        found = getattr(module, "__file__", None)
        if found is None or Path(found).resolve() != source.path.resolve():
            raise UserCodeError(
                f"module {source.name!r} is imported from {found or 'elsewhere'} instead",
                path=str(item["path"]),
                line=0,
                hint="another module of this name comes first: uninstall the copy or rename one",
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
        known: set[str],
    ) -> Json:
        reader = ContractReader(self._table, source, context)
        self._check_generated_dir(source, item)
        specs = []
        for entry in entries:
            if entry.kind != item["kind"]:
                raise self._misplaced(entry, item)
            node = self._node_of(source, entry, item)
            specs.append(self._spec_facts(source, item, entry, node, reader, known))
        specs.sort(key=lambda spec: (cast("int", spec["line"]), str(spec["ref"])))
        class_lines = [
            cast("int", spec["line"])
            for spec in specs
            if cast("Json", spec["definition"]).get("methods") is not None
        ]
        lines = sorted(source.lines.items(), key=lambda pair: (pair[1], pair[0]))
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
            hint="write the decorator directly above a top-level `def` or `class`",
        )

    def _spec_facts(
        self,
        source: SourceModule,
        item: Json,
        entry: SpecEntry,
        node: SpecNode,
        reader: ContractReader,
        known: set[str],
    ) -> Json:
        links = Links(self._table, source, node, known)
        linked, unknown = links.resolve([*entry.deps, *entry.targets])
        facts = reader.facts_of(node, kind=entry.kind, linked=linked)
        parts = cast("list[Json]", facts["parts"])
        declared = sorted(linked) + sorted(str(text) for text, _ in unknown)
        parts.extend(
            {"name": name, "form": form}
            for name, form in (("prompt", entry.prompt), ("deps", " ".join(declared)))
            if form
        )
        inherited = cast("list[str]", facts.pop("inherited"))
        facts.update(
            ref=str(entry.ref),
            kind=entry.kind,
            module=source.name,
            path=item["path"],
            prompt=inspect.cleandoc(entry.prompt),
            infer_deps=entry.infer_deps,
            explicit=sorted({*linked, *inherited}),
            unknown=[{"text": text, "nearest": nearest} for text, nearest in unknown],
        )
        return facts


class Links:
    """Turns the objects and strings of `deps=` and `targets=` into references."""

    def __init__(
        self, table: ModuleTable, source: SourceModule, node: SpecNode, known: set[str]
    ) -> None:
        self._table = table
        self._source = source
        self._node = node
        self._known = known

    def resolve(self, listed: list[object]) -> tuple[set[str], list[tuple[str, str | None]]]:
        """The first-party references, and what names nothing with the nearest known name."""
        refs: set[str] = set()
        unknown: list[tuple[str, str | None]] = []
        for item in listed:
            ref, text = self._named(item) if isinstance(item, str) else self._object(item)
            if ref is not None:
                refs.add(ref)
            elif text is not None:
                close = get_close_matches(
                    text.replace(".", ":"), sorted(self._known), n=1, cutoff=0.5
                )
                unknown.append((text, close[0] if close else None))
        return refs, unknown

    def _named(self, text: str) -> tuple[str | None, str | None]:
        found = self._table.resolve_absolute(text.replace(":", "."))
        if found is None and "." not in text and ":" not in text:
            found = self._table.resolve(self._source, text)
        return (found.ref, None) if found and found.ref else (None, text)

    def _object(self, item: object) -> tuple[str | None, str | None]:
        ref = getattr(item, "__dict__", {}).get("__jaunt_spec_ref__")
        if ref is not None:
            return str(ref), None
        module, name = getattr(item, "__module__", None), getattr(item, "__qualname__", None)
        if isinstance(module, str) and isinstance(name, str):
            home = self._table.find(module)
            top = name.partition(".")[0]
            # What an installed package defines is no context of ours, and no mistake either.
            return (f"{module}:{top}", None) if home and top in home.definitions else (None, None)
        return self._bound_object(item), None

    def _bound_object(self, item: object) -> str | None:
        """A constant has no name of its own: find the one that the decorator uses for it."""
        namespace = vars(sys.modules[self._source.name])
        for dotted in sorted(names_in_code(self._node.decorator_list)):
            head, *rest = dotted.split(".")
            value = namespace.get(head)
            for part in rest:
                value = getattr(value, part, None)
            if value is item:
                found = self._table.resolve(self._source, dotted)
                return found.ref if found else None
        return None
