"""The examples as a new user meets them: offline, by playback."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import EXAMPLES, NAMES, ROOT, Jaunt, copy_example, edit, files_below, outcomes

TESTS = {"ledger": 26, "quickstart": 8, "tokens": 11}
MODULES = {"ledger": 4, "quickstart": 1, "tokens": 1}
# A sentence in a docstring, in the module that others build on.
EDITS = {
    "ledger": ("src/ledger/rates.py", "finite and greater than zero.", "ledger.rates"),
    "quickstart": ("quickstart.py", "2. Accents are dropped:", "quickstart"),
    "tokens": ("tokens.py", "is left out, so the result", "tokens"),
}


@pytest.mark.parametrize("name", NAMES)
def test_an_example_builds_tests_and_then_rests(name: str, jaunt: Jaunt, tmp_path: Path) -> None:
    jaunt.load_plugins()
    project = copy_example(name, tmp_path)
    before = files_below(project)
    count = MODULES[name]
    noun = "module" if count == 1 else "modules"

    first = jaunt.run("test", cwd=project)
    assert first.code == 0, first.err
    assert f"{TESTS[name]} passed" in first.out
    assert f"build: {count} {noun} to generate, 0 to keep, 0 to reuse, 0 fresh\n" in first.err
    assert f"build: {count} generated in " in first.err
    assert first.err.endswith(f"pytest: {TESTS[name]} passed\n")
    after = files_below(project)
    assert {path: after[path] for path in before} == before
    assert [path for path in after if "__generated__" in path] == _expected_files(name)

    second = jaunt.run("build", cwd=project)
    verb = "is" if count == 1 else "are"
    assert second.code == 0
    assert second.out == ""
    assert second.err == f"build: nothing to do, {count} {noun} {verb} fresh\n"
    assert files_below(project) == after

    third = jaunt.run("test", "--json", cwd=project)
    assert third.code == 0
    assert set(outcomes(third.document["build"]).values()) == {"fresh"}
    assert set(outcomes(third.document["tests"]).values()) == {"fresh"}
    assert third.document["tests"]["calls"] == 0
    assert third.document["pytest"]["passed"] == TESTS[name]
    assert files_below(project) == after

    _check_what_playback_says_to_an_edit(name, jaunt, project)


def _check_what_playback_says_to_an_edit(name: str, jaunt: Jaunt, project: Path) -> None:
    path, sentence, module = EDITS[name]
    edit(project / path, sentence, f"(Really.) {sentence}")
    ran = jaunt.run("build", cwd=project)
    assert ran.code == 3
    assert "this example plays back recorded answers: no model is connected\n" in ran.err
    assert f"the specs of `{module}` (or what they use) changed since" in ran.err
    assert 'provider = "openai"' in ran.err
    assert "OPENAI_API_KEY" in ran.err
    assert "base_url" in ran.err
    assert "Traceback" not in ran.err


def _expected_files(name: str) -> list[str]:
    if name == "ledger":
        modules = ("book", "parsing", "rates", "sync")
        code = [f"src/ledger/__generated__/{item}.py" for item in ("__init__", *modules)]
        return [*code, *(f"tests/__generated__/test_{item}.py" for item in modules)]
    return [f"__generated__/{name}.py", f"tests/__generated__/test_{name}.py"]


def test_recorded_answers_are_for_the_specs_as_they_stand() -> None:
    code = (
        "import importlib.util, json, pathlib\n"
        "spec = importlib.util.spec_from_file_location('r', 'scripts/record_examples.py')\n"
        "r = importlib.util.module_from_spec(spec); spec.loader.exec_module(r)\n"
        "found = sorted(r.EXAMPLES.glob('*/jaunt.toml'))\n"
        "print(json.dumps({path.parent.name: r.requests_of(path.parent) for path in found}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    recorded = {
        name: json.loads((EXAMPLES / name / "recorded/requests.json").read_bytes())
        for name in NAMES
    }
    assert json.loads(done.stdout) == recorded


@pytest.mark.parametrize("name", NAMES)
def test_every_recorded_answer_has_a_request(name: str) -> None:
    folder = EXAMPLES / name / "recorded"
    files = {path.relative_to(folder).with_suffix("").as_posix() for path in folder.glob("*/*.py")}
    assert set(json.loads((folder / "requests.json").read_bytes())) == files


@pytest.mark.parametrize("name", NAMES)
def test_the_readme_of_an_example_shows_commands_that_exist(name: str, jaunt: Jaunt) -> None:
    text = (EXAMPLES / name / "README.md").read_text("utf-8")
    shown = set(re.findall(r"^ +jaunt (\w+)", text, re.MULTILINE))
    assert shown >= {"build", "test"}
    for command in shown:
        assert jaunt.run(command, "--help", cwd=EXAMPLES).code == 0


@pytest.mark.parametrize("name", NAMES)
def test_the_configuration_in_the_comments_of_an_example_is_valid(
    name: str, jaunt: Jaunt, tmp_path: Path
) -> None:
    """What the comments in jaunt.toml tell to write is what the backend understands."""
    project = copy_example(name, tmp_path)
    config = project / "jaunt.toml"
    lines = config.read_text("utf-8").splitlines()
    told = [line.removeprefix("#").strip() for line in lines if re.match(r"#  +\w+ = ", line)]
    assert [line.partition(" ")[0] for line in told] == ["provider", "model", "base_url"]
    kept = [line for line in lines if not line.startswith(("provider", "command"))]
    config.write_text("\n".join([*kept, *told[:2]]) + "\n", "utf-8")
    ran = jaunt.run("build", cwd=project)
    assert ran.code == 2
    assert "no key for the model 'gpt-5.2': $OPENAI_API_KEY is not set" in ran.err
    # A port that nobody listens on: the address and the missing key were accepted.
    address = told[2].replace("localhost:8000", "127.0.0.1:9")
    config.write_text("\n".join([*kept, *told[:2], address]) + "\n", "utf-8")
    process = jaunt.start("build", cwd=project)
    assert process.stderr is not None
    plan, fault = process.stderr.readline(), process.stderr.readline()
    assert " to generate, " in plan
    assert "connection: " in fault
    assert "http://127.0.0.1:9/v1" in fault
