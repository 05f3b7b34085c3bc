"""A project on disk, written by each test and thrown away after it."""

import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from types import ModuleType

import pytest

from jaunt import registry


class Project:
    """A folder of Python files that stands on `sys.path`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, files: dict[str, str]) -> None:
        """Write the files; `__init__.py` is only there where a test asks for it."""
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text), encoding="utf-8")
        importlib.invalidate_caches()

    def load(self, module: str) -> ModuleType:
        """Import a module of the project into the process of the tests."""
        return importlib.import_module(module)

    def python(self, *arguments: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run Python on the project in a new process, where nothing is imported yet."""
        environment = os.environ | {"PYTHONPATH": str(self.root) if path is None else path}
        return subprocess.run(
            [sys.executable, "-W", "error", *arguments],
            cwd=self.root,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def output(self, code: str) -> str:
        """Run `code` in a new process and return what it printed."""
        done = self.python("-c", dedent(code))
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@pytest.fixture(autouse=True)
def _empty_registry() -> Iterator[None]:
    """Specs that another test of this process declared are none of ours."""
    registry.clear()
    registry.end_discovery()
    yield
    registry.clear()
    registry.end_discovery()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    known = set(sys.modules)
    monkeypatch.syspath_prepend(tmp_path)
    yield Project(tmp_path)
    for name in set(sys.modules) - known:
        file = getattr(sys.modules[name], "__file__", None) or ""
        if name.startswith(("shop", "__generated__")) or file.startswith(str(tmp_path)):
            del sys.modules[name]
