"""Sources served in place of generated modules, also of those that do not exist on disk."""

from __future__ import annotations

import linecache
import os
import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import CodeType, ModuleType
from typing import cast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.abc import InspectLoader, MetaPathFinder
else:  # their module takes longer to import than all others here
    InspectLoader = MetaPathFinder = object

Json = dict[str, object]


class ServedLoader(InspectLoader):
    """Loads one module from a text, as if the text stood in a file."""

    def __init__(self, text: str, path: str, *, is_package: bool) -> None:
        self.text = text
        self.path = path
        self.on_start: Callable[[], None] = _do_nothing
        self.on_end: Callable[[], None] = _do_nothing
        self._is_package = is_package

    def is_package(self, fullname: str) -> bool:
        """Whether the text stands for an `__init__.py`."""
        del fullname
        return self._is_package

    def get_source(self, fullname: str) -> str:
        """The text."""
        del fullname
        return self.text

    def get_filename(self, fullname: str) -> str:
        """The path of the file that the text stands for."""
        del fullname
        return self.path

    def get_code(self, fullname: str) -> CodeType:
        """The text, compiled."""
        del fullname
        return compile(self.text, self.path, "exec", dont_inherit=True)

    def create_module(self, spec: ModuleSpec) -> None:
        """Leave it to Python to make the module."""
        del spec

    def exec_module(self, module: ModuleType) -> None:
        """Run the text."""
        lines = self.text.splitlines(keepends=True)
        linecache.cache[self.path] = (len(self.text), None, lines, self.path)
        self.on_start()
        exec(self.get_code(module.__name__), vars(module))  # noqa: S102 - importing it is the job
        self.on_end()


class Overlay(MetaPathFinder):
    """Finds the served modules first, and packages around them that do not exist on disk."""

    def __init__(self, modules: Json) -> None:
        self._loaders: dict[str, ServedLoader] = {}
        self._package_folders: dict[str, str] = {}
        self.serve(modules)

    def serve(self, modules: Json) -> None:
        """Serve more modules, in place of those of the same names."""
        for name, module in cast("dict[str, Json]", modules).items():
            path, is_package = str(module["path"]), bool(module["is_package"])
            self._loaders[name] = ServedLoader(str(module["source"]), path, is_package=is_package)
            if not is_package and "." in name:
                folder = os.path.dirname(path)  # noqa: PTH120 - pathlib is costly to import
                self._package_folders.setdefault(name.rpartition(".")[0], folder)

    def watch(self, path: str, *, on_start: Callable[[], None], on_end: Callable[[], None]) -> None:
        """Call these before and after the module at a path is run."""
        for loader in self._loaders.values():
            if loader.path == path:
                loader.on_start, loader.on_end = on_start, on_end

    @property
    def paths(self) -> frozenset[str]:
        """Where the files of the served modules would stand."""
        return frozenset(loader.path for loader in self._loaders.values())

    def install(self) -> None:
        """Search here before all other finders from now on."""
        sys.meta_path.insert(0, self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of a served module, or of a package that holds one."""
        loader = self._loaders.get(fullname)
        if loader is not None:
            spec = ModuleSpec(
                fullname, loader, origin=loader.path, is_package=loader.is_package(fullname)
            )
            spec.has_location = True
            if spec.submodule_search_locations is not None:
                spec.submodule_search_locations.append(os.path.dirname(loader.path))  # noqa: PTH120
            return spec
        folder = self._package_folders.get(fullname)
        if folder is None or PathFinder.find_spec(fullname, path, target) is not None:
            return None
        package = ModuleSpec(fullname, None, is_package=True)
        package.submodule_search_locations = [folder]
        return package


def _do_nothing() -> None:
    """Do nothing."""
