"""What first-party modules import while they are imported, generated ones included."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Iterator
from math import inf
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from jaunt._naming import generated_module_of, generated_path_of

from ..contract.contract_reader import is_jaunt_decorator
from ..source.imported_names import ImportedName, imported_names
from ..source.module_table import ModuleTable
from ..source.source_module import SourceModule, read_module


class Imports(NamedTuple):
    """What a module imports while it is imported, in order.

    `needed` are the first-party modules that this may execute: packages around them as well.
    """

    items: tuple[ImportedName, ...] = ()
    needed: frozenset[str] = frozenset()


class _Place(NamedTuple):
    """A generated module that may be there, and the spec module that it is for."""

    spec_module: str
    module: str
    file: str
    is_package: bool


class ImportGraph:
    """The top-level imports of a project's modules, read once; generated files may change."""

    def __init__(self, table: ModuleTable, *, generated_dir: str) -> None:
        self.table = table
        self._generated_dir = generated_dir
        self._steps: dict[str, Imports] = {}
        self._class_lines: dict[str, float] = {}
        self._places: dict[str, tuple[_Place, ...]] = {}
        self._generated: dict[str, tuple[tuple[int, int], Imports]] = {}

    def steps(self, name: str) -> Imports:
        """What a handwritten module imports while it is imported."""
        if name not in self._steps:
            module = self.table.find(name)
            self._steps[name] = self._imports_of(module) if module else Imports()
        return self._steps[name]

    def _imports_of(self, module: SourceModule) -> Imports:
        return self.top_level(imported_names(module))

    def top_level(self, listed: Iterable[ImportedName]) -> Imports:
        """Those of the listed imports that run while their module is imported."""
        items = tuple(item for item in listed if item.scope == "module")
        found: set[str] = set()
        for item in items:
            parts = [*item.module.split("."), *([item.name] if item.name else [])]
            found.update(".".join(parts[:count]) for count in range(1, len(parts) + 1))
        needed = frozenset(name for name in found if self.table.find(name) is not None)
        return Imports(items, needed)

    def class_line(self, name: str) -> float:
        """The line of the first class spec of a module, infinite where it has none."""
        if name not in self._class_lines:
            module = self.table.find(name)
            self._class_lines[name] = self._first_class_line(module) if module else inf
        return self._class_lines[name]

    def _first_class_line(self, module: SourceModule) -> float:
        lines = [
            module.binding_lines.get(name, inf)
            for name, nodes in module.definitions.items()
            for node in nodes
            if isinstance(node, ast.ClassDef)
            and any(is_jaunt_decorator(self.table, module, it) for it in node.decorator_list)
        ]
        return min(lines, default=inf)

    def generated(self, name: str) -> Iterator[tuple[str, Imports]]:
        """What is imported for the class specs of a module: first by the generated package.

        Each with the spec module that it is generated for.
        """
        if name not in self._places:
            self._places[name] = tuple(self._places_of(name))
        for place in self._places[name]:
            yield place.spec_module, self._imports_in(place)

    def _places_of(self, name: str) -> Iterator[_Place]:
        module = self.table.find(name)
        if module is None or self.class_line(name) == inf:
            return
        if not module.is_package:
            init = module.path.with_name("__init__.py")
            yield self._place(name.rpartition(".")[0], init, is_package=True)
        yield self._place(name, module.path, is_package=module.is_package)

    def _place(self, name: str, path: Path, *, is_package: bool) -> _Place:
        spec_path = PurePosixPath(path.as_posix())
        return _Place(
            spec_module=name,
            module=generated_module_of(
                name, is_package=is_package, generated_dir=self._generated_dir
            ),
            file=str(generated_path_of(spec_path, generated_dir=self._generated_dir)),
            is_package=is_package,
        )

    def _imports_in(self, place: _Place) -> Imports:
        try:
            found = os.stat(place.file)  # noqa: PTH116 - done often
            identity = (found.st_mtime_ns, found.st_ino)
            known = self._generated.get(place.file)
            if known is not None and known[0] == identity:
                return known[1]
            file = Path(place.file)
            module = read_module(place.module, file, is_package=place.is_package)
        except (OSError, SyntaxError, ValueError):
            return Imports()
        imports = self._imports_of(module)
        self._generated[place.file] = (identity, imports)
        return imports
