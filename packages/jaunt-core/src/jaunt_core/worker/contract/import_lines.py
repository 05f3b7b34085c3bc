"""The import lines of a module that bind given names, each in one spelling."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..source.imported_names import ImportedName, imported_names
from ..source.module_table import ModuleTable, Resolved
from ..source.source_module import SourceModule
from .signatures import Json

_OURS = frozenset({"jaunt", "__future__"})


class ImportLines:
    """The imports at the top level of one module, as words to copy."""

    def __init__(self, table: ModuleTable, module: SourceModule) -> None:
        self._table = table
        self._module = module
        self._bound: dict[str, list[ImportedName]] = {}
        for imported in imported_names(module):
            if imported.scope != "function" and imported.name != "*":
                self._bound.setdefault(imported.bound, []).append(imported)

    def binding(self, names: Iterable[str]) -> list[Json]:
        """The lines that bind the dotted `names`: absolute, one name each, ordered by their text.

        Those for type checkers only say so.
        """
        lines: dict[str, bool] = {}
        for dotted in names:
            for text, for_types in self._lines_of(dotted):
                lines[text] = for_types and lines.get(text, True)
        return [{"text": text, "for_types": lines[text]} for text in sorted(lines, key=in_order)]

    def _lines_of(self, dotted: str) -> Iterator[tuple[str, bool]]:
        head = dotted.partition(".")[0]
        bound = [
            imported
            for imported in self._bound.get(head, ())
            if imported.module.partition(".")[0] not in _OURS
        ]
        if not bound:
            if head not in self._bound and head not in self._module.definitions:
                yield from self._line_through_star(head)
            return
        first = bound[0]
        chosen = [first]
        if first.name is None and first.bound == first.module.partition(".")[0]:
            # `import a.b` and `import a.c` both bind `a`: those count whose modules are used.
            used = [other for other in bound if f"{dotted}.".startswith(f"{other.module}.")]
            chosen = used or chosen
        for imported in chosen:
            yield statement_of(imported), imported.scope == "typing"

    def _line_through_star(self, name: str) -> Iterator[tuple[str, bool]]:
        resolved = self._table.resolve(self._module, name) if self._module.star_imports else None
        if resolved is not None:
            module, _, attribute = resolved.qualified.rpartition(".")
            yield f"from {module} import {attribute}", False


def statement_of(imported: ImportedName) -> str:
    """The statement that binds one name as an import does, by absolute names."""
    if imported.name is not None:
        alias = f" as {imported.bound}" if imported.bound != imported.name else ""
        return f"from {imported.module} import {imported.name}{alias}"
    is_alias = imported.bound != imported.module.partition(".")[0]
    return f"import {imported.module}" + (f" as {imported.bound}" if is_alias else "")


def imports_form(module: SourceModule, resolved: dict[str, Resolved]) -> str:
    """The canonical form of what imports make of the names that prose mentions.

    In code, names stand for what they are bound to in the forms of the code itself. Of the
    project's own definitions only aliases count, and these only where one could be taken for
    another: all else is told by the context that they lead to.
    """
    foreign = {name: there for name, there in resolved.items() if not there.ref}
    aliases = {
        name: there
        for name, there in resolved.items()
        if there.ref
        and name.partition(".")[0] in module.imports
        and not there.qualified.endswith(name)
    }
    counted = foreign | (aliases if len(aliases) > 1 else {})
    return " ".join(
        f"{name}={counted[name].qualified}"
        for name in sorted(counted)
        if name.partition(".")[0] in module.imports or module.star_imports
    )


def in_order(text: str) -> tuple[bool, str]:
    """Plain imports first, as formatters sort them."""
    return text.startswith("from "), text
