"""The fixtures that a test is needed: of its own module, and of the `conftest.py` files above."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from ..source.module_table import ModuleTable
from ..source.source_module import SourceModule, read_module
from ..source.syntax import (
    FUNCTIONS,
    DefinitionNode,
    FunctionNode,
    arguments_of,
    dotted_name,
    without_call,
)
from .parametrized import argument_names, parametrized_names

_MAKERS = ("pytest.fixture", "pytest.yield_fixture", "pytest_asyncio.fixture", "fixture")
_READ_ERRORS = (OSError, SyntaxError, ValueError)


class Fixture(NamedTuple):
    """A fixture by the name that tests ask for, and where it is defined.

    One that is `supplied` needs no import; one that is `autouse` is set up unasked.
    """

    name: str
    module: SourceModule
    node: FunctionNode
    supplied: bool
    autouse: bool

    @property
    def ref(self) -> str:
        """`module:name` of its definition."""
        return f"{self.module.name}:{self.node.name}"


class Fixtures:
    """Finds the fixtures that the tests of one module are given, as pytest does.

    Args:
        table: The project's modules.
        module: The module of the tests.
        root: The project's folder; nothing above it counts.
        watching: Takes note of files that are read although no module name leads to them.
    """

    def __init__(
        self,
        table: ModuleTable,
        module: SourceModule,
        *,
        root: Path,
        watching: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._table = table
        self._module = module
        self._root = root
        self._watching = watching

    def needed_by(self, test: DefinitionNode) -> list[Fixture]:
        """The fixtures of a test, those that these ask for, and those set up unasked, by name."""
        if isinstance(test, ast.ClassDef):
            return []
        pending = [(name, 0) for name in [*self._unasked(), *_asked_by(test)]]
        needed: dict[str, Fixture] = {}
        while pending:
            name, first = pending.pop()
            for level, fixtures in enumerate(self._levels[first:], first):
                fixture = fixtures.get(name)
                if fixture is None:
                    continue
                if fixture.ref not in needed:
                    needed[fixture.ref] = fixture
                    # One that overrides another may ask for that by its own name.
                    pending += [
                        (other, level + 1 if other == name else 0)
                        for other in _asked_by(fixture.node)
                    ]
                break
        return [needed[ref] for ref in sorted(needed)]

    def _unasked(self) -> list[str]:
        return [
            name
            for fixtures in self._levels
            for name, fixture in fixtures.items()
            if fixture.autouse
        ]

    @cached_property
    def _levels(self) -> list[dict[str, Fixture]]:
        """The fixtures of each place by name, the nearest place first."""
        own = self._fixtures_of(self._module, supplied=False)
        modules = [*self._conftests()]
        plugins = [
            plugin for module in (self._module, *modules) for plugin in self._plugins(module)
        ]
        return [own, *(self._fixtures_of(module, supplied=True) for module in modules + plugins)]

    def _conftests(self) -> Iterator[SourceModule]:
        folder = self._module.path.parent
        while folder == self._root or self._root in folder.parents:
            module = self._module_at(folder / "conftest.py")
            if module is not None and module is not self._module:
                yield module
            if folder == self._root:
                return
            folder = folder.parent

    def _module_at(self, path: Path) -> SourceModule | None:
        """The module in a file; where none is there, its name is noted, as one may be added."""
        for name in self._table.names_of(path):
            module = self._table.find_for(self._module, name)
            if module is not None and module.path == path:
                return module
        if not path.is_file():
            return None
        with suppress(*_READ_ERRORS), self._watching():
            return read_module(path.stem, path, is_package=False)
        return None

    def _plugins(self, module: SourceModule) -> Iterator[SourceModule]:
        """The project's own modules that `pytest_plugins` names."""
        for node in module.definitions.get("pytest_plugins", ()):
            listed = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
            for entry in getattr(listed, "elts", [listed]):
                name = entry.value if isinstance(entry, ast.Constant) else None
                plugin = self._table.find_for(self._module, name) if isinstance(name, str) else None
                if plugin is not None:
                    yield plugin

    def _fixtures_of(self, module: SourceModule, *, supplied: bool) -> dict[str, Fixture]:
        """The fixtures that a module defines or imports, by the name that they are asked by."""
        fixtures: dict[str, Fixture] = {}
        for bound in self._names_of(module):
            resolved = self._table.resolve(module, bound)
            places = self._table.definitions_at(resolved.ref) if resolved and resolved.ref else []
            if bound in module.definitions:  # a file that no name leads to is in no table
                places = [(module, node) for node in module.definitions[bound]]
            for home, node in places:
                maker = self._maker_of(home, node) if isinstance(node, FUNCTIONS) else None
                if maker is not None and isinstance(node, FUNCTIONS):
                    name = str(_argument(maker, "name") or bound)
                    autouse = bool(_argument(maker, "autouse"))
                    fixtures[name] = Fixture(name, home, node, supplied, autouse)
        return fixtures

    def _names_of(self, module: SourceModule) -> list[str]:
        names = [*module.definitions, *module.imports]
        for star in module.star_imports:
            source = self._table.find(star)
            names += [name for name in source.definitions if source.exports(name)] if source else []
        return names

    def _maker_of(self, module: SourceModule, node: FunctionNode) -> ast.expr | None:
        """The decorator that makes a fixture of a function."""
        for decorator in node.decorator_list:
            name = dotted_name(without_call(decorator))
            resolved = self._table.resolve(module, name) if name else None
            if (resolved.qualified if resolved else name) in _MAKERS:
                return decorator
        return None


def _argument(maker: ast.expr, keyword: str) -> object:
    """The constant that a decorator is given for a keyword; None where it is given none."""
    for argument in maker.keywords if isinstance(maker, ast.Call) else ():
        if argument.arg == keyword and isinstance(argument.value, ast.Constant):
            return argument.value.value
    return None


def _asked_by(node: FunctionNode) -> list[str]:
    """The names of the fixtures that a test or a fixture asks for."""
    args = node.args
    optional = len(args.defaults)
    positional = [*args.posonlyargs, *args.args]
    asked = [argument.arg for argument in positional[: len(positional) - optional]]
    keyword_only = zip(args.kwonlyargs, args.kw_defaults, strict=True)
    asked += [argument.arg for argument, default in keyword_only if default is None]
    marks = map(without_call, node.decorator_list)
    if any((dotted_name(mark) or "").endswith("mark.anyio") for mark in marks):
        asked.append("anyio_backend")
    supplied: set[str] = set(parametrized_names(node))
    for decorator in node.decorator_list:
        called = dotted_name(without_call(decorator)) or ""
        if not isinstance(decorator, ast.Call):
            continue
        if called.endswith("mark.usefixtures"):
            texts = [part.value for part in decorator.args if isinstance(part, ast.Constant)]
            asked += [text for text in texts if isinstance(text, str)]
        elif any(keyword.arg == "indirect" for keyword in decorator.keywords):
            supplied -= {*argument_names(decorator)}
    known = {argument.arg for argument in arguments_of(args)}
    return [name for name in asked if name not in supplied or name not in known]
