"""`python3 scripts/run`: a command of the repository on a machine that has no uv."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from .conftest import ROOT

# Says how it was started, and ends as a command would.
_UV = """\
#!/bin/sh
[ "$1" = --version ] && exit 0
echo "pid $$"
echo "path $PATH"
for argument in "$@"; do echo "argument $argument"; done
exit 7
"""
_SHIM = "#!/bin/sh\necho no such command >&2\nexit 127\n"
_PIP = """\
import os, pathlib, sys
pathlib.Path(os.environ["HOME"], "asked").write_text(" ".join(sys.argv[1:]))
assert os.environ["PIP_USER"] == os.environ["PIP_REQUIRE_VIRTUALENV"] == "0"
folder = pathlib.Path(sys.argv[sys.argv.index("--target") + 1], "bin")
folder.mkdir(parents=True)
(folder / "uv").write_text(os.environ["FAKE_UV"])
(folder / "uv").chmod(0o755)
"""


class Checkout:
    """The script in a checkout of its own, run with a PATH on which there is no uv at first."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "checkout"
        self.home = folder / "home"
        self.modules = folder / "modules"
        (self.root / "scripts").mkdir(parents=True)
        for name in ("run", "uv_run.py"):
            shutil.copy(ROOT / "scripts" / name, self.root / "scripts" / name)
        self.home.mkdir()
        self.environ = {
            "FAKE_UV": _UV,
            "HOME": str(self.home),
            "PATH": os.pathsep.join([str(folder / "bin"), "/usr/bin", "/bin"]),
            "PYTHONPATH": str(self.modules),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def run(self, *arguments: str, options: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
        """Run the script from another folder."""
        return subprocess.run(
            [sys.executable, *options, str(self.root / "scripts" / "run"), *arguments],
            cwd=self.home,
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
        )

    def add_program(self, place: str, text: str) -> None:
        """Write a program below the folder of the checkout."""
        path = self.root.parent / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def add_module(self, place: str, text: str) -> None:
        """Let Python find a module before its own."""
        path = self.modules / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    @property
    def fetched(self) -> list[str]:
        """What is in the private folder."""
        return sorted(path.name for path in self.root.glob(".uv/*"))


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    made = Checkout(tmp_path)
    if shutil.which("uv", path=made.environ["PATH"]):
        pytest.skip("there is a uv that is not to be hidden")
    return made


def test_uv_on_path_is_used(checkout: Checkout) -> None:
    checkout.add_program("bin/uv", _UV)
    with subprocess.Popen(
        [sys.executable, str(checkout.root / "scripts" / "run"), "pytest", "-k", "a b", "--", ""],
        env=checkout.environ,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        out, _ = process.communicate()

    assert process.returncode == 7
    pid, path, *arguments = out.splitlines()
    # It is the same process, so that it gets every signal.
    assert pid == f"pid {process.pid}"
    assert path == f"path {checkout.environ['PATH']}"
    first = ["run", "--project", str(checkout.root), "--python", sys.executable, "--"]
    expected = [*first, "pytest", "-k", "a b", "--", ""]
    assert arguments == [f"argument {argument}" for argument in expected]
    assert checkout.fetched == []


def test_an_environment_that_is_there_is_left_as_it_is(checkout: Checkout) -> None:
    checkout.add_program("bin/uv", _UV)
    checkout.add_program("checkout/.venv/bin/python", "")
    assert "argument --python" not in checkout.run("pytest").stdout.splitlines()


def test_uv_is_fetched_once(checkout: Checkout) -> None:
    checkout.add_module("pip/__main__.py", _PIP)
    first = checkout.run("pytest")
    assert first.returncode == 7, first.stderr
    assert first.stderr == "there is no uv on PATH: fetching it into .uv/, once\n"
    asked = (checkout.home / "asked").read_text().split()
    assert asked[:3] == ["install", "--quiet", "--only-binary=:all:"]
    assert asked[-1] == "uv"
    assert checkout.fetched == ["uv"]
    # Commands that start uv themselves find it.
    assert f"path {checkout.root / '.uv'}{os.pathsep}{checkout.environ['PATH']}" in first.stdout

    (checkout.home / "asked").unlink()
    second = checkout.run("pytest")
    assert (second.returncode, second.stderr) == (7, "")
    assert not (checkout.home / "asked").exists()


def test_a_uv_on_path_that_does_not_run_is_passed_over(checkout: Checkout) -> None:
    checkout.add_program("bin/uv", _SHIM)
    checkout.add_program("checkout/.uv/uv", _UV)
    assert checkout.run("pytest").returncode == 7


def test_where_pip_fails(checkout: Checkout) -> None:
    checkout.add_module("pip/__main__.py", "import sys; sys.exit('no network')")
    ran = checkout.run("pytest")
    assert ran.returncode == 1
    assert "no network\nerror: pip could not fetch uv, as it says above; " in ran.stderr
    assert "Traceback" not in ran.stderr
    assert checkout.fetched == []


def test_where_there_is_neither_pip_nor_venv(checkout: Checkout) -> None:
    checkout.add_module("venv.py", "raise SystemExit(1)")
    # Without site-packages there is no pip.
    ran = checkout.run("pytest", options=["-S"])
    assert ran.returncode == 1
    last = ran.stderr.splitlines()[-1]
    assert last.startswith("error: there is no uv on PATH, and this Python (")
    assert "apt install python3-venv" in last
    assert checkout.fetched == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes anywhere")
def test_where_nothing_can_be_written(checkout: Checkout) -> None:
    checkout.root.chmod(0o555)
    ran = checkout.run("pytest")
    assert ran.returncode == 1
    assert "error: uv cannot be put into " in ran.stderr


def test_what_it_is_asked_without_a_command(checkout: Checkout) -> None:
    nothing = checkout.run()
    assert (nothing.returncode, nothing.stdout) == (2, "")
    assert nothing.stderr.startswith("usage: python3 scripts/run COMMAND")
    asked = checkout.run("--help")
    assert (asked.returncode, asked.stderr) == (0, "")
    assert "python3 scripts/run pytest" in asked.stdout


@pytest.mark.parametrize("version", [(2, 7), (3, 6), (3, 10)])
def test_an_old_python_says_that_it_is_too_old(version: tuple[int, int]) -> None:
    code = f"import sys; sys.version_info = {version}; exec(open('scripts/run').read())"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    dotted = ".".join(map(str, version))
    assert done.returncode == 1
    assert done.stderr == f"error: CPython 3.11 or later is needed, and this is Python {dotted}\n"


def test_an_old_python_can_read_the_script() -> None:
    ast.parse((ROOT / "scripts" / "run").read_text("utf-8"), feature_version=(3, 4))


@pytest.mark.slow
def test_pip_comes_from_a_virtual_environment_where_there_is_none(checkout: Checkout) -> None:
    links = checkout.home / "links"
    links.mkdir()
    with zipfile.ZipFile(links / "uv-1.0-py3-none-any.whl", "w") as wheel:
        program = zipfile.ZipInfo("uv-1.0.data/scripts/uv")
        program.external_attr = 0o100755 << 16
        wheel.writestr(program, _UV)
        wheel.writestr("uv-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: uv\nVersion: 1.0")
        wheel.writestr("uv-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr("uv-1.0.dist-info/RECORD", "")
    checkout.environ |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(links), "PIP_USER": "1"}
    ran = checkout.run("pytest", options=["-S"])
    assert ran.returncode == 7, ran.stderr
    assert checkout.fetched == ["uv"]
