"""The references that `deps=` and `targets=` of a decorator declare."""

from __future__ import annotations

import ast
import sys
from difflib import get_close_matches
from types import ModuleType

from jaunt.spec import SPEC_REF_ATTRIBUTE, SpecEntry

from ..source.module_table import ModuleTable
from ..source.source_module import SourceModule
from ..source.syntax import DefinitionNode, dotted_name
from .signatures import Json

_TEXT_LIMIT = 80
_LIKENESS = 0.75


class UnknownNameError(Exception):
    """An entry of `deps=` or `targets=` names nothing in the project.

    The argument is the entry as it is written.
    """


class DeclaredReferences:
    """Turns the objects and strings that one spec depends on into references."""

    def __init__(
        self, table: ModuleTable, source: SourceModule, node: DefinitionNode, known: set[str]
    ) -> None:
        self._table = table
        self._source = source
        self._node = node
        self._known = known

    def resolve(self, entry: SpecEntry) -> tuple[set[str], set[str], list[Json]]:
        """The references of `deps=`, of `targets=`, and what is unknown with the nearest known."""
        refs: dict[str, set[str]] = {"deps": set(), "targets": set()}
        unknown: list[Json] = []
        for keyword in refs:
            dependencies: tuple[object, ...] = getattr(entry, keyword)
            written = self._written_names(keyword, dependencies)
            for dependency, name in zip(dependencies, written, strict=True):
                try:
                    refs[keyword] |= self._refs_of(dependency, name)
                except UnknownNameError as error:
                    text = str(error)[:_TEXT_LIMIT]
                    nearest = self._nearest(text, own=str(entry.ref))
                    unknown.append({"text": text, "nearest": nearest})
        return refs["deps"], refs["targets"], unknown

    def _written_names(self, keyword: str, dependencies: tuple[object, ...]) -> list[str | None]:
        """The names of the dependencies in the decorator, where they are written out there."""
        written: list[str | None] = [None] * len(dependencies)
        for call in self._node.decorator_list:
            for argument in call.keywords if isinstance(call, ast.Call) else ():
                is_list = isinstance(argument.value, ast.List | ast.Tuple)
                nodes = argument.value.elts if is_list else [argument.value]
                # A name may be that of one object, or of a list of one.
                if argument.arg != keyword or len(nodes) != len(dependencies):
                    continue
                names = [dotted_name(node) for node in nodes]
                if is_list or self._is_named(dependencies[0], names[0]):
                    written = names
        return written

    def _is_named(self, dependency: object, written: str | None) -> bool:
        """Whether `written` is a name of this very object, in the module as it was imported."""
        value: object = sys.modules.get(self._source.name)
        for name in (written or "").split("."):
            value = getattr(value, name, None)
        return value is dependency

    def _refs_of_text(self, text: str) -> set[str]:
        resolved = self._table.resolve_absolute(self._source, text.replace(":", "."))
        if resolved is None and ":" not in text:
            resolved = self._table.resolve(self._source, text)
        refs = {alias.ref for alias in self._table.alias_chain_from(resolved) if alias.ref}
        if not refs:
            raise UnknownNameError(text)
        return refs

    def _refs_of(self, dependency: object, written: str | None) -> set[str]:
        if isinstance(dependency, str):
            return self._refs_of_text(dependency)
        ref = getattr(dependency, "__dict__", {}).get(SPEC_REF_ATTRIBUTE)
        if ref is not None:
            self._table.find_for(self._source, str(ref).partition(":")[0])
            return {str(ref)}
        if isinstance(dependency, ModuleType):
            raise UnknownNameError(dependency.__name__)
        # A constant or a type alias does not know its own name; the decorator does.
        resolved = self._table.resolve(self._source, written) if written else None
        if resolved is not None:
            # A definition of an installed package is no context, and no mistake either.
            return {resolved.ref} if resolved.ref else set()
        module = getattr(dependency, "__module__", None)
        name = getattr(dependency, "__qualname__", None)
        if not isinstance(module, str) or not isinstance(name, str):
            raise UnknownNameError(written or repr(dependency))
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
        # Names as they could be written, and the reference that each would stand for.
        names = {ref.replace(":", "."): ref for ref in self._known}
        if not home:
            names.update({ref.partition(":")[2]: ref for ref in sorted(self._known)})
        for name in module.definitions if module else ():
            names[f"{home}.{name}" if home else name] = f"{module.name if module else ''}:{name}"
        likely = sorted(name for name, ref in names.items() if ref != own)
        close = get_close_matches(wanted, likely, n=1, cutoff=_LIKENESS)
        return names[close[0]] if close else None
