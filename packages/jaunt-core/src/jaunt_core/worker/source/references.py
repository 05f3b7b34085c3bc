"""The first-party modules that a module refers to: when one changes, it is read again."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from itertools import chain

from .imported_names import imported_names
from .module_table import ModuleTable
from .source_module import SourceModule
from .syntax import dotted_name, nodes_in, prefixes_of


class References:
    """Follows the imports of first-party modules, wherever in a file they stand.

    A contract can only change where a module changes that the spec's own refers to, directly or
    not. Names that no module has yet count as well: one of that name may be added.
    """

    def __init__(self, table: ModuleTable) -> None:
        self._table = table
        self._yielded: set[str] = set()

    def reached_from(self, names: Iterable[str]) -> Iterator[tuple[SourceModule, list[str]]]:
        """The modules that `names` lead to, themselves included, with the names they refer to.

        Each module comes once in the life of this object, however many calls lead to it.
        """
        pending = sorted(names, reverse=True)
        while pending:
            name = pending.pop()
            module = self._table.find(name)
            if module is None or name in self._yielded:
                continue
            self._yielded.add(name)
            referred = self._referred_by(module)
            yield module, sorted(referred)
            pending.extend(sorted(referred - self._yielded, reverse=True))

    def _referred_by(self, module: SourceModule) -> set[str]:
        dotted = {module.name, *self._table.recorded_lookups(module), *_dotted_uses(module)}
        for imported in imported_names(module):
            dotted.add(f"{imported.module}.{imported.name or ''}")
        # The dots of a relative import that leads out of its package are no names.
        parts = (filter(None, name.split(".")) for name in dotted)
        candidates = set(chain.from_iterable(map(prefixes_of, parts)))
        tops = {name.partition(".")[0] for name in candidates}
        own = {top for top in tops if self._table.file_of(top) or self._table.is_namespace(top)}
        return {name for name in candidates - {module.name} if name.partition(".")[0] in own}


def _dotted_uses(module: SourceModule) -> Iterator[str]:
    """The full names of the attributes that a module uses of what it imports.

    They count because `import shop` alone gives access to every submodule that anybody imports.
    """
    for node in nodes_in(module.tree):
        name = dotted_name(node) if isinstance(node, ast.Attribute) else None
        head, _, rest = (name or "").partition(".")
        binding = module.imports.get(head)
        if binding is not None:
            yield ".".join(part for part in (binding.module, binding.attribute, rest) if part)
