"""Which first-party modules a module may be affected by: what decides what is read again."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from .imported_names import imported_names
from .module_table import ModuleTable
from .source_module import SourceModule
from .syntax import dotted_name, nodes_in


class References:
    """Follows the imports of first-party modules, wherever in a file they stand.

    What a spec says can only change where a module changes that its own refers to, directly or
    not. Names that stand for nothing count as well: a module of that name may come.
    """

    def __init__(self, table: ModuleTable) -> None:
        self._table = table
        self._told: set[str] = set()

    def reached_from(self, names: Iterable[str]) -> Iterator[tuple[SourceModule, list[str]]]:
        """The modules that `names` lead to, themselves included, with the names they refer to.

        Each is told once, however often it is asked for.
        """
        pending = sorted(names, reverse=True)
        while pending:
            name = pending.pop()
            module = self._table.find(name)
            if module is None or name in self._told:
                continue
            self._told.add(name)
            referred = self._referred_by(module)
            yield module, sorted(referred)
            pending.extend(sorted(referred - self._told, reverse=True))

    def _referred_by(self, module: SourceModule) -> set[str]:
        listed = {module.name, *self._table.recorded_lookups(module), *_dotted_uses(module)}
        for item in imported_names(module):
            listed.add(f"{item.module}.{item.name}" if item.name else item.module)
        found = {around for name in listed for around in _packages_around(name)}
        return {name for name in found - {module.name} if self._is_ours(name)}

    def _is_ours(self, name: str) -> bool:
        top = name.partition(".")[0]
        return self._table.file_of(top) is not None or self._table.is_namespace(top)


def imports_by_name(module: SourceModule) -> bool:
    """Whether a module may import others in a way that no import statement shows."""
    return "importlib" in module.text or "__import__" in module.text


def _dotted_uses(module: SourceModule) -> Iterator[str]:
    """The full names that dotted names stand for where they begin with what was imported.

    `import shop` alone gives access to all of it that anybody imports.
    """
    for node in nodes_in(module.tree):
        name = dotted_name(node) if isinstance(node, ast.Attribute) else None
        head, _, rest = (name or "").partition(".")
        found = module.imports.get(head)
        if found is not None:
            yield ".".join(part for part in (found.module, found.attribute, rest) if part)


def _packages_around(dotted: str) -> Iterator[str]:
    """The modules that a dotted name may stand in: `a`, `a.b` and `a.b.c` for `a.b.c`."""
    parts = [part for part in dotted.split(".") if part]
    return (".".join(parts[:count]) for count in range(1, len(parts) + 1))
