"""The project's own modules: where they are, and what a dotted name in one stands for."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from .canonical import Resolve
from .source_module import SourceModule, read_module
from .syntax import dotted_name

_Seen = frozenset[tuple[int, str]]
"""The names that were looked up on the way, each with the id of its module."""


class Resolved(NamedTuple):
    """What a dotted name stands for.

    `qualified` is its full dotted name. For a name that the project itself defines, `module` and
    `name` say where; both are None for the standard library and installed packages.
    """

    qualified: str
    module: str | None = None
    name: str | None = None

    @property
    def ref(self) -> str | None:
        """`module:name` of a first-party definition."""
        return f"{self.module}:{self.name}" if self.module and self.name else None


def _python_files(folder: str, generated_dir: str) -> Iterator[Path]:
    """The Python files below a folder, without hidden and generated ones and environments."""
    for around, folders, files in os.walk(folder):
        if "pyvenv.cfg" in files:
            folders.clear()
            continue
        folders[:] = [
            name
            for name in folders
            if name.isidentifier() and name not in (generated_dir, "node_modules")
        ]
        yield from (Path(around, name) for name in files if name.endswith(".py"))


class ModuleTable:
    """Finds first-party modules along the import path prefix and resolves names in them."""

    def __init__(self, prefix: Iterable[Path], *, generated_dir: str) -> None:
        self._prefix = tuple(map(str, prefix))
        self._generated_dir = generated_dir
        self._modules: dict[str, SourceModule | None] = {}
        self._lookups: dict[str, set[str]] = {}
        self._files: dict[str, tuple[Path, bool] | None] = {}
        self._folders: dict[str, bool] = {}
        self._resolved: dict[tuple[str, str], Resolved] = {}

    def add(self, module: SourceModule) -> None:
        """Take a module that is parsed already, so that its file is not read again."""
        if self._modules.get(module.name) is not module:
            self._modules[module.name] = module
            self._resolved.clear()

    def parsed_module(self, name: str, path: Path) -> SourceModule | None:
        """The module of this name if it is parsed already, from the file at `path`."""
        module = self._modules.get(name)
        return module if module is not None and module.path == path else None

    def find(self, name: str) -> SourceModule | None:
        """The first-party module of this name; None where there is none that can be read."""
        if name not in self._modules:
            file, module = self.file_of(name), None
            with suppress(OSError, SyntaxError, ValueError):
                module = read_module(name, file[0], is_package=file[1]) if file else None
            self._modules[name] = module
        return self._modules[name]

    def definitions_at(self, ref: str) -> list[tuple[SourceModule, ast.stmt]]:
        """The statements that define a first-party reference `module:name`, with their module."""
        module_name, _, name = ref.partition(":")
        module = self.find(module_name)
        return [(module, node) for node in module.definitions.get(name, ())] if module else []

    def file_of(self, name: str) -> tuple[Path, bool] | None:
        """The file of a first-party module, and whether that is a package; it need not parse."""
        if name not in self._files:
            self._files[name] = self._find_file(name)
        return self._files[name]

    def _find_file(self, name: str) -> tuple[Path, bool] | None:
        parts = name.split(".")
        if not all(part.isidentifier() for part in parts) or self._generated_dir in parts:
            return None
        for folder in self._prefix:
            base = os.path.join(folder, *parts)  # noqa: PTH118 - done often
            package = os.path.join(base, "__init__.py")  # noqa: PTH118 - likewise
            if os.path.isfile(package):  # noqa: PTH113 - likewise
                return Path(package), True
            if os.path.isfile(f"{base}.py"):  # noqa: PTH113 - likewise
                return Path(f"{base}.py"), False
        return None

    def names_of(self, path: Path) -> list[str]:
        """The names that a first-party file can be imported by, whether or not it is there."""
        names: list[str] = []
        for folder in self._prefix:
            with suppress(ValueError):
                relative = path.with_suffix("").relative_to(folder)
                names.append(".".join(relative.parts).removesuffix(".__init__"))
        return names

    def homes_of_class(self, name: str) -> list[str]:
        """The first-party modules that define a class of this name at their top level, sorted.

        All files are looked through, so this is for names that nothing else leads to.
        """
        wanted = f"class {name}".encode()
        homes: set[str] = set()
        for folder in self._prefix:
            for path in _python_files(folder, self._generated_dir):
                with suppress(OSError):
                    if wanted not in path.read_bytes():
                        continue
                for module_name in self.names_of(path):
                    module = self.find(module_name)
                    nodes = module.definitions.get(name, ()) if module else ()
                    if any(isinstance(node, ast.ClassDef) for node in nodes):
                        homes.add(module_name)
                        break
        return sorted(homes)

    def is_namespace(self, name: str) -> bool:
        """Whether the name is a first-party folder without `__init__.py`."""
        parts = name.split(".")
        if self._generated_dir in parts:  # not remembered: landing an answer may create it
            return self._is_folder(parts)
        if name not in self._folders:
            self._folders[name] = self._is_folder(parts)
        return self._folders[name]

    def _is_folder(self, parts: list[str]) -> bool:
        return all(part.isidentifier() for part in parts) and any(
            os.path.isdir(os.path.join(folder, *parts))  # noqa: PTH112, PTH118 - done often
            for folder in self._prefix
        )

    def resolve(self, module: SourceModule, dotted: str) -> Resolved | None:
        """What `dotted` stands for at the top level of `module`; None for unbound names."""
        head = dotted.partition(".")[0]
        if not (module.star_imports or head in module.definitions or head in module.imports):
            return None
        key = (module.name, dotted)
        # A candidate, or a part of a module, has the name of another that may be in the table.
        is_in_table = self._modules.get(module.name) is module
        resolved = self._resolved.get(key) if is_in_table else None
        if resolved is None:
            resolved = self._resolve(module, dotted.split("."), frozenset())
            # An unbound name may get bound when user code is imported, through a star import.
            if is_in_table and resolved is not None:
                self._resolved[key] = resolved
        return resolved

    def resolver_of(self, module: SourceModule) -> Resolve:
        """A function that turns names at the top level of `module` into qualified ones."""

        def resolve(dotted: str) -> str:
            resolved = self.resolve(module, dotted)
            return resolved.qualified if resolved else dotted

        return resolve

    def alias_chain(self, module: SourceModule, dotted: str) -> list[Resolved]:
        """What `dotted` stands for, and what that is an alias of: `rate = tax.rate`."""
        return self.alias_chain_from(self.resolve(module, dotted))

    def alias_chain_from(self, resolved: Resolved | None) -> list[Resolved]:
        """`resolved`, and what it is an alias of, step by step."""
        chain: list[Resolved] = []
        while resolved is not None and resolved not in chain:
            chain.append(resolved)
            resolved = self._aliased_by(resolved)
        return chain

    def _aliased_by(self, alias: Resolved) -> Resolved | None:
        definitions = self.definitions_at(alias.ref) if alias.ref else []
        if len(definitions) != 1:
            return None
        home, node = definitions[0]
        value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
        name = dotted_name(value) if value else None
        rest = alias.qualified.removeprefix(f"{alias.module}.{alias.name}")
        return self.resolve(home, name + rest) if name else None

    def _resolve(self, module: SourceModule, parts: list[str], seen: _Seen) -> Resolved | None:
        head, rest = parts[0], parts[1:]
        if (id(module), head) in seen:  # modules that import a name from each other
            return None
        seen |= {(id(module), head)}
        imported = module.imports.get(head)
        if imported is not None:
            attribute = [] if imported.attribute is None else [imported.attribute]
            return self._in_module(imported.module, [*attribute, *rest], seen)
        if head in module.definitions:
            return Resolved(".".join([module.name, *parts]), module.name, head)
        for star in reversed(module.star_imports):
            if (resolved := self._through_star(star, parts, seen)) is not None:
                return resolved
        return None

    def _through_star(self, star: str, parts: list[str], seen: _Seen) -> Resolved | None:
        source = self.find(star)
        if source is not None:
            return self._resolve(source, parts, seen) if source.exports(parts[0]) else None
        # Not the project's own: user code has imported it, if it is there.
        loaded = sys.modules.get(star)
        public = getattr(loaded, "__all__", None) or [
            name for name in getattr(loaded, "__dict__", ()) if not name.startswith("_")
        ]
        return Resolved(".".join([star, *parts])) if parts[0] in public else None

    def _in_module(self, name: str, parts: list[str], seen: _Seen) -> Resolved:
        """Follow `parts` from the module `name` on, through submodules and re-exports."""
        if not parts:
            return Resolved(name)
        module = self.find(name)
        if module is not None and (resolved := self._resolve(module, parts, seen)) is not None:
            return resolved
        submodule = f"{name}.{parts[0]}"
        if self.is_namespace(name) and (self.file_of(submodule) or self.is_namespace(submodule)):
            return self._in_module(submodule, parts[1:], seen)
        return Resolved(".".join([name, *parts]))

    def recorded_lookups(self, module: SourceModule) -> frozenset[str]:
        """The full dotted names that were looked up for the specs of a module."""
        return frozenset(self._lookups.get(module.name, ()))

    def find_for(self, module: SourceModule, name: str) -> SourceModule | None:
        """Find a first-party module that a spec of `module` leads to, and record the lookup."""
        self._lookups.setdefault(module.name, set()).add(name)
        return self.find(name)

    def resolve_absolute(self, module: SourceModule, dotted: str) -> Resolved | None:
        """What a full dotted name such as `shop.tax.rate` in `module` stands for, if anything.

        The lookup is recorded, whether it succeeds or not.
        """
        self._lookups.setdefault(module.name, set()).add(dotted)
        parts = dotted.split(".")
        for cut in range(len(parts) - 1, 0, -1):
            home = self.find(".".join(parts[:cut]))
            if home is not None:
                return self._resolve(home, parts[cut:], frozenset())
        return None
