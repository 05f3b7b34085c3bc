"""The examples as a new user meets them: offline, by playback."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from .conftest import EXAMPLES, NAMES, Jaunt, copy_example, edit, files_below, load_script, outcomes


def test_the_quickstart_builds_tests_and_then_rests(started_jaunt: Jaunt, tmp_path: Path) -> None:
    """The first command of the README; what the other examples do, test_golden compares."""
    started_jaunt.load_plugins()
    project = copy_example("quickstart", tmp_path)
    before = files_below(project)

    first = started_jaunt.run("test", cwd=project)
    assert first.code == 0, first.err
    assert "8 passed" in first.out
    assert "build: 1 module to generate, 0 to keep, 0 to reuse, 0 fresh\n" in first.err
    assert "build: 1 generated in " in first.err
    assert first.err.endswith("pytest: 8 passed\n")
    after = files_below(project)
    assert {path: after[path] for path in before} == before
    generated = ["__generated__/quickstart.py", "tests/__generated__/test_quickstart.py"]
    assert [path for path in after if "__generated__" in path] == generated

    second = started_jaunt.run("build", cwd=project)
    assert second.code == 0
    assert second.out == ""
    assert second.err == "build: nothing to do, 1 module is fresh\n"
    assert files_below(project) == after

    third = started_jaunt.run("test", "--json", cwd=project)
    assert third.code == 0
    assert outcomes(third.document["build"]) == {"quickstart": "fresh"}
    assert outcomes(third.document["tests"]) == {"tests.test_quickstart": "fresh"}
    assert third.document["tests"]["calls"] == 0
    assert third.document["pytest"]["passed"] == 8
    assert files_below(project) == after

    edit(project / "quickstart.py", "2. Accents are dropped:", "(Really.) 2. Accents are dropped:")
    ran = started_jaunt.run("build", cwd=project)
    assert ran.code == 3
    assert "this example plays back recorded answers: no model is connected\n" in ran.err
    assert "the specs of `quickstart` (or what they use) changed since" in ran.err
    assert 'provider = "openai"' in ran.err
    assert "OPENAI_API_KEY" in ran.err
    assert "base_url" in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("name", NAMES)
def test_recorded_answers_are_for_the_specs_as_they_stand(name: str) -> None:
    recorded = json.loads((EXAMPLES / name / "recorded/requests.json").read_bytes())
    assert load_script("record_examples").requests_of(EXAMPLES / name) == recorded


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
