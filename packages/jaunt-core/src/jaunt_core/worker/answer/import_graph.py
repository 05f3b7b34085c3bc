"""What first-party modules import while they are imported, generated modules included."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Iterator
from math import inf
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from jaunt._naming import generated_module_of, generated_path_of

from ..contract.contract_reader import has_jaunt_decorator
from ..source.imported_names import ImportedName, imported_names
from ..source.module_table import ModuleTable
from ..source.source_module import read_module
from ..source.syntax import prefixes_of


class Imports(NamedTuple):
    """The `names` that a module imports while it is imported, in order.

    `needed` are the first-party modules that this may execute: packages around them as well.
    """

    names: tuple[ImportedName, ...] = ()
    needed: frozenset[str] = frozenset()


class _GeneratedModule(NamedTuple):
    """A generated module whose file may exist, and the spec module that it is for."""

    spec_module: str
    name: str
    file: str
    is_package: bool


class ImportGraph:
    """The top-level imports of a project's modules.

    Handwritten modules are read once, generated ones again when they have changed.
    """

    def __init__(self, table: ModuleTable, *, generated_dir: str) -> None:
        self.table = table
        self._generated_dir = generated_dir
        self._handwritten: dict[str, Imports] = {}
        self._class_lines: dict[str, float] = {}
        self._generated: dict[str, tuple[_GeneratedModule, ...]] = {}
        self._read: dict[str, tuple[tuple[int, int], Imports]] = {}

    def imports_of(self, name: str) -> Imports:
        """What a handwritten module imports while it is imported."""
        if name not in self._handwritten:
            module = self.table.find(name)
            listed = imported_names(module) if module else ()
            self._handwritten[name] = self.top_level(listed)
        return self._handwritten[name]

    def top_level(self, listed: Iterable[ImportedName]) -> Imports:
        """Those of the listed imports that run while their module is imported."""
        names = tuple(imported for imported in listed if imported.scope == "module")
        paths: set[str] = set()
        for imported in names:
            parts = [*imported.module.split("."), *([imported.name] if imported.name else [])]
            paths.update(prefixes_of(parts))
        needed = frozenset(path for path in paths if self.table.find(path) is not None)
        return Imports(names, needed)

    def class_line(self, name: str) -> float:
        """The line of the first class spec of a module, infinite where it has none."""
        if name not in self._class_lines:
            lines = [
                module.binding_lines.get(bound, inf)
                for module in filter(None, [self.table.find(name)])
                for bound, nodes in module.definitions.items()
                for node in nodes
                if isinstance(node, ast.ClassDef) and has_jaunt_decorator(self.table, module, node)
            ]
            self._class_lines[name] = min(lines, default=inf)
        return self._class_lines[name]

    def generated_imports_of(self, name: str) -> Iterator[tuple[str, Imports]]:
        """What the generated modules that a module with class specs leads to import.

        Each with the spec module that it is generated for; the generated package comes first.
        """
        if name not in self._generated:
            self._generated[name] = tuple(self._generated_modules(name))
        for generated in self._generated[name]:
            yield generated.spec_module, self._imports_in_file(generated)

    def _generated_modules(self, name: str) -> Iterator[_GeneratedModule]:
        module = self.table.find(name)
        if module is None or self.class_line(name) == inf:
            return
        if not module.is_package:
            # `p/__generated__/__init__.py`, the generated module of `p`, runs before
            # `p.__generated__.one` does.
            init = module.path.with_name("__init__.py")
            yield self._generated_module(name.rpartition(".")[0], init, is_package=True)
        yield self._generated_module(name, module.path, is_package=module.is_package)

    def _generated_module(self, name: str, path: Path, *, is_package: bool) -> _GeneratedModule:
        spec_path = PurePosixPath(path.as_posix())
        folder = self._generated_dir
        module = generated_module_of(name, is_package=is_package, generated_dir=folder)
        file = str(generated_path_of(spec_path, generated_dir=folder))
        return _GeneratedModule(name, module, file, is_package)

    def _imports_in_file(self, generated: _GeneratedModule) -> Imports:
        try:
            status = os.stat(generated.file)  # noqa: PTH116 - done often
            # Answers land while others are judged, so a file may change in between.
            identity = (status.st_mtime_ns, status.st_ino)
            known = self._read.get(generated.file)
            if known is not None and known[0] == identity:
                return known[1]
            file = Path(generated.file)
            module = read_module(generated.name, file, is_package=generated.is_package)
        except (OSError, SyntaxError, ValueError):
            return Imports()
        imports = self.top_level(imported_names(module))
        self._read[generated.file] = (identity, imports)
        return imports
