"""Import the modules that hold specs, and survive whatever their code does."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path

from ..contract.definitions import Json
from ..source.source_module import SourceModule
from .opened_files import OpenedFiles
from .user_code_errors import HalfImportedError, UserCodeError, failure_of

Watch = Callable[[str | None], None]
"""Told the path of each file that is about to be imported, so that its time can be limited.

With None, importing is over.
"""

_Listed = tuple[SourceModule, Json]
"""A parsed module, and what the engine said of it when it listed it."""

_LONG_CHAIN = 50
"""How many modules in a row may import each other before the order of importing matters."""


class Importer:
    """Imports user modules one after the other; no other user code is run."""

    def __init__(self, *, root: Path, watch: Watch, opened: OpenedFiles) -> None:
        self._root = root
        self._watch = watch
        self._opened = opened

    def import_all(self, modules: list[_Listed]) -> None:
        """Import the modules in order.

        Some circular imports work from one end only. A module that fails for this reason is tried
        again after the others, which may have imported it by then.

        Raises:
            UserCodeError: A module fails, or none of those that are left can be the first.
        """
        remaining = _in_import_order(modules)
        while remaining:
            postponed: list[_Listed] = []
            failures: list[UserCodeError] = []
            for source, listing in remaining:
                try:
                    self._import(source, str(listing["path"]))
                except HalfImportedError as error:
                    failures.append(error)
                    postponed.append((source, listing))
            if len(postponed) == len(remaining):
                raise failures[0]
            remaining = postponed
        self._watch(None)

    def _import(self, source: SourceModule, path: str) -> None:
        try:
            self._watch(path)
            with self._opened.watching():
                module = importlib.import_module(source.name)
        except ModuleNotFoundError as error:
            # The file is there, so if it is not found, another module hides it or its package.
            if f"{source.name}.".startswith(f"{error.name}."):
                raise self._shadowed(source, path) from None
            raise failure_of(error, root=self._root, path=source.path) from None
        except BaseException as error:  # noqa: BLE001 - user code may raise anything
            raise failure_of(error, root=self._root, path=source.path) from None
        file = getattr(module, "__file__", None)
        if file is None or not source.is_read_from(file):
            raise self._shadowed(source, path, file)

    @staticmethod
    def _shadowed(source: SourceModule, path: str, file: str | None = None) -> UserCodeError:
        """The failure to import a module from its file, because another one comes first."""
        name = source.name
        while file is None and "." in name:
            name = name.rpartition(".")[0]
            file = getattr(sys.modules.get(name), "__file__", None)
        return UserCodeError(
            f"module {name!r} is imported from {file or 'elsewhere'} instead",
            path=path,
            line=0,
            hint="rename the file: Python has a module of this name itself"
            if name == "__main__" or name in sys.stdlib_module_names
            else "another module of this name comes first: uninstall the copy or rename one",
        )


def _in_import_order(modules: list[_Listed]) -> list[_Listed]:
    """The modules as they come, or imported ones before importing ones where chains are long.

    Python follows imports by recursion, and gives up after some 140 modules in a row.
    """
    by_name = {source.name: (source, listing) for source, listing in modules}
    # The length of the longest chain of imports below each module, deepest modules first. This is
    # a search in depth without recursion: `path` leads from `first` to the module at hand.
    depths: dict[str, int] = {}
    for first in by_name:
        path = [first] if first not in depths else []
        entered = {first}
        while path:
            targets = [name for name in by_name[path[-1]][0].required_modules if name in by_name]
            unvisited = (name for name in targets if name not in depths and name not in entered)
            further = next(unvisited, None)
            if further is None:
                longest = max((depths.get(name, 0) for name in targets), default=0)
                depths.setdefault(path.pop(), 1 + longest)
            else:
                entered.add(further)
                path.append(further)
    is_deep = max(depths.values(), default=0) > _LONG_CHAIN
    return [by_name[name] for name in depths] if is_deep else modules
