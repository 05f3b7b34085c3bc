"""Where the names in a shown signature or docstring come from, for a reader in another module."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Mapping
from functools import cache

from ..source.mentioned_names import names_in_outline
from ..source.module_table import ModuleTable, Resolved
from ..source.scopes import free_names, names_in_signature
from ..source.source_module import SourceModule
from ..source.syntax import FUNCTIONS, DefinitionNode, nodes_in
from .definitions import Definitions, docstring_text
from .import_lines import ImportLines, in_order
from .prose_names import ProseNames, local_names_of, names_raised
from .signatures import Json

_WELL_KNOWN = frozenset({"pytest"})


class NamedHomes:
    """Tells of each name in an outline that its reader may need how to import it."""

    def __init__(self, table: ModuleTable) -> None:
        self._table = table
        self.lines_of = cache(lambda module: ImportLines(table, module))
        self._prose_of = cache(lambda module: ProseNames(table, module))

    def of_outline(
        self,
        module: SourceModule,
        node: DefinitionNode,
        known: Mapping[str, Resolved] | None = None,
    ) -> tuple[list[Json], str]:
        """The homes of the names in signature and docstrings, and those of the docstrings as form.

        Names in code are qualified in the form of the code itself. What more prose than the
        docstrings stands for is `known` to who has read that.
        """
        prose = _shown_prose(node)
        if known is None:
            known = self._prose_of(module).resolved_in(prose, own=local_names_of(node))
        mentioned = {
            name: there
            for name, there in known.items()
            if there.ref and re.search(rf"\b{name}\b", prose) and self._is_no_function(there)
        }
        raised = names_raised(prose)
        code = names_in_signature(node) if isinstance(node, FUNCTIONS) else names_in_outline(node)
        foreign = {name for name in raised if self._is_foreign(module, name)}
        homes = self._homes(module, mentioned) + self._imported(module, {*code}, always=foreign)
        qualified = {name: there.qualified for name, there in mentioned.items()}
        for name in foreign:
            resolved = self._table.resolve(module, name)
            qualified[name] = resolved.qualified if resolved else name
        form = " ".join(f"{name}={qualified[name]}" for name in sorted(qualified))
        return _unique(homes), form

    def of_code(self, module: SourceModule, node: ast.stmt) -> list[Json]:
        """The homes of the imported names in a definition that is shown whole."""
        return _unique(self._imported(module, set(free_names(node)), always=frozenset()))

    def _homes(self, module: SourceModule, mentioned: dict[str, Resolved]) -> list[Json]:
        homes: list[Json] = []
        for name, there in sorted(mentioned.items()):
            bound = self.lines_of(module).binding([name])
            text = str(bound[0]["text"]) if bound else f"from {there.module} import {there.name}"
            homes.append({"text": text, "ref": there.ref, "declaration": self._declaration(there)})
        return homes

    def _imported(
        self, module: SourceModule, code: set[str], *, always: Iterable[str]
    ) -> list[Json]:
        """The lines for names that nobody could place: aliases, and those of other packages."""
        lines = self.lines_of(module)
        homes: list[Json] = []
        for name in sorted(code):
            for line in lines.binding([name]):
                text = str(line["text"])
                if _is_unclear(text):
                    # Under an alias it has to be placed even where it is shown.
                    resolved = None if " as " in text else self._table.resolve(module, name)
                    ref = resolved.ref if resolved else None
                    homes.append({"text": text, "ref": ref, "declaration": ""})
        shown = [str(line["text"]) for line in lines.binding(always)]
        return homes + [{"text": text, "ref": None, "declaration": ""} for text in shown]

    def _is_foreign(self, module: SourceModule, name: str) -> bool:
        resolved = self._table.resolve(module, name)
        return resolved is not None and not resolved.ref

    def _is_no_function(self, there: Resolved) -> bool:
        nodes = self._table.definitions_at(there.ref or "")
        return any(not isinstance(node, FUNCTIONS) for _, node in nodes)

    def _declaration(self, there: Resolved) -> str:
        for home, node in self._table.definitions_at(there.ref or ""):
            if isinstance(node, ast.ClassDef):
                resolve = self._table.resolver_of(home)
                return Definitions(home.text, resolve).declaration(node)
        return ""


def _shown_prose(node: DefinitionNode) -> str:
    """The docstrings that the outline of a definition shows."""
    if not isinstance(node, ast.ClassDef):
        return docstring_text(node)
    shown = [inner for inner in nodes_in(node) if isinstance(inner, FUNCTIONS)]
    return "\n\n".join([docstring_text(node), *map(docstring_text, shown)])


def _is_unclear(statement: str) -> bool:
    """Whether an import gives another name, or is of a package that a reader need not know."""
    module = statement.split()[1]
    if module.partition(".")[0] in _WELL_KNOWN:
        return False
    return " as " in statement or module.partition(".")[0] not in sys.stdlib_module_names


def _unique(homes: list[Json]) -> list[Json]:
    """Each line once, the first of each, ordered by their text."""
    by_text = {str(home["text"]): home for home in reversed(homes)}
    return [by_text[text] for text in sorted(by_text, key=in_order)]
