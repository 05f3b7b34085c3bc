"""Simulate imports: does an answer find its names bound when modules import each other?

A module with a class spec imports its generated module when it reaches the first of them. So the
generated module runs while its spec module, and whatever led there, is half done.

Nothing is executed: the simulation goes through the import statements of each module in order and
notes the line that it has reached. A name that a module binds further below is unbound.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from ..source.imported_names import ImportedName
from ..source.syntax import prefixes_of
from .import_graph import ImportGraph, Imports


class _UnboundError(Exception):
    """An import finds its name unbound."""


class _AnswerFailsError(Exception):
    """An import of the answer finds its name unbound, or makes another one do so."""

    def __init__(self, imported: ImportedName) -> None:
        super().__init__()
        self.imported = imported


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
        entries = self._entries() if self._may_run_early() else frozenset()
        # A name can be unbound only if the answer leads back to its spec module. It matters only
        # which of the modules that it leads to comes first: it never meets others half done.
        if self.spec_module in entries:
            for entry in sorted(entries):
                # A simulation ends at its first failure: leave that import out, and try again.
                while (imported := self._first_failing(entry, failing)) is not None:
                    failing.add(imported)
        return failing

    def _may_run_early(self) -> bool:
        """Whether the answer may be imported before its spec module is done."""
        module = self.graph.table.find(self.spec_module)
        if module is None:
            return False
        # A package's generated module is `__generated__/__init__.py`, and is therefore imported
        # for the class specs of the modules beside it, too.
        return module.is_package or self.graph.class_line(self.spec_module) < inf

    def _entries(self) -> frozenset[str]:
        """The modules that the answer leads to, its own among them where they lead back."""
        reached: set[str] = set()
        pending = list(self._answer.needed)
        while pending:
            name = pending.pop()
            if name not in reached:
                reached.add(name)
                pending.extend(self.graph.imports_of(name).needed - reached)
                for imports, _ in self.generated_imports_of(name):
                    pending.extend(imports.needed - reached)
        return frozenset(reached)

    def generated_imports_of(self, name: str) -> Iterator[tuple[Imports, bool]]:
        """What is imported for the class specs of a module, and whether it is the answer."""
        for spec_module, imports in self.graph.generated_imports_of(name):
            # The answer counts in place of the file that it would replace.
            is_answer = spec_module == self.spec_module
            yield (self._answer if is_answer else imports), is_answer

    def _first_failing(self, entry: str, without: set[ImportedName]) -> ImportedName | None:
        """The first import of the answer that fails when a program begins with `entry`."""
        try:
            _Simulation(self, without).enter(entry)
        except _AnswerFailsError as error:
            return error.imported
        except _UnboundError:
            pass  # handwritten modules that fail without the answer's doing
        return None


class _Simulation:
    """One run of a program, as far as its imports go.

    `reached` is the line that each module has come to, infinite when it is done. As in
    `sys.modules`, a module that has begun is not begun again.
    """

    def __init__(self, order: ImportOrder, without: set[ImportedName]) -> None:
        self._order = order
        self._graph = order.graph
        self._without = without
        self._reached: dict[str, float] = {}

    def enter(self, name: str) -> None:
        """Import a module and the packages around it, where that has not begun yet."""
        for part in prefixes_of(name.split(".")):
            if part not in self._reached:
                self._execute(part)

    def _execute(self, name: str) -> None:
        class_line = self._graph.class_line(name)
        self._reached[name] = 0
        is_waiting = class_line < inf
        for imported in self._graph.imports_of(name).names:
            if is_waiting and imported.line > class_line:
                is_waiting = False
                self._execute_generated(name, class_line)
            self._reached[name] = imported.line
            self._import(imported)
        if is_waiting:
            self._execute_generated(name, class_line)
        self._reached[name] = inf

    def _execute_generated(self, name: str, class_line: float) -> None:
        self._reached[name] = class_line
        for imports, is_answer in self._order.generated_imports_of(name):
            for imported in imports.names:
                if is_answer and imported in self._without:
                    continue
                try:
                    self._import(imported)
                except _UnboundError:
                    # Also where the import that fails stands in a handwritten module: it is the
                    # answer that came to it too early.
                    if is_answer:
                        raise _AnswerFailsError(imported) from None
                    raise

    def _import(self, imported: ImportedName) -> None:
        try:
            self.enter(imported.module)
            if imported.name is not None:
                self._look_up(imported.module, imported.name)
        except _UnboundError:
            if not imported.optional:
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
