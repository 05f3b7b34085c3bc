"""What the names in docstrings and comments stand for: in the module, then in those it leads to."""

from __future__ import annotations

import ast
from collections.abc import Callable, Container, Iterable, Iterator
from collections.abc import Set as AbstractSet
from functools import cache, lru_cache

from ..source.canonical import is_type_name
from ..source.docstring_sections import entries_of
from ..source.imported_names import imported_names
from ..source.mentioned_names import capitalised_words, names_in_prose
from ..source.module_table import ModuleTable, Resolved
from ..source.scopes import local_names
from ..source.source_module import SourceModule
from ..source.syntax import DEFINITIONS, FUNCTIONS, dotted_name, is_stored, nodes_in, without_call

_TYPE_MAKERS = frozenset(
    {"NewType", "namedtuple", "NamedTuple", "TypedDict", "Enum", "IntEnum", "StrEnum", "type"}
)


class ProseNames:
    """Resolves the names that prose in one module mentions."""

    def __init__(self, table: ModuleTable, module: SourceModule) -> None:
        self._table = table
        self._module = module

    def resolved_in(
        self, prose: str, *, own: Container[str] = (), homes: Iterable[str] = ()
    ) -> dict[str, Resolved]:
        """The names that a text mentions, as written, and what each stands for.

        Args:
            prose: Docstrings and comments.
            own: Names that mean something local.
            homes: Modules that the text's definition depends on; searched before those that its
                module imports from.
        """
        marked = names_in_prose(prose)
        raised = names_raised(prose)
        wanted: list[tuple[AbstractSet[str], Callable[[Resolved], bool]]] = [
            (marked, self._is_definition),
            (raised - marked, self._is_class_or_constant),
            (capitalised_words(prose) - marked - raised, self._is_type),
        ]
        near = self._near(homes)
        resolved: dict[str, Resolved] = {}
        for names, accepts in wanted:
            for name in sorted(names):
                # A name that the definition binds itself means that, not what others have under it.
                if name.partition(".")[0] in own:
                    continue
                target = self._resolve(name, near, accepts, is_marked=names is marked)
                if target is None and accepts != self._is_type:
                    target = _far_classes(self._table).find(name, near)
                if target is not None:
                    resolved[name] = target
        return resolved

    def _resolve(
        self,
        name: str,
        near: tuple[str, ...],
        accepts: Callable[[Resolved], bool],
        *,
        is_marked: bool,
    ) -> Resolved | None:
        here = self._table.resolve(self._module, name)
        if here is not None:
            return here if is_marked or accepts(here) else None
        for module in _modules_binding(self._table, near).get(name.partition(".")[0], ()):
            there = self._table.resolve(module, name)
            if there is not None and there.ref and accepts(there):
                return there
        return self._table.resolve_absolute(self._module, name) if "." in name else None

    def exists(self, name: str, homes: Iterable[str] = ()) -> bool:
        """Whether a name that prose marks as one stands for anything."""
        near = self._near(homes)
        target = self._resolve(name, near, self._is_definition, is_marked=True)
        return (target or _far_classes(self._table).find(name, near)) is not None

    def names_nearby(self, homes: Iterable[str] = ()) -> Iterator[str]:
        """The names that the modules define which prose here is looked up in."""
        for module in modules_reached(self._table, self._near(homes)):
            yield from module.definitions

    def _near(self, homes: Iterable[str]) -> tuple[str, ...]:
        """The modules that names are looked up in, in this order, each once."""
        imported = _modules_imported_by(self._table, self._module)
        return tuple(dict.fromkeys([*sorted(homes), *imported]))

    def _is_type(self, resolved: Resolved) -> bool:
        """Whether a name stands for a class or a type; if of another package, whether so spelt."""
        if not resolved.ref:
            return is_type_name(ast.Name(resolved.qualified.rpartition(".")[2]))
        return any(_defines_type(node) for _, node in self._table.definitions_at(resolved.ref))

    def _is_class_or_constant(self, resolved: Resolved) -> bool:
        nodes = [node for _, node in self._table.definitions_at(resolved.ref or "")]
        return not resolved.ref or any(not isinstance(node, FUNCTIONS) for node in nodes)

    def _is_definition(self, resolved: Resolved) -> bool:
        """Whether a name of another module is worth showing: no variable of its own use."""
        is_constant = (resolved.name or "").isupper()
        nodes = [node for _, node in self._table.definitions_at(resolved.ref or "")]
        return any(
            is_constant or isinstance(node, FUNCTIONS) or _defines_type(node) for node in nodes
        )


@lru_cache(maxsize=16)  # asked for by contract and API of one spec
def names_raised(prose: str) -> frozenset[str]:
    """The entries of `Raises:` sections, in whatever style."""
    if "ais" not in prose and "Exceptions" not in prose:  # most docstrings have none
        return frozenset()
    return frozenset(entry.name for entry in entries_of(prose) if entry.section == "Raises")


def modules_reached(table: ModuleTable, names: Iterable[str]) -> Iterator[SourceModule]:
    """First-party modules and those that they import from, the nearest first."""
    pending, seen = list(names), set(names)
    for name in pending:  # grows meanwhile
        module = table.find(name)
        if module is not None:
            yield module
            further = [other for other in _modules_imported_by(table, module) if other not in seen]
            seen.update(further)
            pending += further


@lru_cache(maxsize=64)  # the specs of one module ask for the same ones
def _modules_binding(table: ModuleTable, near: tuple[str, ...]) -> dict[str, list[SourceModule]]:
    """For each name the modules that bind it at their top level, in this order."""
    binding: dict[str, list[SourceModule]] = {}
    for module in filter(None, map(table.find, near)):
        names = {*module.definitions, *module.imports}
        for star in filter(None, map(table.find, module.star_imports)):
            names.update(filter(star.exports, star.definitions))
        for name in names:
            binding.setdefault(name, []).append(module)
    return binding


class _FarClasses:
    """The classes of all modules that imports have led to, to look none of them up in vain."""

    def __init__(self, table: ModuleTable) -> None:
        self._table = table
        self._reached: set[str] = set()
        self._names: set[str] = set()

    def find(self, name: str, near: tuple[str, ...]) -> Resolved | None:
        """The class of this name in the nearest of the modules that `near` lead to."""
        self._reach(near)
        if name not in self._names:
            return None
        for module in modules_reached(self._table, near):
            if _has_class(module, name):
                return Resolved(f"{module.name}.{name}", module.name, name)
        return None

    def _reach(self, names: Iterable[str]) -> None:
        pending = [name for name in names if name not in self._reached]
        while pending:
            name = pending.pop()
            module = self._table.find(name)
            if module is None or name in self._reached:
                continue
            self._reached.add(name)
            self._names.update(name for name in module.definitions if _has_class(module, name))
            imported = _modules_imported_by(self._table, module)
            pending += [other for other in imported if other not in self._reached]


def _has_class(module: SourceModule, name: str) -> bool:
    return any(isinstance(node, ast.ClassDef) for node in module.definitions.get(name, ()))


@cache
def _far_classes(table: ModuleTable) -> _FarClasses:
    return _FarClasses(table)


@cache  # a worker reads one project, once
def _modules_imported_by(table: ModuleTable, module: SourceModule) -> tuple[str, ...]:
    """The first-party modules that one imports from, wherever in it, sorted."""
    names: set[str] = set()
    for imported in imported_names(module):
        names.update((imported.module, f"{imported.module}.{imported.name}"))
        source = table.find(imported.module)
        home = table.resolve(source, imported.name or "") if source else None
        names.update(filter(None, [home.module if home else None]))
    return tuple(sorted(name for name in names - {module.name} if table.find(name)))


def local_names_of(node: ast.AST) -> set[str]:
    """The names of a definition and of all that it binds: parameters, variables, members."""
    own: set[str] = set()
    for inner in nodes_in(node):
        if isinstance(inner, DEFINITIONS):
            own.add(inner.name)
            own.update(parameter.name for parameter in getattr(inner, "type_params", ()))
        if isinstance(inner, FUNCTIONS):
            own |= local_names(inner)
        elif isinstance(inner, ast.ClassDef):
            own |= {
                part.id for member in inner.body for part in nodes_in(member) if is_stored(part)
            }
    return own


def _defines_type(node: ast.stmt) -> bool:
    if isinstance(node, ast.ClassDef) or type(node).__name__ == "TypeAlias":
        return True
    value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
    if value is None or (isinstance(node, ast.AnnAssign) and not _says_alias(node)):
        return False
    if isinstance(value, ast.Call):
        return (dotted_name(value.func) or "").rpartition(".")[2] in _TYPE_MAKERS
    if isinstance(value, ast.BinOp):
        return isinstance(value.op, ast.BitOr) and any(
            map(_is_type_like, (value.left, value.right))
        )
    return _is_type_like(value)


def _says_alias(node: ast.AnnAssign) -> bool:
    return (dotted_name(without_call(node.annotation)) or "").endswith("TypeAlias")


def _is_type_like(value: ast.expr) -> bool:
    return is_type_name(value.value if isinstance(value, ast.Subscript) else value)
