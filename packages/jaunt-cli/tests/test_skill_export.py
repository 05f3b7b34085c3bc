from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest

from jaunt_cli import skill_export
from jaunt_cli.commands.build import make_build_parser
from jaunt_cli.commands.test import make_test_parser
from jaunt_cli.exit_codes import ExitCode
from jaunt_cli.main import COMMANDS
from jaunt_core.config.loading import load_config
from jaunt_core.config.models import Config

from .conftest import Project, Ran

FILES = [path.as_posix() for path in skill_export.FILES]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def skill(here: Path, jaunt: Callable[..., Ran]) -> Path:
    assert jaunt("skill", "export")[0] == 0
    return here / "jaunt-skill"


def outcomes(err: str) -> dict[str, str]:
    """The outcome of each file."""
    rows = (row.split(maxsplit=1) for row in err.splitlines() if "jaunt-skill/" in row)
    return {row[1].partition("jaunt-skill/")[2].partition(":")[0]: row[0] for row in rows}


def test_everything_that_is_packaged_is_listed() -> None:
    folder = Path(skill_export.__file__).parent / "skill"
    packaged = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert packaged == set(FILES)


def test_export_and_export_again(skill: Path, jaunt: Callable[..., Ran]) -> None:
    for name in FILES:
        assert (skill / name).read_bytes() == skill_export.packaged_text(PurePosixPath(name))
    assert {path.name for path in skill.iterdir()} == {"SKILL.md", "cursorrules.md", "examples"}
    code, out, err = jaunt("skill", "export")
    assert (code, out, outcomes(err)) == (0, "", dict.fromkeys(FILES, "unchanged"))


def test_dest_is_made(here: Path, jaunt: Callable[..., Ran]) -> None:
    code, _, err = jaunt("skill", "export", "--dest", "some/where")
    assert (code, outcomes(err)) == (0, dict.fromkeys(FILES, "written"))
    assert (here / "some/where/jaunt-skill/SKILL.md").is_file()


def test_changed_files_are_left_alone_unless_forced(skill: Path, jaunt: Callable[..., Ran]) -> None:
    mine = skill / "SKILL.md"
    mine.write_text("mine")
    (skill / "cursorrules.md").unlink()
    code, _, err = jaunt("skill", "export")
    assert code == 2
    assert outcomes(err) == dict.fromkeys(FILES, "unchanged") | {
        "SKILL.md": "refused",
        "cursorrules.md": "written",
    }
    assert "error: a file was left alone\n  hint: pass --force" in err
    assert mine.read_text() == "mine"
    code, _, err = jaunt("skill", "export", "--force")
    assert (code, outcomes(err)["SKILL.md"]) == (0, "replaced")
    assert mine.read_bytes() == skill_export.packaged_text(PurePosixPath("SKILL.md"))


def test_line_ends_are_no_change(skill: Path, jaunt: Callable[..., Ran]) -> None:
    path = skill / "SKILL.md"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert outcomes(jaunt("skill", "export")[2])["SKILL.md"] == "unchanged"


def test_links_are_never_written_through(skill: Path, jaunt: Callable[..., Ran]) -> None:
    elsewhere = skill.parent / "elsewhere"
    elsewhere.write_bytes((skill / "SKILL.md").read_bytes() + b"more")
    before = elsewhere.read_bytes()
    (skill / "SKILL.md").unlink()
    (skill / "SKILL.md").symlink_to(elsewhere)
    code, _, err = jaunt("skill", "export")
    assert (code, outcomes(err)["SKILL.md"]) == (2, "refused")
    assert jaunt("skill", "export", "--force")[0] == 0
    assert not (skill / "SKILL.md").is_symlink()
    assert elsewhere.read_bytes() == before


def test_a_linked_folder_is_refused(skill: Path, jaunt: Callable[..., Ran]) -> None:
    shutil.move(skill / "examples", skill.parent / "theirs")
    (skill / "examples").symlink_to(skill.parent / "theirs")
    code, _, err = jaunt("skill", "export", "--force")
    assert code == 2
    assert "error: jaunt-skill/examples is a link" in err


def test_what_is_no_file_is_refused_even_by_force(skill: Path, jaunt: Callable[..., Ran]) -> None:
    (skill / "SKILL.md").unlink()
    (skill / "SKILL.md").mkdir()
    code, _, err = jaunt("skill", "export", "--force")
    assert (code, outcomes(err)["SKILL.md"]) == (2, "refused")
    assert "it is no file" in err


@pytest.mark.parametrize("name", ["jaunt-skill", "dest"])
def test_a_folder_that_cannot_be_made(here: Path, jaunt: Callable[..., Ran], name: str) -> None:
    (here / name).write_text("in the way")
    code, _, err = jaunt("skill", "export", "--dest", "." if name == "jaunt-skill" else "dest")
    assert code == 2
    assert "cannot be written" in err
    assert (here / name).read_text() == "in the way"


def test_nothing_is_left_behind_by_a_failure(
    skill: Path, jaunt: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, target: Path) -> None:
        raise OSError(28, os.strerror(28))

    (skill / "SKILL.md").unlink()
    monkeypatch.setattr(Path, "replace", refuse)
    assert jaunt("skill", "export")[0] == 2
    assert {path.name for path in skill.iterdir()} == {"cursorrules.md", "examples"}


def test_the_example_config_shows_every_key_with_its_default(skill: Path) -> None:
    path = skill / "examples/jaunt.toml"
    assert load_config(path) == Config()
    text = path.read_text()
    for section, field in Config.model_fields.items():
        model = field.annotation
        for name, entry in getattr(model, "model_fields", {}).items():
            key = entry.alias or name
            assert re.search(rf"^(# )?{key} = ", text, re.MULTILINE), (section, key)


def test_the_skill_tells_of_every_option_code_and_key(skill: Path) -> None:
    text = (skill / "SKILL.md").read_text()
    assert text.startswith("---\nname: jaunt\ndescription: ")
    for parser in (make_build_parser(), make_test_parser()):
        for action in parser._actions:
            assert any(f"`{name}" in text for name in action.option_strings if name != "-h") or (
                "--help" in action.option_strings
            ), action.option_strings
    for command in COMMANDS:
        assert f"\n| `jaunt {command}" in text
    for code in ExitCode:
        assert f"\n| {code.value} | " in text
    for section, field in Config.model_fields.items():
        keys = getattr(field.annotation, "model_fields", {section: None})
        keys = {section: None} if section == "lint" else keys
        assert all(f"`{key}`" in text for key in keys)
    for name in FILES:
        if name.startswith("examples/"):
            assert f"`{name}`" in text


def test_the_code_in_the_skill_is_python(skill: Path) -> None:
    for block in re.findall(r"```python\n(.*?)```", (skill / "SKILL.md").read_text(), re.DOTALL):
        source = f"if True:\n{block}" if block.startswith("    ") else block
        compile(source, "SKILL.md", "exec")


def test_the_examples_are_specs(project: Project, jaunt: Callable[..., Ran]) -> None:
    """A project of the examples is read, planned and answered like any other."""
    for name, place in (
        ("function_spec", "src/shop/prices.py"),
        ("class_spec", "src/shop/stock.py"),
        ("test_spec", "tests/test_prices.py"),
    ):
        text = skill_export.packaged_text(PurePosixPath(f"examples/{name}.py")).decode()
        project.write({place: text})
    code, _, err = jaunt("test", "--no-build", "--no-run")
    assert "test: 1 module to generate" in err
    assert "warning" not in err  # every target and dependency is known
    assert code == 3  # nobody answers
    _, _, err = jaunt("build")
    assert "build: 2 modules to generate" in err
    assert "warning" not in err


def test_an_exported_skill_does_not_disturb_its_project(
    shop: Project, jaunt: Callable[..., Ran]
) -> None:
    (shop.root / "jaunt.toml").write_text(
        (shop.root / "jaunt.toml").read_text().replace('["src"]', '["src", "."]')
    )
    jaunt("skill", "export")
    jaunt("skill", "export", "--dest", "docs")
    assert "build: 2 modules to generate" in jaunt("build")[2]


@pytest.mark.parametrize("mode", ["prepend", "importlib"])
def test_pytest_finds_no_test_in_an_exported_skill(skill: Path, mode: str) -> None:
    command = [sys.executable, "-m", "pytest", f"--import-mode={mode}", "-p", "no:xdist"]
    done = subprocess.run(
        [*command, "-p", "no:asyncio", "-p", "no:cacheprovider", str(skill)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 5, done.stdout
