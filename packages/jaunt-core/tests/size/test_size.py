"""Many modules at once: what a run holds on to, and where an interrupted one goes on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

MODULES = int(os.environ.get("JAUNT_TEST_MODULES", "5000"))
"""How many modules the slow tests build."""

JOBS = 64
KILOBYTES = 600_000
WIDTH = 50

_DRIVER = Path(__file__).with_name("driver.py")

_RECORD = '''
from dataclasses import dataclass


@dataclass(frozen=True)
class Record:
    """A record."""

    name: str
    count: int
'''

_SPEC = '''

@jaunt.magic()
def f{number}_{index}(record: Record, factor: int = {index}) -> int:
    """Multiply `record.count` by `factor`."""
    return {calls}
'''


def write_layers(root: Path, modules: int) -> Path:
    """Layers of modules with three specs each, which build on two modules of the layer below."""
    app = root / "app"
    app.mkdir(parents=True)
    (root / "jaunt.toml").write_text(
        'version = 1\n[build]\nrun_examples = false\n[paths]\nsource_roots = ["."]\n'
    )
    (app / "__init__.py").write_text("")
    (app / "record.py").write_text(_RECORD)
    for number in range(modules):
        first = number - number % WIDTH - WIDTH
        below = {first + number % WIDTH, first + (number + 1) % WIDTH} if first >= 0 else set()
        imports = "".join(f"from app.m{it} import f{it}_0\n" for it in sorted(below))
        calls = " + ".join(f"f{it}_0(record)" for it in sorted(below)) or "0"
        specs = "".join(_SPEC.format(number=number, index=it, calls=calls) for it in range(3))
        head = f"import jaunt\nfrom app.record import Record\n{imports}"
        (app / f"m{number}.py").write_text(head + specs)
    return root


def run(root: Path, *, stop: int = 0) -> dict[str, Any]:
    command = [sys.executable, str(_DRIVER), str(root), str(JOBS), str(stop)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def stored(root: Path) -> int:
    return len(list((root / ".jaunt" / "answers").rglob("*.json")))


def check_holdings(found: dict[str, Any]) -> None:
    """Neither descriptors nor threads grow with the number of modules, and none is left."""
    before, most, after = found["descriptors"]
    assert after == before
    assert most <= before + JOBS
    assert found["threads"] <= JOBS
    assert found["threads_left"] == 1


def check_interruption(root: Path, modules: int) -> None:
    first = run(root, stop=modules // 2)
    assert first["done"] == 0
    kept = stored(root)
    assert kept >= modules // 2 - JOBS  # what was under way when it ended may not have come
    check_holdings(first)

    second = run(root)

    assert second["done"] == modules
    assert len(second["asked"]) == modules - kept
    assert stored(root) == modules


@pytest.mark.parametrize("modules", [150])
def test_a_run_of_some_modules_holds_on_to_nothing(tmp_path: Path, modules: int) -> None:
    found = run(write_layers(tmp_path / "project", modules))

    assert found["done"] == len(found["asked"]) == modules
    check_holdings(found)


def test_an_interrupted_run_goes_on_where_it_was(tmp_path: Path) -> None:
    check_interruption(write_layers(tmp_path / "project", 150), 150)


@pytest.mark.slow
def test_a_run_of_many_modules_stays_small(tmp_path: Path) -> None:
    found = run(write_layers(tmp_path / "project", MODULES))

    assert found["done"] == len(found["asked"]) == MODULES
    check_holdings(found)
    assert max(found["kilobytes"].values()) < KILOBYTES, found["kilobytes"]


@pytest.mark.slow
def test_an_interrupted_run_of_many_modules_goes_on_where_it_was(tmp_path: Path) -> None:
    check_interruption(write_layers(tmp_path / "project", MODULES), MODULES)
