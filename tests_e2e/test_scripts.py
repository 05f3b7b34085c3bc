"""The scripts that keep the repository in order, run as contributors run them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from grimp import ImportGraph

from .conftest import load_script

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = ROOT / "scripts"


def run_script(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPTS / name), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A copy of all files that state a version."""
    copied = [
        ROOT / "pyproject.toml",
        *ROOT.glob("packages/*/pyproject.toml"),
        *ROOT.glob("packages/*/src/*/__init__.py"),
        *ROOT.glob("packages/*/src/*/version.py"),
    ]
    for path in copied:
        target = tmp_path / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return tmp_path


class TestVersions:
    def test_all_packages_agree(self) -> None:
        done = run_script("versions.py", "check")
        assert done.returncode == 0, done.stdout + done.stderr

    @pytest.mark.parametrize(
        ("version", "pin"), [("0.2.3", "~=0.2.0"), ("1.4.0", "~=1.4.0"), ("1.0.0rc1", "~=1.0.0rc1")]
    )
    def test_set_writes_versions_and_pins(self, workspace: Path, version: str, pin: str) -> None:
        done = run_script("versions.py", "--root", str(workspace), "set", version)
        assert done.returncode == 0, done.stderr
        core = (workspace / "packages/jaunt-core/pyproject.toml").read_text("utf-8")
        assert f'\nversion = "{version}"\n' in core
        assert f'"jaunt-runtime{pin}"' in core
        assert 'name = "jaunt-core"\n' in core
        cli = (workspace / "packages/jaunt-cli/pyproject.toml").read_text("utf-8")
        assert f'openai = ["jaunt-backend-openai{pin}"]' in cli
        init = workspace / "packages/jaunt-core/src/jaunt_core/version.py"
        assert f'__version__ = "{version}"' in init.read_text("utf-8")
        assert 'dependencies = ["jaunt-cli[command,openai]"]' in (
            workspace / "pyproject.toml"
        ).read_text("utf-8")
        assert run_script("versions.py", "--root", str(workspace), "check").returncode == 0

    def test_set_leaves_third_parties_alone(self, workspace: Path) -> None:
        project = workspace / "packages/jaunt-core/pyproject.toml"
        before = [line for line in project.read_text("utf-8").splitlines() if "hatchling>" in line]
        run_script("versions.py", "--root", str(workspace), "set", "9.8.7")
        after = project.read_text("utf-8").splitlines()
        assert before
        assert all(line in after for line in before)

    @pytest.mark.parametrize(
        ("file", "old", "new"),
        [
            ("packages/jaunt-cli/pyproject.toml", 'version = "', 'version = "9'),
            ("packages/jaunt-cli/pyproject.toml", "jaunt-core~=", "jaunt-core>="),
            (
                "packages/jaunt-cli/pyproject.toml",
                "jaunt-backend-command~=0.",
                "jaunt-backend-command~=9.",
            ),
            ("packages/jaunt-runtime/src/jaunt/__init__.py", '__version__ = "', '__version__ = "9'),
        ],
    )
    def test_check_names_the_line(self, workspace: Path, file: str, old: str, new: str) -> None:
        path = workspace / file
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")
        done = run_script("versions.py", "--root", str(workspace), "check")
        assert done.returncode == 1
        line = text[: text.index(old)].count("\n") + 1
        assert done.stdout.startswith(f"{file}:{line}: ")

    def test_set_wants_a_version(self, workspace: Path) -> None:
        done = run_script("versions.py", "--root", str(workspace), "set", "next")
        assert done.returncode == 2
        assert "'next' is no version" in done.stderr


class TestPins:
    def test_section_is_put_into_tool_uv_and_replaced(self) -> None:
        script = load_script("pin_dependencies")
        text = "[tool.uv]\npackage = false\n\n[tool.uv.workspace]\nmembers = []\n"
        once = script.with_section(text, script.render_section(["a==1"], ["b==2 ; x == 'y'"]))
        assert once.index("a==1") < once.index("b==2") < once.index("[tool.uv.workspace]")
        twice = script.with_section(once, script.render_section(["a==2"], []))
        assert "a==1" not in twice
        assert twice.count(script.BEGIN) == 1
        assert twice.endswith("\n\n[tool.uv.workspace]\nmembers = []\n")

    def test_pins_hold_no_address(self) -> None:
        script = load_script("pin_dependencies")
        text = (ROOT / "pyproject.toml").read_text("utf-8")
        section = text[text.index(script.BEGIN) : text.index(script.END)]
        assert "pydantic==" in section
        assert "hatchling==" in section
        assert "://" not in section


def line_of(*parts: str) -> str:
    """A line put together here, so that this file does not break the rules that it tests."""
    return "".join(parts)


class TestTrackedFiles:
    @pytest.mark.parametrize(
        "text",
        [
            line_of("see https://pypi", ".org/project/x"),
            line_of("https://files.python", "hosted.org/x.whl"),
            line_of("url = 'http://1", "0.1.2.3/simple'"),
            line_of("open('/ro", "ot/x')"),
            line_of("cd /ho", "me/me/x"),
            line_of("cd /wo", "rk/x"),
        ],
    )
    def test_addresses_and_machine_paths_are_found(self, text: str) -> None:
        script = load_script("tracked_files")
        assert list(script.breaches_in(script.PurePosixPath("docs/a.md"), text))

    @pytest.mark.parametrize(
        "text",
        [
            "base_url = 'http://localhost:8000/v1'",
            "tmp_path / 'x/home/y'",
            line_of("../wo", "rk/notes"),
            "http://127.0.0.1:1/v1",
        ],
    )
    def test_ordinary_lines_pass(self, text: str) -> None:
        script = load_script("tracked_files")
        assert not list(script.breaches_in(script.PurePosixPath("docs/a.md"), text))

    def test_packages_do_not_look_at_the_test_run(self) -> None:
        script = load_script("tracked_files")
        line = line_of("os.environ.get('", "CI')")
        inside = script.PurePosixPath("packages/jaunt-cli/src/jaunt_cli/main.py")
        assert list(script.breaches_in(inside, line))
        assert not list(script.breaches_in(script.PurePosixPath("tests_e2e/test_x.py"), line))


class TestNames:
    def test_vague_names_are_counted_where_they_are_bound_and_used(self, tmp_path: Path) -> None:
        (tmp_path / "m.py").write_text(
            "def total(found):\n"
            "    for item in found:\n"
            "        print(item)\n"
            "    return [\n        item\n        for item in found\n    ]\n",
            "utf-8",
        )
        counts, lines = load_script("names").vague_names_in(tmp_path)
        assert (counts, lines) == ({"found": 3, "item": 4}, 7)

    def test_one_line_comprehensions_are_left_out(self, tmp_path: Path) -> None:
        (tmp_path / "m.py").write_text("names = [item.name for item in modules]\n", "utf-8")
        assert load_script("names").vague_names_in(tmp_path) == ({}, 1)


class TestCheck:
    def test_all_steps_run_and_the_failed_ones_are_named(self, tmp_path: Path) -> None:
        uv = tmp_path / "uv"
        uv.write_text('#!/bin/sh\necho "uv $*"\n[ "$2" != ty ]\n', "utf-8")
        uv.chmod(0o755)
        done = subprocess.run(
            [sys.executable, "-m", "scripts.checks"],
            cwd=ROOT,
            env={"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert "uv run ty check" in done.stdout
        assert "uv run pytest" in done.stdout
        assert done.stdout.endswith("failed: types\n")

    def test_an_unknown_interpreter_is_told(self, tmp_path: Path) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "scripts.checks", "--python", str(tmp_path / "python9")],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 2
        assert "python9 on this machine" in done.stderr


class TestImportContracts:
    def graph(self) -> ImportGraph:
        graph = ImportGraph()
        for module in ("app", "app.room", "app.room.table"):
            graph.add_module(module)
        for module in ("json", "rich", "pydantic"):
            graph.add_module(module, is_squashed=True)
        for imported in ("json", "pydantic", "app.room"):
            graph.add_import(
                importer="app", imported=imported, line_number=1, line_contents="import it"
            )
        return graph

    def test_allow_list_stops_what_is_not_listed(self) -> None:
        script = load_script("import_contracts")
        graph = self.graph()
        contract = script.AllowListContract(
            name="", session_options={}, contract_options={"source": "app", "allowed": ["pydantic"]}
        )
        assert contract.check(graph, verbose=False).kept
        graph.add_import(
            importer="app.room.table", imported="rich", line_number=7, line_contents="import rich"
        )
        check = contract.check(graph, verbose=False)
        assert not check.kept
        assert [str(item.lines) for item in check.metadata["violations"]] == ["(7,)"]

    def test_one_way_down_stops_imports_of_ancestors(self) -> None:
        script = load_script("import_contracts")
        graph = self.graph()
        contract = script.OneWayDownContract(name="", session_options={}, contract_options={})
        assert contract.check(graph, verbose=False).kept
        graph.add_import(
            importer="app.room.table", imported="app", line_number=3, line_contents="import app"
        )
        assert not contract.check(graph, verbose=False).kept

    def test_public_faces_stop_what_goes_deeper(self) -> None:
        script = load_script("import_contracts")
        graph = self.graph()
        graph.add_module("plugin.main")
        graph.add_module("plugin")
        graph.add_import(
            importer="plugin.main", imported="app.room", line_number=1, line_contents="import app"
        )
        options = {"importers": ["plugin"], "package": "app", "faces": ["app.room"]}
        contract = script.PublicFacesContract(name="", session_options={}, contract_options=options)
        assert contract.check(graph, verbose=False).kept
        graph.add_import(
            importer="plugin", imported="app.room.table", line_number=2, line_contents="import app"
        )
        check = contract.check(graph, verbose=False)
        assert [violation.importer for violation in check.metadata["violations"]] == ["plugin"]
