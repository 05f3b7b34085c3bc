"""The documentation says what the code does."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from jaunt_backend_command.settings import CommandSettings
from jaunt_backend_openai.settings import OpenAISettings
from jaunt_cli.words.module_state import State
from jaunt_core.config.models import Config, PriceConfig
from jaunt_core.findings.codes import FindingCode
from jaunt_core.model.lint import LintCode
from jaunt_core.model.plan import Action
from jaunt_core.model.reason import ReasonKind
from jaunt_core.model.report import Outcome

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("packages/*/README.md"), *DOCS.rglob("*.md")])
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
_OUR_FILE = re.compile(r"`((?:packages|scripts|tests_e2e)/[\w./-]*)")
_FIRST_CELL = re.compile(r"^\| `([^`]+)` \|", re.MULTILINE)
_FENCE = re.compile(r"^ *```(\w+)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)


def cells_of(page: str) -> list[str]:
    """The names that the tables of a reference page explain."""
    return _FIRST_CELL.findall((DOCS / "reference" / page).read_text("utf-8"))


def explained_findings() -> Iterator[tuple[str, str, str]]:
    """Section, code and meaning of each row of the page about findings."""
    anchor = ""
    for line in (DOCS / "reference/findings.md").read_text("utf-8").splitlines():
        row = re.fullmatch(r"\| `([^`]+)` \| (.*) \|", line)
        if line.startswith("## "):
            anchor = line.removeprefix("## ").lower().replace(" ", "-")
        elif row:
            yield anchor, row[1], row[2]


def finding_codes_in(source: str) -> set[str]:
    """What stands for the code where findings are made: `CODE.finding(…)`, `Finding(code=CODE)`."""
    codes = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute) and node.func.attr == "finding":
                codes.add(ast.unparse(node.func.value))
            elif isinstance(node.func, ast.Name) and node.func.id == "Finding":
                codes |= {ast.unparse(word.value) for word in node.keywords if word.arg == "code"}
    return codes


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    targets = _LINK.findall(page.read_text("utf-8"))
    relative = [target for target in targets if "://" not in target]
    assert [target for target in relative if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_of_the_repository_exist(page: Path) -> None:
    named = _OUR_FILE.findall(page.read_text("utf-8"))
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_examples_parse(page: Path) -> None:
    for language, code in _FENCE.findall(page.read_text("utf-8")):
        if language == "python":
            ast.parse(code)
        elif language == "toml":
            tomllib.loads(code)


def test_all_findings_are_explained() -> None:
    rows = list(explained_findings())
    assert [(anchor, code) for anchor, code, _ in rows] == [
        (code.anchor, code.value) for code in FindingCode
    ]
    for _, code, text in rows:
        meaning = FindingCode(code).meaning
        assert text.startswith(meaning)
        assert text.removeprefix(meaning)[:1] in ("", ",", ":", ";")  # more may follow


def test_all_findings_have_a_code_of_the_list() -> None:
    folder = ROOT / "packages/jaunt-core/src/jaunt_core"
    # codes.py makes them all, answers.py reads back what was stored, by whatever version.
    sources = [path for path in folder.rglob("*.py") if path.name not in {"codes.py", "answers.py"}]
    codes = set().union(*(finding_codes_in(path.read_text("utf-8")) for path in sources))
    assert codes == {f"FindingCode.{code.name}" for code in FindingCode}


def test_all_that_the_linter_says_is_explained() -> None:
    assert cells_of("lint.md") == [code.value for code in LintCode]


def test_all_keys_of_the_configuration_are_explained() -> None:
    sections: list[type[BaseModel]] = [
        type(section) for section in dict(Config()).values() if isinstance(section, BaseModel)
    ]
    models = [*sections, PriceConfig, OpenAISettings, CommandSettings]
    fields = [item for model in models for item in model.model_fields.items()]
    keys = ["version", *(field.alias or name for name, field in fields)]
    found = [cell for cell in cells_of("configuration.md") if not cell.startswith("{{")]
    assert sorted(found) == sorted(keys)


def test_the_configuration_shown_is_the_default() -> None:
    text = (DOCS / "reference/configuration.md").read_text("utf-8")
    shown = next(code for language, code in _FENCE.findall(text) if language == "toml")
    assert Config.model_validate(tomllib.loads(shown)) == Config()


def test_all_placeholders_are_explained() -> None:
    source = (ROOT / "packages/jaunt-core/src/jaunt_core/planning/prompt.py").read_text("utf-8")
    values = next(
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef) and node.name == "_values"
    )
    table = next(node for node in ast.walk(values) if isinstance(node, ast.Dict))
    names = [key.value for key in table.keys if isinstance(key, ast.Constant)]
    found = [cell[2:-2] for cell in cells_of("configuration.md") if cell.startswith("{{")]
    assert sorted(found) == sorted(str(name) for name in names)


def test_all_header_fields_are_explained() -> None:
    source = (ROOT / "packages/jaunt-core/src/jaunt_core/contracts/header.py").read_text("utf-8")
    written = re.findall(r'^\s+\("(\w+)", ', source, re.MULTILINE)
    found = [cell for cell in cells_of("header.md") if "/" not in cell]
    assert found == [*written, "spec"]


def test_all_keys_of_the_json_are_explained() -> None:
    """Those of the objects that are printed, and the values of their kinds, states and actions."""
    explained = set(re.findall(r"`([^`]+)`", (DOCS / "reference/json.md").read_text("utf-8")))
    folder = ROOT / "packages/jaunt-cli/src/jaunt_cli/wire"
    keys = {
        str(key.value)
        for path in folder.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant)
    }
    kinds = (Action, Outcome, ReasonKind, State)
    values = {str(value) for kind in kinds for value in kind}
    assert sorted((keys | values) - explained) == []


def test_the_command_reference_is_current() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts/cli_reference.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
