"""The recorded tests of the examples are worth something: each fails on a broken implementation."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from jaunt_core.config.loading import load_project
from jaunt_core.findings.validate import findings_of
from jaunt_core.model.plan import Inference
from jaunt_core.model.spec import Kind
from jaunt_core.project.workspace import Workspace
from jaunt_core.snapshot.snapshot import read_snapshot
from jaunt_core.snapshot.worker_calls import inspect_candidate
from jaunt_core.snapshot.worker_client import Worker

from .conftest import EXAMPLES, NAMES, Jaunt, copy_example

HERE = Path(__file__).parent
BROKEN = HERE / "broken"
MODULES = sorted(path.relative_to(BROKEN).as_posix() for path in BROKEN.glob("*/*"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A wrong implementation of a spec module, and the tests that have to notice."""

    name: str
    module: str
    path: Path
    fails: frozenset[str]


def variants_of(folder: str) -> list[Variant]:
    """The variants of `example` or of `example/module`."""
    found = []
    for path in sorted((BROKEN / folder).rglob("*.py")):
        first = path.read_text("utf-8").partition("\n")[0]
        match = re.fullmatch(r"# fails: (\w+(?:, \w+)*)", first)
        assert match is not None, f"{path}: {first}"
        found.append(
            Variant(
                name=f"{path.parent.name}/{path.stem}",
                module=path.parent.name,
                path=path,
                fails=frozenset(match[1].split(", ")),
            )
        )
    return found


def recorded_tests(example: str) -> dict[str, str]:
    """The module that holds a test, by the test's name."""
    return {
        node.name: path.stem.rpartition(".")[2]
        for path in (EXAMPLES / example / "recorded" / "test").glob("*.py")
        for node in ast.parse(path.read_bytes()).body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and node.name.startswith("test_")
    }


@pytest.mark.parametrize("name", NAMES)
def test_every_recorded_test_has_something_to_notice(name: str) -> None:
    noticed = frozenset().union(*(variant.fails for variant in variants_of(name)))
    assert noticed == set(recorded_tests(name))


@pytest.mark.slow
@pytest.mark.parametrize("folder", MODULES)
def test_broken_implementations_are_noticed(folder: str, jaunt: Jaunt, tmp_path: Path) -> None:
    name = folder.partition("/")[0]
    project = copy_example(name, tmp_path)
    assert jaunt.run("test", "--no-run", cwd=project).code == 0
    variants = variants_of(folder)
    assert variants

    tests = recorded_tests(name)
    found = _run_variants(project, variants, tests)

    for variant in variants:
        outcome = found[variant.name]
        assert outcome is not None, f"{variant.name} ended the process"
        assert outcome["code"] == 1, variant.name
        assert variant.fails - set(outcome["failed"]) == set(), variant.name
        run = {*outcome["passed"], *outcome["failed"]}
        modules = {tests[test] for test in variant.fails}
        assert run == {test for test in tests if tests[test] in modules}, variant.name
    _check_that_validation_lets_them_pass(project, variants)


def _run_variants(project: Path, variants: list[Variant], tests: dict[str, str]) -> dict[str, Any]:
    """What the test modules that have something to notice say to each variant."""
    roots = Workspace(project=load_project(root=project), environ=os.environ).roots
    generated = {
        path.stem: path
        for root in roots.source
        for path in (project / root).rglob("__generated__/*.py")
        if "tests" not in path.parts
    }
    job = {
        "prefix": [str(project / item) for item in roots.prefix],
        "variants": [
            {
                "name": variant.name,
                "target": str(generated[variant.module.rpartition(".")[2]]),
                "source": str(variant.path),
                "tests": sorted(
                    {f"tests/__generated__/{tests[test]}.py" for test in variant.fails}
                ),
            }
            for variant in variants
        ],
    }
    (project / "job.json").write_text(json.dumps(job), "utf-8")
    done = subprocess.run(
        [sys.executable, "-P", str(HERE / "run_variants.py"), "job.json"],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _check_that_validation_lets_them_pass(project: Path, variants: list[Variant]) -> None:
    """They are wrong in what they do alone, as an answer of a model would be."""
    loaded = load_project(root=project)
    workspace = Workspace(project=loaded, environ=os.environ)
    with Worker(workspace) as worker:
        snapshot = read_snapshot(workspace, worker, [Kind.BUILD])
        specs = snapshot.judge(Inference()).graph.specs
        for variant in variants:
            module = snapshot.module(variant.module)
            candidate = inspect_candidate(
                worker,
                loaded,
                module,
                snapshot.generated_modules[variant.module],
                variant.path.read_text("utf-8"),
            )
            assert findings_of(module, candidate, specs) == (), variant.name
