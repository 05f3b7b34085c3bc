"""What contributors, and authors of programs, are told: all that is named exists, all code runs."""

from __future__ import annotations

import ast
import pkgutil
import re
from collections.abc import Iterator, Mapping
from configparser import ConfigParser
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from .conftest import copy_example

ROOT = Path(__file__).resolve().parents[1]
GUIDE = ROOT / "docs" / "contributing.md"
CORE = ROOT / "packages" / "jaunt-core" / "README.md"
TEXT = re.sub(r"^```.*?^```$", "", GUIDE.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
PACKAGES = {path.name: path for path in ROOT.glob("packages/*/src/*") if path.is_dir()}
# What users have and we have not.
THEIRS = (".jaunt/", "dist/", "jaunt.toml", "skill/")

_SPAN = re.compile(r"`([^`\n]+)`")
_PLACE = re.compile(
    r"(?P<path>[\w./-]*(?:/|\.(?:json|md|py|toml|txt)\b)[\w./-]*)(?::(?P<symbol>[\w.]+))?"
)
_CODE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_DRAWN = re.compile(r"^```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ROW = re.compile(r"^\| (?:(?P<layer>\d*) ?\| )?`(?P<room>\w+(?:/|\.py))` \| ", re.MULTILINE)


def section(heading: str) -> str:
    """What stands below a heading, to the next one."""
    _, _, rest = TEXT.partition(f"\n{heading}\n")
    assert rest, heading
    return re.split(r"^##", rest, maxsplit=1, flags=re.MULTILINE)[0]


def without_map() -> str:
    """The guide without the tables of rooms, which name these by themselves."""
    before, _, rest = TEXT.partition("\n## The rooms\n")
    rooms, heading, after = rest.partition("\n## The words\n")
    assert heading
    return before + _ROW.sub("", rooms) + after


def places_in(text: str) -> Iterator[tuple[str, str]]:
    """Each path in backticks that is to exist, and the symbol behind it, maybe empty."""
    for span in _SPAN.findall(text):
        place = _PLACE.fullmatch(span)
        if place and not span.startswith(THEIRS):
            yield place["path"], place["symbol"] or ""


def resolve(path: str) -> Path:
    """The file or folder that the guide means."""
    first, _, rest = path.partition("/")
    return PACKAGES[first] / rest if first in PACKAGES else ROOT / path


@cache
def symbols_of(path: Path) -> frozenset[str]:
    """The functions, classes and variables of a module, and `Class.member` for those of classes."""
    return frozenset(_defined_names(ast.parse(path.read_text("utf-8")).body, ""))


def _defined_names(body: list[ast.stmt], prefix: str) -> Iterator[str]:
    for node in body:
        match node:
            case ast.ClassDef(name=name):
                yield prefix + name
                yield from _defined_names(node.body, f"{prefix}{name}.")
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield prefix + name
            case ast.Assign(targets=targets):
                yield from (prefix + item.id for item in targets if isinstance(item, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield prefix + name
            case _:
                pass


def layers_of(package: str) -> Mapping[str, str]:
    """The layer of each room of a package, counted from 1, as `.importlinter` has them."""
    parser = ConfigParser()
    parser.read(ROOT / ".importlinter", "utf-8")
    for name in parser.sections():
        if parser[name].get("containers", "").strip() == package:
            layers = parser[name]["layers"].strip().splitlines()
            return {
                room.strip(): str(number)
                for number, layer in enumerate(layers, start=1)
                for room in layer.split("|")
            }
    return {}


def rooms_of(folder: Path) -> set[str]:
    """The modules of a package, and its folders, with a slash at the end."""
    modules = {path.name for path in folder.glob("*.py")} - {"__init__.py", "__main__.py"}
    folders = {f"{path.name}/" for path in folder.iterdir() if path.is_dir()}
    return modules | folders - {"__pycache__/"}


def test_all_files_and_symbols_exist() -> None:
    missing = []
    for path, symbol in places_in(without_map()):
        place = resolve(path)
        exists = place.is_dir() if path.endswith("/") else place.exists()
        if not exists or (symbol and symbol not in symbols_of(place)):
            missing.append(f"{path}:{symbol}" if symbol else path)
    assert not missing, "\n".join(missing)


def test_all_calls_on_the_way_exist() -> None:
    calls = re.findall(r"(\w+/\w+\.py):(\w+)", "".join(_DRAWN.findall(GUIDE.read_text("utf-8"))))
    assert len(calls) >= 10
    for path, name in calls:
        names = symbols_of(PACKAGES["jaunt_core"] / path)
        assert name in {symbol.rpartition(".")[2] for symbol in names}, path


def test_all_public_names_can_be_imported() -> None:
    names = {span for span in _SPAN.findall(TEXT) if re.fullmatch(r"jaunt_\w+(\.[a-z_]+)*", span)}
    assert {"jaunt_core", "jaunt_core.backend", "jaunt_core.testing"} <= names
    for name in names:
        pkgutil.resolve_name(name)


@pytest.mark.parametrize("package", [*PACKAGES, "jaunt_core/worker", "jaunt_core/trial"])
def test_all_rooms_are_on_the_map(package: str) -> None:
    rows = [(row["room"], row["layer"] or "") for row in _ROW.finditer(section(f"### `{package}`"))]
    layers = layers_of(package.replace("/", "."))
    assert {room for room, _ in rows} == rooms_of(resolve(package))
    assert {
        room.removesuffix("/").removesuffix(".py"): layer for room, layer in rows if layer
    } == layers
    assert len(rows) == len(dict(rows))


def test_the_table_says_of_enough_where_it_is() -> None:
    rows = [line for line in section("## Where is what").splitlines() if line.startswith("| ")]
    answers = [row.split(" | ")[1] for row in rows]
    assert sum(any(symbol for _, symbol in places_in(answer)) for answer in answers) >= 25


def test_the_test_in_the_guide_passes(tmp_path: Path) -> None:
    (code,) = _CODE.findall(GUIDE.read_text("utf-8"))
    namespace: dict[str, Any] = {}
    exec(code, namespace)
    namespace["test_an_answer_lands"](tmp_path)


@pytest.mark.parametrize("face", ["jaunt_core", "jaunt_core.backend", "jaunt_core.testing"])
def test_the_readme_of_core_has_all_public_names(face: str) -> None:
    _, _, rest = CORE.read_text("utf-8").partition(f"\n## `{face}`")
    rows = re.findall(r"^\| (`.*?) \| ", rest.partition("\n## ")[0], re.MULTILINE)
    names = [name for row in rows for name in _SPAN.findall(row)]
    assert sorted(names) == sorted(import_module(face).__all__)


def test_the_program_in_the_readme_of_core_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    copy_example("quickstart", tmp_path / "docs" / "examples")
    monkeypatch.chdir(tmp_path)
    (code,) = _CODE.findall(CORE.read_text("utf-8"))
    exec(code, {})
    assert capsys.readouterr().out == "quickstart generated\nfine\n"


@pytest.mark.parametrize("package", PACKAGES)
def test_readmes_name_what_there_is(package: str) -> None:
    readme = PACKAGES[package].parents[1] / "README.md"
    for name in re.findall(r"\bjaunt_\w+(?:\.\w+)+", readme.read_text("utf-8")):
        pkgutil.resolve_name(name)
