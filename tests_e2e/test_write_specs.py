"""The page about specs: its code is built, its claims are tried."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

import pytest

from jaunt_core import (
    BuildOptions,
    TestOptions,
    build,
    inspect_project,
    lint_project,
    load_project,
    run_tests,
)
from jaunt_core.model.report import TestReport
from jaunt_core.testing import ScriptedBackend, loader_of

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs/how-to/write-specs.md").read_text("utf-8")

_FILE = re.compile(r"^```python\n(# (\S+\.py)\n.*?)^```$", re.MULTILINE | re.DOTALL)
_BODY = re.compile(r"^\| (`[^|]+`|docstring only) ((?:\| (?:fine|error) )+)\|$", re.MULTILINE)

ANSWERS = {
    "shop.prices": """
import datetime as dt
from decimal import Decimal as D

from shop.errors import SoldOut
from shop.prices import RATE, today


def price(count: int, on: dt.date) -> D:
    if count < 0:
        raise ValueError(count)
    if count > 100:
        raise SoldOut
    return count * RATE / (2 if on.weekday() == 6 else 1)


def label(count: int) -> str:
    day = today()
    return f"{price(count, day)} on {day.isoformat()}"
""",
    "shop.kept": """
from shop.errors import SoldOut
from shop.prices import RATE

_sold: list[int] = []


def buy(count: int) -> None:
    if count > 3:
        raise SoldOut(count * RATE)
    _sold.append(count)


def sell(count: int) -> None:
    if count > sum(_sold):
        raise SoldOut
    _sold.append(-count)
""",
    "shop.batches": """
from collections.abc import AsyncIterator, Iterator


def batches(words: list[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(words), size):
        yield words[start : start + size]


async def lines(url: str) -> AsyncIterator[str]:
    for line in url.splitlines():
        yield line
""",
    "shop.stock": """
from __future__ import annotations

from dataclasses import dataclass

from shop.stock import Counter


@dataclass(frozen=True)
class Lot:
    kind: str
    pieces: int = 1

    def split(self, pieces: int) -> tuple[Lot, Lot]:
        if not 0 < pieces < self.pieces:
            raise ValueError(pieces)
        return Lot(self.kind, pieces), Lot(self.kind, self.pieces - pieces)


class Stock(Counter):
    def __init__(self) -> None:
        self._lots: list[Lot] = []

    def put(self, lot: Lot) -> None:
        self._lots.append(lot)
        self.use()

    @property
    def pieces(self) -> int:
        return sum(lot.pieces for lot in self._lots)

    def close(self) -> None:
        pass
""",
    "shop.words": """
from collections import Counter


def slug(text: str, limit: int = 80) -> str:
    if limit < 0:
        raise TypeError(limit)
    result = "-".join(text.lower().split())
    if len(result) > limit:
        raise ValueError("too long")
    return result


def letters(text: str) -> dict[str, int]:
    return Counter(reversed(text))
""",
    "shop.cached": """
def fib(n: int) -> int:
    return n if n < 2 else fib(n - 1) + fib(n - 2)
""",
    "shop.clock": """
from shop.clock import now as _now


def stamp() -> str:
    return _now().isoformat(timespec="seconds")


def line(text: str) -> str:
    return f"{stamp()} {text}"
""",
    "tests.test_stock": """
import pytest

from shop.stock import Lot, Stock


def test_pieces_of_all_lots_are_added(stock: Stock) -> None:
    stock.put(Lot("coffee", 2))
    assert stock.pieces == 7


@pytest.mark.parametrize("pieces", [0, -1, 5, 6])
def test_a_lot_cannot_be_split_into_nothing(pieces: int) -> None:
    with pytest.raises(ValueError):
        Lot("tea", 5).split(pieces)


def test_closing_an_empty_stock() -> None:
    Stock().close()
""",
}


# Each is the right answer but for one thing, which an example or a line of the docstring shows.
WRONG = (
    ('"-".join(', '" ".join('),
    ("too long", "much too long"),
    ("TypeError(limit)", "KeyError(limit)"),
    (
        "Counter(reversed(text))",
        "{letter: True + (letter != 'z') for letter in text[:3]} | {'a': 3}",
    ),
)


def write_page(root: Path) -> None:
    """Write the files of the page, and what makes them a project."""
    files = {name: code for code, name in _FILE.findall(PAGE)}
    files |= {"shop/__init__.py": "", "tests/__init__.py": ""}
    files["jaunt.toml"] = 'version = 1\n[paths]\nsource_roots = ["."]\ntest_roots = ["tests"]\n'
    for name, text in files.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text, "utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """The project of the page after `jaunt test`."""

    root: Path
    report: TestReport
    prompts: dict[str, str]

    def python(self, *arguments: str) -> str:
        """What a Python that stands in the project prints."""
        command = [sys.executable, "-P", *arguments]
        environ = {"PYTHONPATH": str(self.root), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        done = subprocess.run(
            command, cwd=self.root, env=environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    root = tmp_path_factory.mktemp("specs")
    write_page(root)
    backend = ScriptedBackend({name: [code] for name, code in ANSWERS.items()})
    report = run_tests(
        load_project(root=root),
        TestOptions(),
        sink=lambda event: None,
        environ={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        load=loader_of(backend),
    )
    prompts = {
        request.context.spec_module: "\n".join(message.text for message in request.messages)
        for request in backend.requests
    }
    return Built(root=root, report=report, prompts=prompts)


def test_the_page_is_built_and_tested(built: Built) -> None:
    assert built.report.build is not None
    reports = (*built.report.build.modules, *built.report.tests.modules)
    assert [(report.module, report.failure) for report in reports if report.failure] == []
    assert not [report.unjudged for report in reports if report.unjudged]
    assert built.report.pytest is not None
    assert built.report.pytest.ok
    assert sorted(built.prompts) == sorted(ANSWERS)


def test_the_model_sees_what_the_page_says(built: Built) -> None:
    shown = built.prompts["shop.prices"]
    for line in ("import datetime as dt", "from decimal import Decimal as D", 'RATE = D("0.25")'):
        assert line in shown
    assert 'def today() -> dt.date:\n    """Return the day in UTC."""\n```' in shown
    assert "shop.errors:SoldOut (defined in shop.errors)" in shown
    assert "# price first, then the day in ISO form" in shown
    assert not re.search("audit|_BONUS", shown)
    assert "five pieces of tea" in built.prompts["tests.test_stock"]
    assert "sum(lot.pieces" not in built.prompts["tests.test_stock"]


def test_the_linter_has_nothing_against_the_page(built: Built) -> None:
    report = lint_project(load_project(root=built.root), environ={})
    assert [finding.message for finding in report.findings] == []


def test_each_example_stops_wrong_answers(built: Built, tmp_path: Path) -> None:
    spec = (built.root / "shop/words.py").read_text("utf-8")
    right = ANSWERS["shop.words"]
    prompt = '>>> slug("Two  Words")\n    '
    assert prompt in spec
    row = next(line for line in PAGE.splitlines() if line.startswith('| `slug("A b") == "a-b"`'))
    notations = ["==", *re.findall(r"`([^`\w]+|returns)`", row.partition(" | ")[0])]
    assert len(notations) == 5
    specs = {f"words_{number}": spec for number in range(len(WRONG))}
    wrong = {name: right.replace(*change) for name, change in zip(specs, WRONG, strict=True)}
    assert right not in wrong.values()
    for number, notation in enumerate(notations):
        name = f"notation_{number}"
        specs[name] = spec.replace(prompt, f'slug("Two  Words") {notation} ')
        wrong[name] = wrong["words_0"]
    for name, text in specs.items():
        (tmp_path / f"{name}.py").write_text(text, "utf-8")
    (tmp_path / "jaunt.toml").write_text("version = 1\n[build]\nattempts = 1\n")
    report = build(
        load_project(root=tmp_path),
        BuildOptions(),
        sink=lambda event: None,
        environ={},
        load=loader_of(ScriptedBackend({name: [code] for name, code in wrong.items()})),
    )
    codes = {
        module.module: {finding.code for finding in module.failure.findings}
        for module in report.modules
        if module.failure
    }
    expected = {name: {"example-failed"} for name in specs}
    assert codes == expected | {"words_2": {"raises-missing"}}


def test_the_linter_says_what_the_page_says(built: Built, tmp_path: Path) -> None:
    files = {path.name: path.read_text("utf-8") for path in (built.root / "shop").glob("*.py")}
    turned = "@dataclass(frozen=True)\n@jaunt.magic()"
    changes = (
        ("prices.py", "        SoldOut: If", "        SoldAll: If"),
        ("words.py", "import jaunt\n", "import jaunt\nfrom shop.errors import SoldOut\n"),
        ("stock.py", "@jaunt.magic()\n@dataclass(frozen=True)", turned),
    )
    (tmp_path / "shop").mkdir()
    (tmp_path / "jaunt.toml").write_text("version = 1\n")
    for name, before, after in changes:
        assert before in files[name]
        files[name] = files[name].replace(before, after)
    for name, text in files.items():
        (tmp_path / "shop" / name).write_text(text, "utf-8")
    report = lint_project(load_project(root=tmp_path), environ={})
    codes = {(finding.path.name, finding.code.value) for finding in report.findings}
    expected = ("unknown-name", "unseen-import", "decorator-order")
    assert codes == {(change[0], code) for change, code in zip(changes, expected, strict=True)}


def test_how_an_empty_body_is_spelt_does_not_count(built: Built) -> None:
    words = built.root / "shop/words.py"
    text = words.read_text("utf-8")
    states = []
    for body in ("raise NotImplementedError", "...", "pass", "", "# at last\n    ..."):
        words.write_text(text.replace("raise NotImplementedError", body), "utf-8")
        inspection = inspect_project(load_project(root=built.root), environ={})
        states.append([module.name for module in inspection.modules if module.reasons])
    words.write_text(text, "utf-8")
    assert states == [[], [], [], [], ["shop.words"]]


def test_names_stand_where_the_page_says(built: Built) -> None:
    code = """
        import inspect, typing
        from shop import batches, cached, stock
        assert inspect.isgeneratorfunction(batches.batches)
        assert inspect.isasyncgenfunction(batches.lines)
        assert list(batches.batches(["a", "b", "c"], 2)) == [["a", "b"], ["c"]]
        assert cached.fib(9) == 34 and cached.fib.cache_info().misses == 1
        assert typing.get_type_hints(stock.Lot) == {"kind": str, "pieces": int}
        assert typing.get_type_hints(stock.Lot.split)["return"] == tuple[stock.Lot, stock.Lot]
        assert stock.Stock.__mro__[1] is stock.Counter
    """
    built.python("-c", textwrap.dedent(code))


def test_mocks_reach_generated_code(built: Built) -> None:
    printed = built.python("-m", "pytest", "-q", "tests/test_clock_by_hand.py")
    assert "2 passed" in printed


@pytest.mark.skipif(shutil.which("ruff") is None, reason="ruff is not installed")
def test_imports_that_stay(built: Built, tmp_path: Path) -> None:
    code = (built.root / "shop/kept.py").read_text("utf-8")
    without = code.replace("(deps=SoldOut)", "()").replace("  # noqa: F401", "")
    texts = {"kept.py": code, "removed.py": without}
    for name, text in texts.items():
        (tmp_path / name).write_text(text, "utf-8")
    fix = ["ruff", "check", "--isolated", "--no-cache", "--select", "F401", "--fix", "-q", "."]
    subprocess.run(fix, cwd=tmp_path, check=True)
    assert (tmp_path / "kept.py").read_text("utf-8") == code
    assert "from shop" not in (tmp_path / "removed.py").read_text("utf-8")


BODIES = {
    cell.strip("`"): verdicts.strip("| ").split(" | ") for cell, verdicts in _BODY.findall(PAGE)
}
CHECKERS = {
    "mypy": ("mypy", "--strict", "--no-incremental"),
    "pyright": ("pyright",),
    "ty": ("ty", "check"),
    "pyrefly": ("pyrefly", "check"),
}
SPEC = '''
import jaunt


@jaunt.magic()
def spec() -> {result}:
    """Return what is wanted."""
    {body}
'''


@pytest.mark.parametrize("checker", CHECKERS)
def test_bodies_are_judged_as_the_table_says(checker: str, tmp_path: Path) -> None:
    if shutil.which(checker) is None:
        pytest.skip(f"{checker} is not installed")
    column = list(CHECKERS).index(checker)
    expected = {
        f"{result}_{number}.py": verdicts[column] if result == "int" else "fine"
        for number, verdicts in enumerate(BODIES.values())
        for result in ("int", "None")
    }
    for number, body in enumerate(BODIES):
        written = "" if body == "docstring only" else body
        for result in ("int", "None"):
            text = SPEC.format(result=result, body=written)
            (tmp_path / f"{result}_{number}.py").write_text(text, "utf-8")
    (tmp_path / "pyrefly.toml").write_text("")
    command = [*CHECKERS[checker], *expected]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert {name: "error" if name in done.stdout else "fine" for name in expected} == expected
    assert len(BODIES) == 4
