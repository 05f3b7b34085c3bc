from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import pytest

import jaunt
from jaunt_core.config.loading import Project, load_project
from jaunt_core.model.spec import Kind, SpecModule
from jaunt_core.project.workspace import Workspace
from jaunt_core.snapshot.snapshot import read_snapshot
from jaunt_core.snapshot.worker_client import TIME_LIMIT, Worker

# To import an answer on trial takes longer than all else that most of these tests do with it.
_BUILD_SECTION = "[build]\nrun_examples = false\n"
# What else is installed here takes half of the time of a pytest that runs a few tests.
_TEST_SECTION = """\
[test]
pytest_args = ["-p", "no:xdist", "-p", "no:hypothesispytest", "-p", "no:anyio"]
"""

MakeProject = Callable[..., Project]


def write_files(root: Path, files: Mapping[str, str]) -> None:
    """Write dedented texts below a folder."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")


def config_of(config: str, files: Mapping[str, str]) -> str:
    """A jaunt.toml with these sections, without trials that no docstring of the files is for."""
    text = f"version = 1\n{textwrap.dedent(config)}"
    if "[build]" not in text and not any(
        ">>>" in each or "Raises" in each for each in files.values()
    ):
        text += f"\n{_BUILD_SECTION}"
    return text if "[test]" in text else f"{text}\n{_TEST_SECTION}"


@pytest.fixture
def make_project(tmp_path: Path) -> MakeProject:
    """Write a project into an empty folder and load it; `config` is the rest of jaunt.toml."""

    def make(files: Mapping[str, str], config: str = "", folder: str = "project") -> Project:
        root = tmp_path / folder
        root.mkdir(exist_ok=True)
        write_files(root, {"jaunt.toml": config_of(config, files), **files})
        return load_project(root=root)

    return make


@pytest.fixture(scope="session")
def new_project(tmp_path_factory: pytest.TempPathFactory) -> MakeProject:
    """As `make_project`, each time in a new folder: for what is built once for many tests."""

    def make(files: Mapping[str, str], config: str = "") -> Project:
        root = tmp_path_factory.mktemp("project")
        write_files(root, {"jaunt.toml": config_of(config, files), **files})
        return load_project(root=root)

    return make


def discover(
    project: Project,
    *,
    kinds: Iterable[Kind] = Kind,
    environ: Mapping[str, str] | None = None,
    time_limit: float = TIME_LIMIT,
) -> tuple[SpecModule, ...]:
    """The spec modules of a project, read by a worker of its own.

    Without `environ` there is no active environment, so it runs under the tests' interpreter.
    """
    workspace = Workspace(
        project=project, environ={"PATH": os.environ["PATH"]} if environ is None else environ
    )
    with Worker(workspace, time_limit=time_limit) as worker:
        return read_snapshot(workspace, worker, kinds).modules


class Interpreters:
    """CPythons of this machine, and virtual environments made from them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[Path, Path] = {}

    def other_than_ours(self, oldest: tuple[int, int]) -> Path | None:
        """The newest CPython from `oldest` on that has another version than this one."""
        for listed in (_known_to_pyenv(), _known_to_uv()):
            found = dict(filter(None, map(_version_at, listed)))
            fitting = {item for item in found if item >= oldest} - {sys.version_info[:2]}
            if fitting:
                return found[max(fitting)]
        return None

    def environment(self, name: str, *, python: Path | None = None, runtime: bool = True) -> Path:
        """A new virtual environment without pip, with or without `jaunt-runtime`."""
        folder = self._folder / name
        shutil.copytree(self._bare(python or Path(sys.executable)), folder, symlinks=True)
        if runtime:
            (site_packages,) = folder.glob("lib/python*/site-packages")
            source = Path(jaunt.__file__).parent.parent
            (site_packages / "jaunt-runtime.pth").write_text(f"{source}\n")
        return folder

    def _bare(self, python: Path) -> Path:
        """An environment of an interpreter to be copied, which takes a fraction of the time."""
        if python not in self._made:
            folder = self._folder / f".bare-{len(self._made)}"
            command = [str(python), "-m", "venv", "--without-pip", str(folder)]
            subprocess.run(command, check=True, capture_output=True)
            self._made[python] = folder
        return self._made[python]


def _known_to_uv() -> Iterator[Path]:
    listing = ["uv", "python", "list", "--only-installed", "--output-format", "json"]
    if shutil.which("uv"):
        done = subprocess.run(listing, capture_output=True, text=True, check=False)
        for item in json.loads(done.stdout) if done.returncode == 0 else ():
            yield Path(item["path"])


def _known_to_pyenv() -> Iterator[Path]:
    root = os.environ.get("PYENV_ROOT", "")
    if not root and shutil.which("pyenv"):
        done = subprocess.run(["pyenv", "root"], capture_output=True, text=True, check=False)
        root = done.stdout.strip()
    if root:
        yield from sorted(Path(root).glob("versions/3.*/bin/python"))


def _version_at(path: Path) -> tuple[tuple[int, int], Path] | None:
    query = "import platform, sys; print(platform.python_implementation(), *sys.version_info[:2])"
    done = subprocess.run(
        [str(path), "-I", "-c", query], capture_output=True, text=True, check=False
    )
    words = done.stdout.split()
    if done.returncode != 0 or words[0] != "CPython":
        return None
    return (int(words[1]), int(words[2])), path


@pytest.fixture(scope="session")
def interpreters(tmp_path_factory: pytest.TempPathFactory) -> Interpreters:
    """Interpreters besides the one that runs the tests."""
    return Interpreters(tmp_path_factory.mktemp("environments"))
