"""Backends as installed distributions: found by name, one at a time, and whose fault it is."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

# Each question is answered by a fork, which has imported nothing else. What is installed beside
# the tests is not looked at: the folders given are the only ones.
LOAD = """
import json, os, sys
from pathlib import Path
from jaunt_core.backend.protocol import BackendSetup
from jaunt_core.backend.registry import load_backend
from jaunt_core.errors import JauntConfigError

def answer(provider, folders):
    sys.path[:] = [*folders, *(item for item in sys.path if "site-packages" not in item)]
    before = set(sys.modules)
    setup = BackendSetup(
        provider=provider, model="m", settings={"a": 1}, api_key_env="KEY", api_key=None,
        environ={}, root=Path("/project"), config=Path("/project/jaunt.toml"),
    )
    try:
        backend = load_backend(setup)
        result = {"name": backend.name, "settings": dict(backend.setup.settings)}
    except JauntConfigError as error:
        result = {"error": error.args[0], "hint": error.hint}
    except BaseException as error:
        result = {"bug": repr(error)}
    ours = sorted(name for name in set(sys.modules) - before if name.startswith("backend_"))
    return {**result, "imported": ours}

for line in sys.stdin:
    pid = os.fork()
    if not pid:
        print(json.dumps(answer(*json.loads(line))), flush=True)
        os._exit(0)
    os.waitpid(pid, 0)
"""
GOOD = """
class Backend:
    fingerprint = "good"

    def __init__(self, setup):
        self.setup = setup

    @property
    def name(self):
        return self.setup.provider

    async def generate_module(self, request): ...

    async def aclose(self): ...
"""


@dataclass(frozen=True, kw_only=True)
class Installed:
    """A distribution that registers backends, as an installer leaves it behind."""

    name: str
    entries: Mapping[str, str]
    version: str = "1.0"
    modules: Mapping[str, str] | None = None
    raw_entries: bytes | None = None
    raw_metadata: bytes | None = None

    def write_to(self, folder: Path) -> None:
        for module, text in (self.modules or {}).items():
            (folder / f"{module}.py").write_text(text)
        info = folder / f"{self.name.replace('-', '_')}-{self.version}.dist-info"
        info.mkdir(parents=True)
        listed = "".join(f"{name} = {value}\n" for name, value in self.entries.items())
        entries = f"[jaunt.backends]\n{listed}".encode()
        metadata = f"Metadata-Version: 2.1\nName: {self.name}\nVersion: {self.version}\n".encode()
        (info / "entry_points.txt").write_bytes(self.raw_entries or entries)
        if self.raw_metadata != b"":
            (info / "METADATA").write_bytes(self.raw_metadata or metadata)


ACME = Installed(
    name="acme-jaunt",
    version="2.5",
    entries={"acme": "backend_acme:Backend"},
    modules={"backend_acme": GOOD},
)

Load = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def answering() -> Iterator[subprocess.Popen[str]]:
    """A process that answers what a fresh one would."""
    with subprocess.Popen(
        [sys.executable, "-c", LOAD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


@pytest.fixture
def load(tmp_path: Path, answering: subprocess.Popen[str]) -> Load:
    """Install distributions, each list into a folder of its own, and ask for a provider."""

    def ask(provider: str, *folders: list[Installed]) -> dict[str, Any]:
        paths = []
        for number, listed in enumerate(folders):
            folder = tmp_path / str(number)
            folder.mkdir()
            paths.append(str(folder))
            for distribution in listed:
                distribution.write_to(folder)
        assert answering.stdin is not None
        assert answering.stdout is not None
        answering.stdin.write(json.dumps([provider, paths]) + "\n")
        answering.stdin.flush()
        return json.loads(answering.stdout.readline())

    return ask


OTHER = Installed(
    name="other",
    entries={"acme2": "backend_other:Backend", "zeta": "backend_other:Backend"},
    modules={"backend_other": "raise SystemExit('must not be imported')\n"},
)


def test_the_one_that_is_asked_for_is_imported_and_no_other(load: Load) -> None:
    assert load("acme", [ACME, OTHER]) == {
        "name": "acme",
        "settings": {"a": 1},
        "imported": ["backend_acme"],
    }


UNKNOWN = "/project/jaunt.toml: [llm] provider = {!r} names no installed backend"


@pytest.mark.parametrize(
    ("provider", "installed", "hint"),
    [
        ("acne", [ACME, OTHER], "did you mean acme? (installed backends: acme, acme2, zeta)"),
        (
            "openai",
            [ACME],
            'install it, e.g. pip install "jaunt-cli[openai]" (installed backends: acme)',
        ),
        (
            "openai",
            [],
            'install it, e.g. pip install "jaunt-cli[openai]" (installed backends: none)',
        ),
    ],
)
def test_unknown(load: Load, provider: str, installed: list[Installed], hint: str) -> None:
    assert load(provider, installed) == {
        "error": UNKNOWN.format(provider),
        "hint": hint,
        "imported": [],
    }


CANNOT = "backend 'acme' of acme-jaunt 2.5 cannot be imported: "
UNUSABLE = "backend 'acme' of acme-jaunt 2.5 is no usable backend: "
FAULTS = {
    "import error": ("import nosuchmodule\n", f"{CANNOT}ModuleNotFoundError: No module named"),
    "raises": ("raise RuntimeError('not today')\n", f"{CANNOT}RuntimeError: not today"),
    "exits": ("raise SystemExit(3)\n", f"{CANNOT}SystemExit: 3"),
    "syntax error": ("def\n", f"{CANNOT}SyntaxError: "),
    "no such attribute": ("x = 1\n", f"{CANNOT}AttributeError: "),
    "not callable": ("Backend = 3\n", f"{UNUSABLE}backend_acme:Backend is not callable"),
    "other parameters": ("def Backend(): ...\n", f"{UNUSABLE}making it raises TypeError: "),
    "fails when made": (
        "def Backend(setup):\n    raise KeyError('url')\n",
        f"{UNUSABLE}making it raises KeyError: 'url'",
    ),
    "nothing": (
        "def Backend(setup): ...\n",
        f"{UNUSABLE}it lacks name, fingerprint, generate_module, aclose",
    ),
    "lacks a member": (GOOD.replace("aclose", "close"), f"{UNUSABLE}it lacks aclose"),
    "a member fails": (
        GOOD.replace("return self.setup.provider", "raise OSError('no')"),
        f"{UNUSABLE}making it raises OSError: no",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults_name_the_distribution_and_its_version(load: Load, name: str) -> None:
    code, message = FAULTS[name]
    broken = Installed(
        name=ACME.name, version=ACME.version, entries=ACME.entries, modules={"backend_acme": code}
    )

    result = load("acme", [broken])

    assert result["error"].startswith(message)
    assert "its authors" in result["hint"]


def test_its_own_configuration_error_is_passed_on(load: Load) -> None:
    code = (
        "from jaunt_core.errors import JauntConfigError\n"
        "def Backend(setup):\n    raise JauntConfigError('[llm] a is wrong', hint='correct it')\n"
    )
    picky = Installed(
        name="picky", entries={"acme": "backend_acme:Backend"}, modules={"backend_acme": code}
    )

    assert load("acme", [picky]) == {
        "error": "[llm] a is wrong",
        "hint": "correct it",
        "imported": ["backend_acme"],
    }


def test_claimed_twice(load: Load) -> None:
    rival = Installed(
        name="rival",
        version="0.3",
        entries={"acme": "backend_rival:Backend"},
        modules={"backend_rival": GOOD},
    )

    assert load("acme", [rival], [ACME]) == {
        "error": "/project/jaunt.toml: [llm] provider = 'acme' is claimed by acme-jaunt 2.5 and "
        "rival 0.3",
        "hint": "uninstall all of these but one",
        "imported": [],
    }


def test_of_two_copies_of_a_distribution_the_first_counts(load: Load) -> None:
    """As with imports: an editable install in front of an old copy, for one."""
    old = Installed(
        name="Acme.Jaunt",
        version="1.0",
        entries={"acme": "backend_old:Backend"},
        modules={"backend_old": "raise RuntimeError('the old copy')\n"},
    )

    assert load("acme", [ACME], [old])["imported"] == ["backend_acme"]


NEIGHBOURS = {
    "no equals sign": Installed(
        name="bad", entries={}, raw_entries=b"[jaunt.backends]\nwhat is this\n"
    ),
    "no section": Installed(name="bad", entries={}, raw_entries=b"acme = other:thing\n"),
    "not UTF-8": Installed(name="bad", entries={}, raw_entries=b"[jaunt.backends]\nx\xff = a:b\n"),
    "no value": Installed(name="bad", entries={"bad": ""}),
    "no metadata": Installed(name="bad", entries={"bad": "a:b"}, raw_metadata=b""),
    "no name": Installed(name="bad", entries={"bad": "a:b"}, raw_metadata=b"Version: 1\n"),
    "no version": Installed(name="bad", entries={"bad": "a:b"}, raw_metadata=b"Name: bad\n"),
    "binary metadata": Installed(name="bad", entries={"bad": "a:b"}, raw_metadata=b"\xff\xfe\0"),
}


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_a_broken_neighbour_breaks_nothing(load: Load, name: str) -> None:
    assert load("acme", [NEIGHBOURS[name], ACME])["imported"] == ["backend_acme"]
