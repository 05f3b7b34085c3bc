"""What a test reaches: through helpers and fixtures of its module, and other first-party code."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..contract.contract_reader import is_spec, locally_imported
from ..contract.parametrized import parametrized_names
from ..source.module_table import ModuleTable, Resolved
from ..source.scopes import free_names
from ..source.source_module import SourceModule
from ..source.syntax import FUNCTIONS, FunctionNode
from .misplaced_code import is_fixture

_KNOWN_FIXTURES = frozenset(
    {"cache", "capfd", "capfdbinary", "caplog", "capsys", "capsysbinary", "capteesys"}
    | {"doctest_namespace", "monkeypatch", "pytestconfig", "record_property", "recwarn"}
    | {"record_testsuite_property", "subtests"}
    | {"tmp_path", "tmp_path_factory", "tmpdir", "tmpdir_factory"}
)
_MOST_DEFINITIONS = 3000


class Reached:
    """What one test reaches.

    `nodes` are the definitions of its own module, itself the first, `names` the qualified names
    of all that is used on the way, `direct` those used in its own module. `helpers` are the
    handwritten definitions of other modules. `is_opaque` is set where a fixture is used whose
    definition is not in the module.
    """

    def __init__(self) -> None:
        self.nodes: list[ast.stmt] = []
        self.names: set[str] = set()
        self.direct: set[str] = set()
        self.helpers: list[ast.stmt] = []
        self.is_opaque = False


class ReachFinder:
    """Follows the names that the tests of one module use."""

    def __init__(self, table: ModuleTable, module: SourceModule) -> None:
        self._table = table
        self._module = module
        self._qualified = table.resolver_of(module)
        self._fixtures = dict(self._find_fixtures())

    def reached_by(self, test: FunctionNode) -> Reached:
        """What a test reaches."""
        reached = Reached()
        always = [node for node, automatic in self._fixtures.values() if automatic]
        pending: list[tuple[SourceModule, ast.stmt]] = [
            (self._module, node) for node in (test, *always)
        ]
        seen: set[int] = set()
        while pending and len(seen) < _MOST_DEFINITIONS:
            module, node = pending.pop(0)
            if id(node) in seen:
                continue
            seen.add(id(node))
            if module is self._module:
                reached.nodes.append(node)
                pending += self._fixtures_of(node, reached)
            for resolved in self._resolve_names(module, node):
                reached.names.add(resolved.qualified)
                if module is self._module:
                    reached.direct.add(resolved.qualified)
                pending += self._definitions_of(resolved, reached)
        return reached

    def _find_fixtures(self) -> Iterator[tuple[str, tuple[FunctionNode, bool]]]:
        """The fixtures of the module by name, and whether each is used automatically."""
        for node in self._module.tree.body:
            if not isinstance(node, FUNCTIONS) or not is_fixture(node, self._qualified):
                continue
            options = {
                keyword.arg: getattr(keyword.value, "value", None)
                for call in node.decorator_list
                if isinstance(call, ast.Call)
                for keyword in call.keywords
            }
            yield str(options.get("name") or node.name), (node, bool(options.get("autouse")))

    def _fixtures_of(
        self, node: ast.stmt, reached: Reached
    ) -> Iterator[tuple[SourceModule, ast.stmt]]:
        """The fixtures that the parameters of a test or of a fixture ask for."""
        if not isinstance(node, FUNCTIONS):
            return
        if node is not reached.nodes[0] and not is_fixture(node, self._qualified):
            return  # a plain helper: its caller supplies the arguments
        known = parametrized_names(node)
        for parameter in [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]:
            if parameter.arg in self._fixtures:
                yield self._module, self._fixtures[parameter.arg][0]
            elif parameter.arg not in known and parameter.arg not in _KNOWN_FIXTURES:
                reached.is_opaque = True
        if "usefixtures" in "".join(ast.dump(decorator) for decorator in node.decorator_list):
            reached.is_opaque = True

    def _resolve_names(self, module: SourceModule, node: ast.stmt) -> Iterator[Resolved]:
        """What the names in a definition stand for, those of imports inside it included."""
        for name in set(free_names(node)):
            yield from self._table.alias_chain(module, name)
        yield from locally_imported(self._table, module, node)

    def _definitions_of(
        self, resolved: Resolved, reached: Reached
    ) -> Iterator[tuple[SourceModule, ast.stmt]]:
        if resolved.ref and resolved.module == self._module.name:
            # The answer itself is in no file that the table could find.
            nodes = self._module.definitions.get(resolved.name or "", [])
            yield from ((self._module, node) for node in nodes)
        elif resolved.ref:
            definitions = self._table.definitions_at(resolved.ref)
            if not is_spec(self._table, resolved.ref):
                reached.helpers += [node for _, node in definitions]
            yield from definitions
