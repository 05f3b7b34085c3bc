"""Run a command of this repository through uv, which is fetched first where it is missing.

    python3 scripts/run jaunt test --root docs/examples/quickstart
    python3 scripts/run pytest

The same as `uv run jaunt ...` and `uv run pytest`, for machines without uv: then pip puts it into
`.uv/` of this checkout, once. Nothing is installed anywhere else, so that it works with a Python
that its distribution manages (PEP 668), too. Everything else is up to `uv run`: it makes `.venv/`,
and the command runs in place of this one, with its arguments, signals and exit code.

Only the standard library is imported here.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parents[1]
# Ignored by git; one binary, that of the platform the checkout is used on.
PRIVATE = ROOT / ".uv"
_USAGE = "usage: python3 scripts/run COMMAND [ARGUMENT ...], for example python3 scripts/run pytest"
_NO_PIP = (
    "there is no uv on PATH, and this Python ({python}) has neither pip nor venv to fetch it with; "
    "install one of the three (on Debian and Ubuntu: apt install python3-venv) and run this again"
)
_NOT_FETCHED = (
    "pip could not fetch uv, as it says above; check the network and the settings of pip, "
    "or install uv in another way, so that it is on PATH, and run this again"
)


class FetchError(Exception):
    """There is no uv, and none could be fetched; the message says what to do."""


def main(arguments: Sequence[str]) -> int:
    """Become `uv run`; the exit code where there is nothing to run, or no uv to run it with."""
    if not arguments:
        sys.stderr.write(f"{_USAGE}\n")
        return 2
    if arguments[0] in {"-h", "--help"}:
        print(f"{_USAGE}\n\n{(__doc__ or '').rstrip()}")
        return 0
    try:
        hand_over(find_uv() or fetch_uv(PRIVATE), arguments)
    except (FetchError, OSError) as error:
        sys.stderr.write(f"error: {error}\n")
    return 1


def find_uv() -> Path | None:
    """The uv that is on PATH, else the one that was fetched before, None where neither runs."""
    on_path = shutil.which("uv")
    candidates = [Path(on_path)] if on_path else []
    # What is on PATH can be a shim that stands for nothing with the current version of Python.
    return next(filter(_runs, (*candidates, PRIVATE / "uv")), None)


def fetch_uv(folder: Path) -> Path:
    """Put the binary of uv into a folder, with the pip of this Python or of a passing environment.

    Raises:
        FetchError: There is no pip, or it did not succeed.
    """
    sys.stderr.write(f"there is no uv on PATH: fetching it into {folder.name}/, once\n")
    try:
        folder.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            fetched = _install_uv(Path(scratch))
            # In one step, since another run may be doing the same.
            fetched.replace(folder / "uv")
    except OSError as error:
        raise FetchError(f"uv cannot be put into {folder}: {error.strerror}") from None
    return folder / "uv"


def hand_over(uv: Path, arguments: Sequence[str]) -> NoReturn:
    """Become `uv run` with a command, for this checkout, wherever it is called from."""
    environ = dict(os.environ)
    if uv.parent == PRIVATE:  # the command may want to start it, too
        environ["PATH"] = os.pathsep.join(filter(None, (str(PRIVATE), environ.get("PATH"))))
    command = [str(uv), "run", "--project", str(ROOT)]
    environment = ROOT / environ.get("UV_PROJECT_ENVIRONMENT", ".venv")
    if "UV_PYTHON" not in environ and not (environment / "bin" / "python").exists():
        # This one fits. Left to itself uv may take another, or fetch one.
        command += ["--python", sys.executable]
    sys.stdout.flush()
    os.execve(uv, [*command, "--", *arguments], environ)  # noqa: S606 - so that signals reach it


def _install_uv(folder: Path) -> Path:
    """Have pip install uv into an empty folder; where its binary is."""
    target = folder / "target"
    command = [*_find_pip(folder / "environment"), "install", "--quiet", "--only-binary=:all:"]
    command += ["--target", str(target), "uv"]
    if subprocess.run(command, env=_pip_environ(), check=False).returncode != 0:
        raise FetchError(_NOT_FETCHED)
    return target / "bin" / "uv"


def _find_pip(folder: Path) -> list[str]:
    """The command that starts pip; a virtual environment is made in a folder where it has to be."""
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip"]
    made = subprocess.run(
        [sys.executable, "-m", "venv", str(folder)], capture_output=True, check=False
    )
    if made.returncode != 0:
        raise FetchError(_NO_PIP.format(python=sys.executable))
    return [str(folder / "bin" / "python"), "-m", "pip"]


def _pip_environ() -> Mapping[str, str]:
    """The environment for pip: settings that are at odds with `--target` are switched off."""
    return {
        **os.environ,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_REQUIRE_VIRTUALENV": "0",
        "PIP_ROOT_USER_ACTION": "ignore",
        "PIP_USER": "0",
    }


def _runs(uv: Path) -> bool:
    try:
        done = subprocess.run([str(uv), "--version"], capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0
