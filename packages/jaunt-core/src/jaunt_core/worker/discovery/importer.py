"""Import the modules that hold specs, whatever they do."""

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
"""Limits the time of importing the file at a path, and says so; with None, nothing is imported."""


_NESTED = 50


class Importer:
    """Imports user modules; of their code, nothing else runs."""

    def __init__(self, *, root: Path, watch: Watch, opened: OpenedFiles) -> None:
        self._root = root
        self._watch = watch
        self._opened = opened

    def import_all(self, sources: list[tuple[SourceModule, Json]]) -> None:
        """Import the modules in order.

        Some circular imports work from one end only. What fails so is tried again after the
        others, which may have imported it by then.
        """
        left = _in_order(sources)
        while left:
            again: list[tuple[SourceModule, Json]] = []
            failures: list[UserCodeError] = []
            for source, item in left:
                try:
                    self._import(source, item)
                except HalfImportedError as error:
                    failures.append(error)
                    again.append((source, item))
            if len(again) == len(left):
                raise failures[0]
            left = again
        self._watch(None)

    def _import(self, source: SourceModule, item: Json) -> None:
        try:
            self._watch(str(item["path"]))
            with self._opened.watching():
                module = importlib.import_module(source.name)
        except ModuleNotFoundError as error:
            if f"{source.name}.".startswith(f"{error.name}."):
                raise self._hidden(source, item) from None
            raise failure_of(error, root=self._root, path=source.path) from None
        except BaseException as error:  # noqa: BLE001 - user code may raise anything
            raise failure_of(error, root=self._root, path=source.path) from None
        found = getattr(module, "__file__", None)
        if found is None or not source.is_read_from(found):
            raise self._hidden(source, item, found)

    @staticmethod
    def _hidden(source: SourceModule, item: Json, found: str | None = None) -> UserCodeError:
        """The module cannot be imported from its file, because another one comes first."""
        name = source.name
        while found is None and "." in name:
            name = name.rpartition(".")[0]
            found = getattr(sys.modules.get(name), "__file__", None)
        return UserCodeError(
            f"module {name!r} is imported from {found or 'elsewhere'} instead",
            path=str(item["path"]),
            line=0,
            hint="rename the file: Python has a module of this name itself"
            if name == "__main__" or name in sys.stdlib_module_names
            else "another module of this name comes first: uninstall the copy or rename one",
        )


def _in_order(sources: list[tuple[SourceModule, Json]]) -> list[tuple[SourceModule, Json]]:
    """The modules as they come, or what others import first where they import in long chains.

    Python follows imports by recursion, and gives up after some 140 modules in a row.
    """
    listed = {source.name: (source, item) for source, item in sources}
    depths: dict[str, int] = {}  # in the order in which modules were left
    for first in listed:
        way = [first] if first not in depths else []
        entered = {first}
        while way:
            targets = [name for name in listed[way[-1]][0].required_modules if name in listed]
            further = next((it for it in targets if it not in depths and it not in entered), None)
            if further is None:
                depths.setdefault(
                    way.pop(), 1 + max((depths.get(it, 0) for it in targets), default=0)
                )
            else:
                entered.add(further)
                way.append(further)
    is_deep = max(depths.values(), default=0) > _NESTED
    return [listed[name] for name in depths] if is_deep else sources
