from __future__ import annotations

import io
import json
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from jaunt_cli.main import main
from jaunt_cli.streams import Stream
from jaunt_core.model.plan import Action, BuildPlan, FileState, GeneratedFile, ModulePlan
from jaunt_core.model.spec import Digest, Kind, SpecModule

# A backend program: it answers with what the project holds for a module, and keeps a list of calls.
ANSWERING = """
import os, pathlib, sys, time
sys.stdin.buffer.read()
name = os.environ["JAUNT_KIND"] + "." + os.environ["JAUNT_SPEC_MODULE"]
with open("calls.txt", "a") as calls:
    calls.write(f"{name} {os.getpid()}\\n")
if os.path.exists("slow"):
    time.sleep(60)
sys.stdout.write(pathlib.Path("answers", name + ".py").read_text())
"""


# No business of the projects here; to load them takes half of the time of pytest.
PLUGINS = ("xdist", "hypothesispytest", "anyio")


class Project:
    """A project on disk whose model is a program that plays back `answers/`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write(
            {
                "jaunt.toml": f"""
                    version = 1
                    [paths]
                    source_roots = ["src"]
                    test_roots = ["tests"]
                    python = {json.dumps(sys.executable)}
                    [llm]
                    provider = "command"
                    command = {json.dumps([sys.executable, "-I", "-S", "answering.py"])}
                    [test]
                    pytest_args = ["-q", {", ".join(f'"-p", "no:{name}"' for name in PLUGINS)}]
                    run_trials = false
                    """,
                "answering.py": ANSWERING,
                "src/.keep": "",
                "tests/.keep": "",
            }
        )

    def write(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text))

    def spec(self, module: str, text: str, answer: str) -> None:
        path = module.replace(".", "/")
        self.write({f"src/{path}.py": text, f"answers/build.{module}.py": answer})

    def test_spec(self, module: str, text: str, answer: str) -> None:
        self.write({f"tests/{module}.py": text, f"answers/test.tests.{module}.py": answer})

    @property
    def calls(self) -> list[str]:
        path = self.root / "calls.txt"
        rows = path.read_text().splitlines() if path.exists() else []
        return [row.split()[0] for row in rows]


@pytest.fixture(autouse=True)
def quiet_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    project = Project(tmp_path / "shop project")
    monkeypatch.chdir(project.root)
    return project


@pytest.fixture
def shop(project: Project) -> Project:
    """Two modules, the second built on the first, and a test of the first."""
    write_shop(project)
    return project


def write_shop(project: Project) -> None:
    """Write the files of `shop`."""
    project.spec(
        "tax",
        '''
        import jaunt

        @jaunt.magic()
        def rate(code: str) -> int:
            """Return 19 for "DE", else 0."""
            raise NotImplementedError
        ''',
        'def rate(code: str) -> int:\n    return 19 if code == "DE" else 0\n',
    )
    project.spec(
        "cart",
        '''
        import jaunt
        from tax import rate

        @jaunt.magic(deps=[rate])
        def gross(net: int, code: str) -> int:
            """Add the tax in percent, rounded down."""
            raise NotImplementedError
        ''',
        "from tax import rate\n\n\ndef gross(net: int, code: str) -> int:\n"
        "    return net * (100 + rate(code)) // 100\n",
    )
    project.test_spec(
        "test_tax",
        '''
        import jaunt
        from tax import rate

        @jaunt.test(targets=[rate])
        def test_rate() -> None:
            """DE -> 19."""
        ''',
        'from tax import rate\n\n\ndef test_rate() -> None:\n    assert rate("DE") == 19\n',
    )


Ran = tuple[int, str, str]


@pytest.fixture
def jaunt(capfd: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run the command in this process: exit code, stdout, stderr."""

    def run(*arguments: str) -> Ran:
        code = main(arguments)
        out, err = capfd.readouterr()
        return code, out, err

    return run


@pytest.fixture
def jaunt_json(jaunt: Callable[..., Ran]) -> Callable[..., tuple[int, Any]]:
    """Run a command with --json: exit code, and the one object on stdout."""

    def run(*arguments: str) -> tuple[int, Any]:
        code, out, _ = jaunt(*arguments, "--json")
        assert out.count("\n") == 1
        return code, json.loads(out)

    return run


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start the command as a process of its own; it is ended with the test."""
    started: list[subprocess.Popen[str]] = []

    def begin(*arguments: str, **options: Any) -> subprocess.Popen[str]:
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **options}
        process = subprocess.Popen([sys.executable, "-m", "jaunt_cli.main", *arguments], **options)
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()


class Page(io.StringIO):
    """A file that may say that it is a terminal."""

    def __init__(self, *, tty: bool = False) -> None:
        super().__init__()
        self._tty = tty

    def isatty(self) -> bool:
        return self._tty


@pytest.fixture
def page() -> Page:
    return Page()


@pytest.fixture
def stream(page: Page) -> Stream:
    return Stream(page)


@pytest.fixture
def plan_of() -> Callable[..., BuildPlan]:
    """A plan from module names and what is to be done with them."""

    def make(kind: Kind = Kind.BUILD, /, **actions: Action) -> BuildPlan:
        return BuildPlan(
            kind=kind,
            modules=tuple(_module_plan(kind, name, action) for name, action in actions.items()),
        )

    return make


def _module_plan(kind: Kind, name: str, action: Action) -> ModulePlan:
    digest = Digest("sha256:" + "0" * 64)
    return ModulePlan(
        module=SpecModule(
            name=name,
            path=PurePosixPath(f"{name}.py"),
            kind=kind,
            is_package=False,
            specs=(),
            bindings=(),
            first_class_line=None,
        ),
        generated_module=f"__generated__.{name}",
        file=GeneratedFile(path=PurePosixPath(f"__generated__/{name}.py"), state=FileState.WHOLE),
        action=action,
        reasons=(),
        depends_on=(),
        request=digest,
        module_digest=digest,
    )
