"""Sources served in place of generated modules, also of those that do not exist on disk."""

from __future__ import annotations

import linecache
import os
import sys
from collections.abc import Callable, Sequence
from importlib.abc import InspectLoader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import CodeType, ModuleType
from typing import cast

Json = dict[str, object]


class Served(InspectLoader):
    """Loads one module from a text, as if it stood in a file."""

    def __init__(self, text: str, path: str, *, is_package: bool) -> None:
        self.text = text
        self.path = path
        self.began: Callable[[], None] = _nothing
        self.ended: Callable[[], None] = _nothing
        self._is_package = is_package

    def is_package(self, fullname: str) -> bool:
        """Whether the text is that of an `__init__.py`."""
        del fullname
        return self._is_package

    def get_source(self, fullname: str) -> str:
        """The text."""
        del fullname
        return self.text

    def get_filename(self, fullname: str) -> str:
        """Where the file would stand."""
        del fullname
        return self.path

    def get_code(self, fullname: str) -> CodeType:
        """The text, compiled."""
        del fullname
        return compile(self.text, self.path, "exec", dont_inherit=True)

    def exec_module(self, module: ModuleType) -> None:
        """Run the text."""
        lines = self.text.splitlines(keepends=True)
        linecache.cache[self.path] = (len(self.text), None, lines, self.path)
        self.began()
        exec(self.get_code(module.__name__), vars(module))  # noqa: S102 - importing it is the job
        self.ended()


class Overlay(MetaPathFinder):
    """Finds the given modules first, and the packages around them where there are none."""

    def __init__(self, given: Json) -> None:
        self._served: dict[str, Served] = {}
        self._around: dict[str, str] = {}
        self.serve(given)

    def serve(self, given: Json) -> None:
        """Serve these modules, too, in place of others of the same names."""
        for name, item in cast("dict[str, Json]", given).items():
            path, is_package = str(item["path"]), bool(item["is_package"])
            self._served[name] = Served(str(item["source"]), path, is_package=is_package)
            if not is_package and "." in name:
                folder = os.path.dirname(path)  # noqa: PTH120 - pathlib is costly to import
                self._around.setdefault(name.rpartition(".")[0], folder)

    def watch(self, path: str, *, began: Callable[[], None], ended: Callable[[], None]) -> None:
        """Call these before and after the module at a path is run."""
        for served in self._served.values():
            if served.path == path:
                served.began, served.ended = began, ended

    @property
    def paths(self) -> frozenset[str]:
        """Where the files of the given modules would stand."""
        return frozenset(served.path for served in self._served.values())

    def install(self) -> None:
        """From now on, in front of all other finders."""
        sys.meta_path.insert(0, self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The given module of this name, or a package that holds one."""
        served = self._served.get(fullname)
        if served is not None:
            spec = ModuleSpec(
                fullname, served, origin=served.path, is_package=served.is_package(fullname)
            )
            spec.has_location = True
            if spec.submodule_search_locations is not None:
                spec.submodule_search_locations.append(os.path.dirname(served.path))  # noqa: PTH120
            return spec
        folder = self._around.get(fullname)
        if folder is None or PathFinder.find_spec(fullname, path, target) is not None:
            return None
        package = ModuleSpec(fullname, None, is_package=True)
        package.submodule_search_locations = [folder]
        return package


def _nothing() -> None:
    """Do nothing."""
