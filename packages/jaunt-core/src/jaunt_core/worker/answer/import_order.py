"""Follow imports on paper: does an answer find its names bound when modules import each other?

A module with a class spec imports its generated module when it reaches the first of them. So the
generated module runs while its spec module, and whatever led there, is half done.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from ..source.imported_names import ImportedName
from .import_graph import ImportGraph, Imports


class _UnboundError(Exception):
    """An import finds its name unbound."""


class _OursError(Exception):
    """An import of the answer finds its name unbound, or makes another one do so."""

    def __init__(self, item: ImportedName) -> None:
        super().__init__()
        self.item = item


class ImportOrder:
    """The modules of a project as they import each other, with one answer among them.

    Args:
        graph: The modules.
        spec_module: The module that the answer is for.
        answer: What the answer imports while it is imported.
    """

    def __init__(self, graph: ImportGraph, *, spec_module: str, answer: Imports) -> None:
        self.graph = graph
        self.spec_module = spec_module
        self._answer = answer

    def unbound(self) -> set[ImportedName]:
        """The imports of the answer that fail, whichever module a program imports first."""
        failing: set[ImportedName] = set()
        entries = self._entries() if self._is_early() else frozenset()
        if self.spec_module in entries:
            for entry in sorted(entries):
                while (item := self._failing_from(entry, failing)) is not None:
                    failing.add(item)
        return failing

    def _is_early(self) -> bool:
        """Whether the answer may be imported before its spec module is done."""
        module = self.graph.table.find(self.spec_module)
        if module is None:
            return False
        # The generated package is imported for the class specs beside it.
        return module.is_package or self.graph.class_line(self.spec_module) < inf

    def _entries(self) -> frozenset[str]:
        """The modules that the answer leads to, its own among them where they lead back."""
        found: set[str] = set()
        pending = list(self._answer.needed)
        while pending:
            name = pending.pop()
            if name not in found:
                found.add(name)
                pending.extend(self.graph.steps(name).needed - found)
                for imports, _ in self.generated(name):
                    pending.extend(imports.needed - found)
        return frozenset(found)

    def generated(self, name: str) -> Iterator[tuple[Imports, bool]]:
        """What is imported for the class specs of a module, and whether it is the answer."""
        for spec_module, imports in self.graph.generated(name):
            is_ours = spec_module == self.spec_module
            yield (self._answer if is_ours else imports), is_ours

    def _failing_from(self, entry: str, known: set[ImportedName]) -> ImportedName | None:
        try:
            _Program(self, known).enter(entry)
        except _OursError as error:
            return error.item
        except _UnboundError:
            pass  # handwritten modules that fail without the answer's doing
        return None


class _Program:
    """One run of a program, as far as its imports go: `reached` is the line in each module."""

    def __init__(self, order: ImportOrder, without: set[ImportedName]) -> None:
        self._order = order
        self._graph = order.graph
        self._without = without
        self._reached: dict[str, float] = {}

    def enter(self, name: str) -> None:
        """Import a module and the packages around it, where that has not begun yet."""
        parts = name.split(".")
        for count in range(1, len(parts) + 1):
            part = ".".join(parts[:count])
            if part not in self._reached:
                self._execute(part)

    def _execute(self, name: str) -> None:
        class_line = self._graph.class_line(name)
        self._reached[name] = 0
        waiting = class_line < inf
        for item in self._graph.steps(name).items:
            if waiting and item.line > class_line:
                waiting = False
                self._execute_generated(name, class_line)
            self._reached[name] = item.line
            self._import(item)
        if waiting:
            self._execute_generated(name, class_line)
        self._reached[name] = inf

    def _execute_generated(self, name: str, class_line: float) -> None:
        self._reached[name] = class_line
        for imports, is_ours in self._order.generated(name):
            for item in imports.items:
                if is_ours and item in self._without:
                    continue
                try:
                    self._import(item)
                except _UnboundError:
                    if is_ours:
                        raise _OursError(item) from None
                    raise

    def _import(self, item: ImportedName) -> None:
        try:
            self.enter(item.module)
            if item.name is not None:
                self._look_up(item.module, item.name)
        except _UnboundError:
            if not item.optional:
                raise

    def _look_up(self, name: str, attribute: str) -> None:
        module = self._graph.table.find(name)
        line = module.binding_lines.get(attribute) if module else None
        if line is not None and line < self._reached[name]:
            return
        submodule = f"{name}.{attribute}"
        if self._graph.table.find(submodule) is not None:
            self.enter(submodule)
        elif line is not None:  # else installed, or bound in a way that its source does not show
            raise _UnboundError
