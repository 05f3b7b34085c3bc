"""A backend of somebody else, as a distribution of its own in a fresh environment."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import ROOT, Jaunt, MakeProject, outcomes, uv

BACKEND = Path(__file__).parent / "third_party_backend"
WORKSPACE = ("jaunt-runtime", "jaunt-core", "jaunt-cli")
GREETING = {
    "greeting.py": """
        import jaunt

        @jaunt.magic()
        def hello() -> str:
            '''Return a greeting.'''
            raise NotImplementedError
        """
}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the workspace's packages, and the wheel of the backend."""
    folder = tmp_path_factory.mktemp("third_party")
    source = shutil.copytree(BACKEND, folder / "source")
    uv("build", "--quiet", "--wheel", "--out-dir", folder / "dist", source, cwd=folder)
    (wheel,) = (folder / "dist").glob("jaunt_shout-3.2.1-*.whl")
    uv("venv", "--quiet", "--python", sys.executable, folder / "env", cwd=folder)
    editable = [part for name in WORKSPACE for part in ("-e", ROOT / "packages" / name)]
    target = ("--python", folder / "env/bin/python")
    uv("pip", "install", "--quiet", *target, *editable, wheel, cwd=folder)
    return folder / "env"


@pytest.fixture
def jaunt_there(jaunt: Jaunt, environment: Path) -> Jaunt:
    jaunt.command = (str(environment / "bin" / "jaunt"),)
    return jaunt


def test_it_builds(jaunt_there: Jaunt, environment: Path, make_project: MakeProject) -> None:
    project = make_project(GREETING, llm='provider = "shout"\nvolume = 3')
    ran = jaunt_there.run("build", "--json", cwd=project)
    assert ran.code == 0, ran.err
    assert outcomes(ran.document) == {"greeting": "generated"}
    assert ran.document["usage"]["output"] == len("def hello() -> str:\n    return 'HELLO!!!'\n")
    generated = (project / "__generated__/greeting.py").read_text("utf-8")
    assert "megaphone-3" in generated
    said = subprocess.run(
        [environment / "bin/python", "-c", "import greeting; print(greeting.hello())"],
        cwd=project,
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout == "HELLO!!!\n"
    # What changes its answers is in its fingerprint, and another volume is another answer.
    config = project / "jaunt.toml"
    config.write_text(config.read_text("utf-8").replace("volume = 3", "volume = 1"), "utf-8")
    assert outcomes(jaunt_there.run("build", "--json", cwd=project).document) == {
        "greeting": "fresh"
    }
    shutil.rmtree(project / "__generated__")
    assert outcomes(jaunt_there.run("build", "--json", cwd=project).document) == {
        "greeting": "generated"
    }


CHECK = """
import asyncio, pathlib
from jaunt_core.backend import BackendSetup
from jaunt_core.testing import check_backend
from jaunt_shout import ShoutBackend, create_backend

setup = BackendSetup(
    provider="shout", model="", settings={"volume": 2}, api_key_env="", api_key=None,
    environ={}, root=pathlib.Path(), config=pathlib.Path("jaunt.toml"),
)
asyncio.run(check_backend(lambda: create_backend(setup)))


class Whispering(ShoutBackend):
    fingerprint = property(lambda self: f"{id(self)}")


try:
    asyncio.run(check_backend(lambda: Whispering(volume=1)))
except AssertionError as error:
    print(error)
"""


def test_it_keeps_to_the_protocol(environment: Path, tmp_path: Path) -> None:
    """The kit for authors of backends lets it pass, and stops one that is wrong."""
    done = subprocess.run(
        [environment / "bin/python", "-c", CHECK],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "two backends of one configuration have different fingerprints\n"


# The [llm] section, and what is said about it: whose fault it is, and what to do.
FAULTS = {
    "its own setting": (
        'provider = "shout"\nloudness = 3',
        "`[llm] loudness` is no setting of provider shout",
        "the only one is volume",
    ),
    "unknown": (
        'provider = "shuot"',
        "provider = 'shuot' names no installed backend",
        "did you mean shout? (installed backends: shout, shout-broken, ",
    ),
    "not installed": (
        'provider = "openai"',
        "provider = 'openai' names no installed backend",
        'pip install "jaunt-cli[openai]"',
    ),
    "broken": (
        'provider = "shout-broken"',
        "backend 'shout-broken' of jaunt-shout 3.2.1 cannot be imported: ModuleNotFoundError",
        "reinstall that distribution",
    ),
    "misshapen": (
        'provider = "shout-misshapen"',
        "backend 'shout-misshapen' of jaunt-shout 3.2.1 is no usable backend: it lacks name, ",
        "report this to its authors",
    ),
    "failing": (
        'provider = "shout-failing"',
        "of jaunt-shout 3.2.1 is no usable backend: making it raises KeyError: 'volume'",
        "report this to its authors",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_whose_fault_it_is(name: str, jaunt_there: Jaunt, make_project: MakeProject) -> None:
    llm, message, hint = FAULTS[name]
    project = make_project(GREETING, llm=llm)
    ran = jaunt_there.run("build", "--json", cwd=project)
    assert ran.code == 2, ran.err
    error = ran.document["error"]
    assert error["kind"] == "config"
    assert message in error["message"]
    assert hint in error["hint"]
    assert not (project / "__generated__").exists()
