"""What `deps=` and `targets=` of a decorator name, as references."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import suppress
from difflib import get_close_matches
from types import ModuleType

from jaunt.spec import SPEC_REF_ATTRIBUTE, SpecEntry

from ..source.module_table import ModuleTable
from ..source.source_module import SourceModule
from ..source.syntax import dotted_name
from .contract_reader import SpecNode

_TEXT_LIMIT = 80
_LIKENESS = 0.75


class UnknownNameError(Exception):
    """An entry that names nothing in the project; the argument is how it is written."""


class DeclaredReferences:
    """Turns the objects and strings that one spec depends on into references."""

    def __init__(
        self, table: ModuleTable, source: SourceModule, node: SpecNode, known: set[str]
    ) -> None:
        self._table = table
        self._source = source
        self._node = node
        self._known = known

    def resolve(self, entry: SpecEntry) -> tuple[set[str], list[tuple[str, str | None]]]:
        """The first-party references, and what names nothing with the nearest known name."""
        refs: set[str] = set()
        unknown: list[tuple[str, str | None]] = []
        for item, written in (
            *self._listed("deps", entry.deps),
            *self._listed("targets", entry.targets),
        ):
            try:
                refs.update(self._named(item) if isinstance(item, str) else self._of(item, written))
            except UnknownNameError as error:
                text = str(error)[:_TEXT_LIMIT]
                unknown.append((text, self._nearest(text, own=str(entry.ref))))
        return refs, unknown

    def targets(self, entry: SpecEntry) -> set[str]:
        """The references of `targets=` alone."""
        refs: set[str] = set()
        for item, written in self._listed("targets", entry.targets):
            with suppress(UnknownNameError):  # `resolve` tells of it
                refs |= self._named(item) if isinstance(item, str) else self._of(item, written)
        return refs

    def _listed(
        self, keyword: str, items: tuple[object, ...]
    ) -> Iterator[tuple[object, str | None]]:
        """Every entry, with the name that stands in its place where the list is written out."""
        written: list[str | None] = [None] * len(items)
        for call in self._node.decorator_list:
            for argument in call.keywords if isinstance(call, ast.Call) else ():
                nodes = getattr(argument.value, "elts", ())
                if argument.arg == keyword and len(nodes) == len(items):
                    written = [dotted_name(node) for node in nodes]
        yield from zip(items, written, strict=True)

    def _named(self, text: str) -> set[str]:
        found = self._table.resolve_absolute(self._source, text.replace(":", "."))
        if found is None and ":" not in text:
            found = self._table.resolve(self._source, text)
        refs = {item.ref for item in self._table.alias_chain_from(found) if item.ref}
        if not refs:
            raise UnknownNameError(text)
        return refs

    def _of(self, item: object, written: str | None) -> set[str]:
        ref = getattr(item, "__dict__", {}).get(SPEC_REF_ATTRIBUTE)
        if ref is not None:
            self._table.find_for(self._source, str(ref).partition(":")[0])
            return {str(ref)}
        if isinstance(item, ModuleType):
            raise UnknownNameError(item.__name__)
        # A constant or a type alias does not know its own name; the decorator does.
        found = self._table.resolve(self._source, written) if written else None
        if found is not None:
            # What an installed package defines is no context of ours, and no mistake either.
            return {found.ref} if found.ref else set()
        module, name = getattr(item, "__module__", None), getattr(item, "__qualname__", None)
        if not isinstance(module, str) or not isinstance(name, str):
            raise UnknownNameError(written or repr(item))
        home = self._table.find_for(self._source, module)
        if home is None:
            return set()
        top = name.partition(".")[0]
        if top not in home.definitions:
            raise UnknownNameError(f"{module}:{name}")
        return {f"{module}:{top}"}

    def _nearest(self, text: str, *, own: str) -> str | None:
        wanted = text.replace(":", ".")
        home, _, _ = wanted.rpartition(".")
        module = self._table.find(home) if home else self._source
        names = {ref.replace(":", "."): ref for ref in self._known}
        if not home:
            names.update({ref.partition(":")[2]: ref for ref in sorted(self._known)})
        for name in module.definitions if module else ():
            names[f"{home}.{name}" if home else name] = f"{module.name if module else ''}:{name}"
        likely = sorted(name for name, ref in names.items() if ref != own)
        close = get_close_matches(wanted, likely, n=1, cutoff=_LIKENESS)
        return names[close[0]] if close else None
