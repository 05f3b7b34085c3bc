"""The installed product in real processes, and projects for it to work on."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from jaunt_backend_openai.testing import Fault, Prompt, Reply, ResponsesServer

from .forked import ForkedProcess, ForkServer

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "docs" / "examples"
NAMES = ("ledger", "quickstart", "tokens")
PATIENCE = 60.0

MakeProject = Callable[..., Path]
Process = subprocess.Popen[str] | ForkedProcess

_OUTER = ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT", "PYTHONPATH", "PYTHONHOME")
_PLAYBACK = 'provider = "command"\ncommand = ["jaunt-playback", "recorded"]'
# Read when Python starts; the path is for the interpreter of the project.
_FOR_PYTHON = re.compile("PYTHON(?!PATH$)")
_ASKED_FOR = re.compile(r"implements the (?:test )?specs of `([\w.]+)`")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON object that stdout holds; anything else there is an error."""
        assert self.out.count("\n") == 1, self.out
        assert self.out.endswith("\n")
        loaded = json.loads(self.out)
        assert isinstance(loaded, dict)
        return loaded


class Jaunt:
    """Runs `jaunt` as users do, in an environment that holds nothing of the outer one.

    Where nothing stands against it, the processes are forks of one that has everything imported,
    which takes most of the time of a short run. What depends on how Python starts, another
    command or a variable for Python, is started as users start it; so are all runs of a Jaunt
    without a server.
    """

    def __init__(self, home: Path, server: ForkServer | None = None) -> None:
        self.script = (str(Path(sys.executable).parent / "jaunt"),)
        self.command: tuple[str, ...] = self.script
        self.server = server
        self.environ = {
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "NO_PROXY": "127.0.0.1",
            # Not the environment that the tests run in: it is found, as any other is.
            "PATH": os.pathsep.join(["/usr/local/bin", "/usr/bin", "/bin"]),
            # The plugins of the workspace are no business of the projects here, and cost time.
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        }
        self._started: list[Process] = []

    def run(self, *arguments: str, cwd: Path, **environ: str) -> Ran:
        """Run a command to its end."""
        process = self.start(*arguments, cwd=cwd, **environ)
        return self.end_of(process)

    def start(self, *arguments: str, cwd: Path, **environ: str) -> Process:
        """Start a command; it is killed when the test ends."""
        process = self._start(arguments, cwd, {**self.environ, **environ})
        self._started.append(process)
        return process

    def _start(self, arguments: Sequence[str], cwd: Path, environ: Mapping[str, str]) -> Process:
        is_plain = self.command == self.script and not any(map(_FOR_PYTHON.match, environ))
        if self.server is not None and is_plain:
            return self.server.start(arguments, cwd=cwd, environ=environ)
        return subprocess.Popen(
            [*self.command, *arguments],
            cwd=cwd,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def end_of(self, process: Process, send: signal.Signals | None = None) -> Ran:
        """Wait for a command, after sending it a signal where one is given."""
        if send is not None:
            process.send_signal(send)
        out, err = process.communicate(timeout=PATIENCE)
        return Ran(code=process.wait(), out=out, err=err)

    def load_plugins(self) -> None:
        """Let pytest load the plugins that are installed, as it does for users."""
        del self.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"]

    def wait_for(self, process: Process, condition: Callable[[], object], what: str) -> None:
        """Wait for something that a running command does."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                raise AssertionError(f"{what} did not come: {process.communicate()}")
            time.sleep(0.02)

    def close(self) -> None:
        """Kill what is still running."""
        for process in self._started:
            process.kill()
            process.wait()
            for stream in (process.stdout, process.stderr):
                if stream is not None:
                    stream.close()


@pytest.fixture(scope="session")
def fork_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForkServer]:
    server = ForkServer(tmp_path_factory.mktemp("server"))
    yield server
    server.close()


@pytest.fixture
def jaunt(tmp_path_factory: pytest.TempPathFactory, fork_server: ForkServer) -> Iterator[Jaunt]:
    runner = Jaunt(tmp_path_factory.mktemp("home"), fork_server)
    yield runner
    runner.close()


@pytest.fixture
def started_jaunt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jaunt]:
    """The same with processes that are started as users start them, each of them."""
    runner = Jaunt(tmp_path_factory.mktemp("home"))
    yield runner
    runner.close()


def write_files(root: Path, files: Mapping[str, str]) -> None:
    """Write dedented texts below a folder."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")


def load_script(name: str) -> ModuleType:
    """The module of a script in `scripts/`."""
    path = ROOT / "scripts" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"_script_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def copy_example(name: str, to: Path) -> Path:
    """A copy of an example as a fresh clone has it; the copy's folder."""
    ignore = shutil.ignore_patterns("__generated__", "__pycache__", ".*")
    return Path(shutil.copytree(EXAMPLES / name, to / name, ignore=ignore))


def connect(project: Path, server: ResponsesServer) -> None:
    """Have the copy of an example ask a server instead of playing back."""
    config = project / "jaunt.toml"
    text = config.read_text("utf-8")
    assert _PLAYBACK in text
    config.write_text(text.replace(_PLAYBACK, llm_of(server)), "utf-8")


def llm_of(server: ResponsesServer) -> str:
    """The lines of `[llm]` that lead to a server."""
    return f'provider = "openai"\nmodel = "gpt-test"\nbase_url = "{server.base_url}"'


def asked_for(prompt: Prompt) -> str:
    """The spec module that a prompt is about."""
    found = _ASKED_FOR.search(prompt.text)
    assert found is not None, prompt.text
    return found[1]


def modules_asked(server: ResponsesServer) -> list[str]:
    """The spec modules that a server was asked for so far, sorted."""
    return sorted(asked_for(prompt) for prompt in server.requests)


def recorded_answer(name: str) -> Callable[[Prompt], Reply | Fault]:
    """A model that gives the recorded answers of an example."""

    def answer(prompt: Prompt) -> Reply:
        module = asked_for(prompt)
        files = list((EXAMPLES / name / "recorded").glob(f"*/{module}.py"))
        assert len(files) == 1, module
        return Reply(text=files[0].read_text("utf-8"))

    return answer


def edit(path: Path, old: str, new: str) -> None:
    """Replace a text that stands in a file exactly once."""
    text = path.read_text("utf-8")
    assert text.count(old) == 1, (old, text.count(old))
    path.write_text(text.replace(old, new), "utf-8")


def outcomes(report: Any) -> dict[str, str]:
    """What became of each module, of a report as `--json` prints it."""
    return {module["module"]: module["outcome"] for module in report["modules"]}


def files_below(root: Path) -> dict[str, bytes]:
    """The content of all files below a folder; bytecode and notes of jaunt's own do not count."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts and path.parent.name != ".jaunt"
    }


def processes_with(variable: str) -> list[int]:
    """The running processes whose environment holds `NAME=value`."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environ = (folder / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if variable.encode() in environ:
            found.append(int(folder.name))
    return found


# Answers from files, as a model would; told by a project's own program.
_ANSWERING = """
import os, pathlib, sys
sys.stdin.read()
path = pathlib.Path("answers", os.environ["JAUNT_SPEC_MODULE"] + ".py")
sys.stdout.write(path.read_text("utf-8"))
"""


# The trials of generated tests do not get the variable of `Jaunt.environ`.
_TEST_SECTION = """\
[test]
pytest_args = ["-p", "no:xdist", "-p", "no:hypothesispytest", "-p", "no:anyio"]
"""


@pytest.fixture
def make_project(tmp_path: Path) -> MakeProject:
    """Write a project whose answers stand in `answers/<spec module>.py`; `config` is more TOML."""

    def make(files: Mapping[str, str], *, llm: str = "", config: str = "") -> Path:
        root = tmp_path / "project"
        root.mkdir(exist_ok=True)
        own = f'provider = "command"\ncommand = ["{sys.executable}", "answering.py"]'
        write_files(root, {"answering.py": _ANSWERING, **files})
        text = f"version = 1\n{textwrap.dedent(config)}\n[llm]\n{llm or own}\n"
        if "[test]" not in text:
            text += _TEST_SECTION
        (root / "jaunt.toml").write_text(text, "utf-8")
        return root

    return make


def uv(*arguments: str | Path, cwd: Path) -> None:
    """Run uv, which has to succeed, on nothing of the environment that the tests run in."""
    environ = {name: value for name, value in os.environ.items() if name not in _OUTER}
    done = subprocess.run(
        ["uv", *map(str, arguments)],
        cwd=cwd,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


ServerOf = Callable[..., ResponsesServer]


@pytest.fixture
def serve() -> Generator[ServerOf]:
    """Start servers, which are closed when the test ends; what went wrong in them is raised."""
    running: list[ResponsesServer] = []

    def start(answer: Callable[[Prompt], Reply | Fault], **options: Any) -> ResponsesServer:
        server = ResponsesServer(answer, **options)
        server.start()
        running.append(server)
        return server

    yield start
    for server in running:
        server.__exit__(None, None, None)
