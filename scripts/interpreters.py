"""The CPython interpreters of this machine, as uv and pyenv know them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

OLDEST = (3, 11)
_QUERY = (
    "import json, platform, sys, sysconfig;"
    "print(json.dumps([platform.python_implementation(), platform.python_version(),"
    " list(sys.version_info[:3]), bool(sysconfig.get_config_var('Py_GIL_DISABLED'))]))"
)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Interpreter:
    """A CPython, by its version; `number` is the version to sort by."""

    number: tuple[int, int, int]
    version: str
    path: Path

    def is_a(self, wanted: str) -> bool:
        """Whether `wanted` is the version, or a beginning of it: `3`, `3.13`, `3.13.0`."""
        return f"{self.version}.".startswith(f"{wanted}.")


def find_interpreters() -> list[Interpreter]:
    """Each CPython from 3.11 on that stands on this machine, one per version, oldest first."""
    found: dict[str, Interpreter] = {}
    for path in (*_known_to_uv(), *_known_to_pyenv()):
        interpreter = interpreter_at(path)
        if interpreter is not None and interpreter.number[:2] >= OLDEST:
            found.setdefault(interpreter.version, interpreter)
    return sorted(found.values())


def find_interpreter(wanted: str) -> Interpreter | None:
    """The interpreter at a path, or the newest one of a version such as `3.13`."""
    if os.sep in wanted:
        return interpreter_at(Path(wanted))
    fitting = [item for item in find_interpreters() if item.is_a(wanted)]
    return fitting[-1] if fitting else None


def interpreter_at(path: Path) -> Interpreter | None:
    """The interpreter at a path, None where it does not start or is no ordinary CPython."""
    try:
        done = subprocess.run(
            [str(path), "-I", "-c", _QUERY], capture_output=True, text=True, check=False, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode != 0:
        return None
    implementation, version, number, is_free_threaded = json.loads(done.stdout)
    if implementation != "CPython" or is_free_threaded:
        return None
    return Interpreter(number=(number[0], number[1], number[2]), version=version, path=path)


def _known_to_uv() -> Iterator[Path]:
    command = ["uv", "python", "list", "--only-installed", "--output-format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return
    for item in json.loads(done.stdout):
        if item["implementation"] == "cpython" and item["variant"] == "default":
            yield Path(item["path"])


def _known_to_pyenv() -> Iterator[Path]:
    root = os.environ.get("PYENV_ROOT", "")
    if not root and shutil.which("pyenv"):
        done = subprocess.run(["pyenv", "root"], capture_output=True, text=True, check=False)
        root = done.stdout.strip()
    if root:
        yield from sorted(Path(root).glob("versions/*/bin/python"))


__all__ = ["OLDEST", "Interpreter", "find_interpreter", "find_interpreters", "interpreter_at"]
