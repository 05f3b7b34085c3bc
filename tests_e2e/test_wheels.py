"""The wheels, in fresh environments that know nothing of this workspace."""

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
QUICKSTART = ROOT / "docs/examples/quickstart"
PACKAGES = {
    "jaunt-runtime": "jaunt",
    "jaunt-core": "jaunt_core",
    "jaunt-backend-openai": "jaunt_backend_openai",
    "jaunt-backend-command": "jaunt_backend_command",
    "jaunt-cli": "jaunt_cli",
}

pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command with the variables of this process, without those of its environment."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in {"VIRTUAL_ENV", "PYTHONPATH", "UV_PROJECT_ENVIRONMENT", "OPENAI_API_KEY"}
    }
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=inherited | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def succeed(*command: str | Path, cwd: Path, **variables: str) -> str:
    done = run(*command, cwd=cwd, **variables)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """A virtual environment with packages from the wheels, and third-party ones from the index."""

    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    def program(self, name: str) -> Path:
        return self.folder / "bin" / name


MakeEnvironment = Callable[..., Environment]


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheels of all packages, built from their source distributions."""
    folder = tmp_path_factory.mktemp("wheels")
    succeed("uv", "build", "--quiet", "--all-packages", "--out-dir", folder, cwd=ROOT)
    return folder


@pytest.fixture(scope="module")
def make_environment(tmp_path_factory: pytest.TempPathFactory, wheels: Path) -> MakeEnvironment:
    def make(*requirements: str) -> Environment:
        folder = tmp_path_factory.mktemp("environments") / "env"
        succeed("uv", "venv", "--quiet", "--python", sys.executable, folder, cwd=ROOT)
        environment = Environment(folder=folder)
        succeed(
            *("uv", "pip", "install", "--quiet", "--python", environment.python),
            *("--find-links", wheels, *requirements),
            cwd=folder,
        )
        return environment

    return make


def wheel_of(wheels: Path, package: str) -> zipfile.ZipFile:
    (path,) = wheels.glob(f"{package.replace('-', '_')}-*.whl")
    return zipfile.ZipFile(path)


def example_in(folder: Path) -> Path:
    """A copy of the quickstart example without anything generated."""
    ignored = shutil.ignore_patterns("__generated__", "__pycache__", ".jaunt")
    return Path(shutil.copytree(QUICKSTART, folder / "quickstart", ignore=ignored))


@pytest.mark.parametrize("package", PACKAGES)
def test_wheel_is_typed_and_described(wheels: Path, package: str) -> None:
    with wheel_of(wheels, package) as wheel:
        names = wheel.namelist()
        assert f"{PACKAGES[package]}/py.typed" in names
        (name,) = (item for item in names if item.endswith(".dist-info/METADATA"))
        metadata = HeaderParser().parsestr(wheel.read(name).decode())
    assert metadata["Description-Content-Type"] == "text/markdown"
    readme = (ROOT / "packages" / package / "README.md").read_text("utf-8")
    assert str(metadata.get_payload()).strip() == readme.strip()
    assert len(readme) > 200
    assert metadata["License-Expression"] == "MIT"
    top_level = {item.partition("/")[0] for item in names if ".dist-info/" not in item}
    assert top_level == {PACKAGES[package]}


@pytest.mark.parametrize("package", PACKAGES)
def test_wheel_pins_its_siblings(wheels: Path, package: str) -> None:
    with wheel_of(wheels, package) as wheel:
        (name,) = (item for item in wheel.namelist() if item.endswith(".dist-info/METADATA"))
        metadata = HeaderParser().parsestr(wheel.read(name).decode())
    siblings = [item for item in metadata.get_all("Requires-Dist", []) if item.startswith("jaunt")]
    assert all("~=" in item for item in siblings)
    assert bool(siblings) == (package != "jaunt-runtime")


@pytest.fixture(scope="module")
def runtime(make_environment: MakeEnvironment) -> Environment:
    return make_environment("jaunt-runtime")


def test_runtime_has_no_dependency(runtime: Environment, tmp_path: Path) -> None:
    listed = succeed(
        *("uv", "pip", "list", "--quiet", "--format", "freeze", "--python", runtime.python),
        cwd=tmp_path,
    )
    assert [line.partition("==")[0] for line in listed.split()] == ["jaunt-runtime"]


def test_runtime_alone_runs_a_built_example(runtime: Environment, tmp_path: Path) -> None:
    example = example_in(tmp_path)
    generated = example / "__generated__"
    generated.mkdir()
    shutil.copyfile(example / "recorded/build/quickstart.py", generated / "quickstart.py")
    code = "import quickstart as q; print(q.slugify('Crème brûlée, for 2!'), q.human_size(1536))"
    assert succeed(runtime.python, "-c", code, cwd=example) == "creme-brulee-for-2 1.5 KiB\n"


def test_runtime_alone_says_what_is_not_built(runtime: Environment, tmp_path: Path) -> None:
    code = "import quickstart; quickstart.human_size(1)"
    done = run(runtime.python, "-c", code, cwd=example_in(tmp_path))
    assert done.returncode == 1
    assert "JauntNotBuiltError" in done.stderr
    assert "jaunt build" in done.stderr


def test_runtime_alone_says_how_to_install_the_command(
    runtime: Environment, tmp_path: Path
) -> None:
    done = run(runtime.python, "-m", "jaunt", "build", cwd=tmp_path)
    assert done.returncode == 2
    assert "jaunt-cli[openai]" in done.stderr
    assert done.stdout == ""


@pytest.fixture(scope="module")
def full(make_environment: MakeEnvironment) -> Environment:
    return make_environment("jaunt-cli[openai,command]", "pytest")


def test_cli_builds_and_tests_an_example(full: Environment, tmp_path: Path) -> None:
    example = example_in(tmp_path)
    jaunt = full.program("jaunt")
    succeed(jaunt, "build", cwd=example)
    assert (example / "__generated__/quickstart.py").is_file()
    again = run(jaunt, "build", cwd=example)
    assert again.returncode == 0
    assert "nothing to do" in again.stderr
    tested = succeed(jaunt, "test", cwd=example)
    assert " passed" in tested
    assert (example / "tests/__generated__/test_quickstart.py").is_file()


def test_module_hands_over_to_the_cli(full: Environment, tmp_path: Path) -> None:
    said = succeed(full.python, "-m", "jaunt", "--version", cwd=tmp_path)
    assert said == succeed(full.program("jaunt"), "--version", cwd=tmp_path)


def test_built_example_runs_on_the_runtime_alone(
    full: Environment, runtime: Environment, tmp_path: Path
) -> None:
    example = example_in(tmp_path)
    succeed(full.program("jaunt"), "build", cwd=example)
    code = "import quickstart; print(quickstart.parse_duration('1h30m'))"
    assert succeed(runtime.python, "-c", code, cwd=example) == "1:30:00\n"


@pytest.mark.parametrize("missing", ["openai", "command"])
def test_a_missing_backend_is_told_with_its_extra(
    make_environment: MakeEnvironment, tmp_path: Path, missing: str
) -> None:
    other = {"openai": "command", "command": "openai"}[missing]
    environment = make_environment(f"jaunt-cli[{other}]")
    example = example_in(tmp_path)
    if missing == "openai":
        config = example / "jaunt.toml"
        text = config.read_text("utf-8")
        config.write_text(text[: text.index("\n[llm]")] + '\n[llm]\nprovider = "openai"\n', "utf-8")
    done = run(environment.program("jaunt"), "build", cwd=example)
    assert done.returncode == 2
    assert f"jaunt-cli[{missing}]" in done.stderr
