"""Generated tests on trial: what they let through, and what must not count against them."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Callable, Mapping

import pytest

from jaunt_core.config.loading import Project
from jaunt_core.engine.tester import TestOptions, run_tests
from jaunt_core.findings.wrong_implementations import Mistake
from jaunt_core.model.report import TestReport
from jaunt_core.testing import ScriptedBackend, loader_of

MakeProject = Callable[..., Project]

CODE = '''
    import functools
    from collections.abc import AsyncIterator, Iterator

    import jaunt

    @jaunt.magic
    def total(prices: list[int], *, rate: int = 0) -> int:
        """Return the sum."""
        raise NotImplementedError

    @jaunt.magic
    def is_even(value: int) -> bool:
        """Tell whether it is even."""
        raise NotImplementedError

    @functools.cache
    @jaunt.magic
    def doubled(value: int) -> int:
        """Return twice the value."""
        raise NotImplementedError

    @jaunt.magic
    def check(value: int) -> None:
        """Raise ValueError where it is negative."""
        raise NotImplementedError

    @jaunt.magic
    def numbers(limit: int) -> Iterator[int]:
        """Yield the numbers below."""
        yield 0

    @jaunt.magic
    async def fetch(value: int) -> int:
        """Return the value."""
        raise NotImplementedError

    @jaunt.magic
    class Book:
        """A book."""

        def __init__(self, title: str) -> None:
            """Open it."""
            raise NotImplementedError

        @property
        def name(self) -> str:
            """Return the title."""
            raise NotImplementedError

        @classmethod
        def of(cls, text: str) -> "Book":
            """Read it."""
            raise NotImplementedError
    '''
RIGHT = """
    from collections.abc import Iterator

    def total(prices: list[int], *, rate: int = 0) -> int:
        return sum(prices) + rate

    def is_even(value: int) -> bool:
        return value % 2 == 0

    def doubled(value: int) -> int:
        return 2 * value

    def check(value: int) -> None:
        if value < 0:
            raise ValueError(value)

    def numbers(limit: int) -> Iterator[int]:
        yield from range(limit)

    async def fetch(value: int) -> int:
        return value

    class Book:
        def __init__(self, title: str) -> None:
            self._title = title

        @property
        def name(self) -> str:
            return self._title

        @classmethod
        def of(cls, text: str) -> "Book":
            return cls(text)
    """
CONFTEST = """
    import os
    import pytest
    from shop import Book

    @pytest.fixture
    def book() -> Book:
        return Book("Emma")

    @pytest.fixture(autouse=True)
    def nowhere(tmp_path, monkeypatch) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "file").write_text("here")
    """
FORGING = """
import os
import stat
for number in range(3, 64):
    try:
        if stat.S_ISFIFO(os.fstat(number).st_mode):
            os.write(number, b'{}\\n')
    except OSError:
        pass
"""
NAMES = "Book, check, doubled, fetch, is_even, numbers, total"


def run(
    project: Project, answers: Mapping[str, str], *, tests: bool = False
) -> tuple[TestReport, dict[str, list[str]]]:
    """Build code and tests; the findings of each module by name."""
    texts = {name: [textwrap.dedent(text).lstrip()] for name, text in answers.items()}
    report = run_tests(
        project,
        TestOptions(run=tests),
        sink=lambda _: None,
        environ={"PATH": os.environ["PATH"], "SECRET": "canary"},
        load=loader_of(ScriptedBackend(texts)),
    )
    assert report.build is not None
    modules = (*report.build.modules, *report.tests.modules)
    codes = {
        module.module: [f"{finding.code} {finding.line}" for finding in module.failure.findings]
        for module in modules
        if module.failure
    }
    return report, codes


def spec_of(tests: str, targets: str = f"[{NAMES}]") -> str:
    """Test specs for tests as they are written."""
    lines = ["import jaunt", f"from shop import {NAMES}"]
    for line in textwrap.dedent(tests).splitlines():
        if line.startswith(("def test_", "async def test_")):
            lines += [f"@jaunt.test(targets={targets})", line, '    """Test it."""']
    return "\n".join(lines) + "\n"


GOOD = {
    "plain": """
        def test_total() -> None:
            assert total([1, 2]) == 3
        def test_none() -> None:
            assert total([], rate=0) == 0
        """,
    "does_not_raise": """
        def test_fine() -> None:
            check(5)
        """,
    "raises": """
        import pytest
        def test_negative() -> None:
            with pytest.raises(ValueError):
                check(-1)
        def test_anything() -> None:
            with pytest.raises(Exception):
                check(-1)
        """,
    "parametrized": """
        import pytest
        @pytest.mark.parametrize(("value", "even"), [(1, False), (2, True)])
        def test_even(value: int, even: bool) -> None:
            assert is_even(value) is even
        @pytest.mark.parametrize("value", [1, 3])
        def test_odd(value: int) -> None:
            assert not is_even(value)
        """,
    "decorated": """
        def test_kept() -> None:
            doubled.cache_clear()
            assert doubled(300) is doubled(300)
            assert doubled.cache_info().hits == 1
        """,
    "fixtures": """
        def test_name(book) -> None:
            assert book.name == "Emma"
        def test_file(tmp_path) -> None:
            (tmp_path / "x").write_text(Book.of("Emma").name)
            assert (tmp_path / "x").read_text() == "Emma"
        """,
    "lazy": """
        def test_numbers() -> None:
            assert list(numbers(3)) == [0, 1, 2]
        def test_no_numbers() -> None:
            assert not list(numbers(0))
        """,
    "anyio": """
        import asyncio
        import pytest
        @pytest.mark.anyio
        async def test_fetch() -> None:
            assert await fetch(3) == 3
        def test_run() -> None:
            assert asyncio.run(fetch(3)) == 3
        """,
    "approximate": """
        import pytest
        def test_about() -> None:
            assert total([1]) == pytest.approx(1.0)
        def test_type() -> None:
            assert isinstance(total([1]), int)
        def test_forgiving() -> None:
            try:
                value = total([2])
            except RuntimeError:
                value = 2
            assert value == 2
        """,
    "skipped": """
        import pytest
        def test_maybe() -> None:
            if is_even(2):
                pytest.skip("not today")
            assert total([1]) == 1
        """,
    "own_error": """
        def test_typo() -> None:
            assert total([1]) == total.missing
        """,
    "hangs": """
        def test_waits() -> None:
            while not is_even(2):
                pass
            assert is_even(2)
        """,
}


# Those that say most about the plugins of a project, which take long to load.
WITH_PLUGINS = ("plain", "anyio")


@pytest.mark.parametrize("plugins", [True, False])
def test_good_tests_land_and_run(plugins: bool, make_project: MakeProject) -> None:
    files = {"shop.py": CODE, "tests/conftest.py": CONFTEST}
    options = "-x -n 2 --strict-markers" if plugins else "-x --strict-markers"
    files["pytest.ini"] = f"[pytest]\naddopts = {options}\nfilterwarnings = error\n"
    answers = {"shop": RIGHT}
    for name, tests in GOOD.items():
        if (name in WITH_PLUGINS) is plugins:
            targets = "[doubled]" if name == "decorated" else f"[{NAMES}]"
            files[f"tests/test_{name}.py"] = spec_of(tests, targets)
            answers[f"tests.test_{name}"] = f"from shop import {NAMES}\n{textwrap.dedent(tests)}"
    config = "[test]\nrun_trials = true\n" if plugins else ""
    report, codes = run(make_project(files, config), answers)

    assert codes == {}
    assert report.tests.warnings == ()


ONCE = "[build]\nattempts = 1\n"
VACUOUS = """
    import pytest

    def test_is_there() -> None:
        assert callable(total)

    def test_swallows() -> None:
        try:
            result = total([1])
        except Exception:
            result = 1
        assert str(result)

    def test_raises_anything() -> None:
        with pytest.raises(BaseException):
            raise ValueError(total([1]))

    @pytest.mark.parametrize("value", [1, 2])
    def test_each(value: int) -> None:
        assert value in (1, 2, total)
    """


def test_tests_that_prove_nothing_are_found(make_project: MakeProject) -> None:
    answer = f"from shop import {NAMES}\n{textwrap.dedent(VACUOUS)}"
    files = {"shop.py": CODE, "tests/test_shop.py": spec_of(VACUOUS)}
    project = make_project(files, "[build]\nattempts = 1\n")
    report, codes = run(project, {"shop": RIGHT, "tests.test_shop": answer})

    assert codes == {"tests.test_shop": [f"test-proves-nothing {line}" for line in (5, 8, 15, 20)]}
    (module,) = report.tests.modules
    assert module.failure is not None
    message = module.failure.findings[0].message
    assert message.startswith("test_is_there passes whatever shop does: ")
    assert all(mistake.value in message for mistake in Mistake)
    assert len(Mistake) >= 8


CALLING = """
    def _tried(function, *arguments) -> None:
        try:
            function(*arguments)
        except Exception as error:
            print(error)

    def test_calls() -> None:
        total([0])
        Book("Emma")

    def test_makes() -> None:
        Book("Emma")
        assert True

    def test_swallows() -> None:
        _tried(total, [1])
        assert isinstance(_tried, object)
    """
ANYTHING = """
    import pytest

    def test_made() -> None:
        book = Book("Emma")
        try:
            name = book.name
        except Exception as error:
            name = str(error)
        assert name is not Ellipsis

    def test_any_error() -> None:
        with pytest.raises(Exception):
            Book("Emma").name
            raise ValueError

    def test_as_text() -> None:
        assert str(Book("Emma").name) != "no such book"
    """


def test_a_call_is_enough_where_no_more_is_asked_for(make_project: MakeProject) -> None:
    texts = {"tests.test_a": CALLING, "tests.test_b": ANYTHING}
    files = {
        "shop.py": CODE,
        "tests/test_a.py": spec_of(CALLING).replace("Test it.", "It raises nothing."),
        "tests/test_b.py": spec_of(ANYTHING, "[Book]"),
    }
    answers = {
        name: f"from shop import {NAMES}\n{textwrap.dedent(text)}" for name, text in texts.items()
    }
    _, codes = run(make_project(files, ONCE), {"shop": RIGHT, **answers})

    assert codes == {
        "tests.test_a": ["test-proves-nothing 17"],
        "tests.test_b": [f"test-proves-nothing {line}" for line in (5, 13, 18)],
    }


def test_tests_without_targets_are_collected_only(make_project: MakeProject) -> None:
    test = "from shop import total\n\n\ndef test_nothing() -> None:\n    assert callable(total)\n"
    spec = spec_of("def test_nothing() -> None:\n", "[]").replace(f"from shop import {NAMES}\n", "")
    project = make_project({"shop.py": CODE, "tests/test_a.py": spec})
    _, codes = run(project, {"shop": RIGHT, "tests.test_a": test})

    assert codes == {}


TEST = "def test_a() -> None:\n    assert total([]) == 0\n"


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ("X = {}['a']\n", "", 2),
        ("class X:\n    y = int('z')\n", "", 3),
        ("import pytest\npytest.skip('no', allow_module_level=True)\n", "", 4),
        ("import pytest\n@pytest.mark.parametrize('x', [1])\n", "", 0),
        ("", "test_a.__test__ = False\n", 2),
    ],
)
def test_what_is_not_collected(
    make_project: MakeProject, before: str, after: str, line: int
) -> None:
    spec = spec_of("def test_a() -> None:\n", "[total]")
    project = make_project({"shop.py": CODE, "tests/test_a.py": spec}, "[build]\nattempts = 1\n")
    answers = {"shop": RIGHT, "tests.test_a": f"from shop import total\n{before}{TEST}{after}"}

    assert run(project, answers)[1] == {"tests.test_a": [f"test-not-collected {line}"]}


EMPTY = """
    import pytest

    @pytest.mark.slow
    def test_good() -> None:
        assert total([1]) == 1

    def test_empty() -> None:
        assert callable(total)

    def check_empty() -> None:
        assert callable(total)
    """


@pytest.mark.parametrize(
    ("settings", "conftest"),
    [
        ("addopts = --cov=shop --cov-report=xml -n auto --html=report.html", ""),
        ("addopts = -p no_such_plugin", ""),
        ("addopts = --strict-config --strict-markers\nnosuchkey = 1", ""),
        (
            "addopts = --junitxml=out.xml --basetemp=here --debug --lf --co\nlog_file = a",
            "",
        ),
        ("required_plugins = pytest-nothing\nfilterwarnings = error::nosuch.Warning", ""),
        ("addopts = --collect-only --maxfail=1 -k nothing --ignore=tests", ""),
        ("", "import os\nNEEDED = os.environ['NEEDED']\n"),
        ("", "import os\nos._exit(1)\n"),
        ("", "def pytest_configure():\n    open('left', 'w')\n"),
        ("", "pytest_plugins = ['nosuch']\n"),
    ],
)
def test_settings_that_keep_pytest_from_running_are_left_out(
    make_project: MakeProject, settings: str, conftest: str
) -> None:
    kept = "markers =\n    slow: takes long\n    fast\npython_functions = test_* check_*\n"
    files = {"pytest.ini": f"[pytest]\n{settings}\n{kept}", "tests/conftest.py": conftest}
    specs = spec_of(EMPTY, "[total]")
    specs += '\n@jaunt.test(targets=[total])\ndef check_empty() -> None:\n    """T."""\n'
    project = make_project({**files, "shop.py": CODE, "tests/test_a.py": specs}, ONCE)
    answer = f"from shop import total\n{textwrap.dedent(EMPTY)}"
    before = {path.name for path in project.root.iterdir()}
    report, codes = run(project, {"shop": RIGHT, "tests.test_a": answer})

    assert codes == {"tests.test_a": ["test-proves-nothing 9", "test-proves-nothing 12"]}
    assert report.tests.unjudged == ()
    now = {path.name for path in project.root.iterdir()}
    assert now - before <= {"__generated__", ".jaunt", "__pycache__"}


@pytest.mark.parametrize(
    "files",
    [
        {"tests/conftest.py": FORGING.format('{"bug": "ha"}')},
        {"tests/conftest.py": FORGING.format("no object}")},
    ],
)
def test_a_project_whose_tests_cannot_be_tried(
    make_project: MakeProject, files: dict[str, str]
) -> None:
    spec = spec_of("def test_a() -> None:\n", "[total]")
    project = make_project({"shop.py": CODE, "tests/test_a.py": spec, **files})
    answer = "from shop import total\n\ndef test_a() -> None:\n    assert callable(total)\n"
    report, codes = run(project, {"shop": RIGHT, "tests.test_a": answer})

    assert codes == {}
    (reason,) = report.tests.unjudged
    assert (reason.module, reason.check) == ("tests.test_a", "trials")


def test_what_the_settings_leave_out_is_there_all_the_same(make_project: MakeProject) -> None:
    tests = """
        import pytest
        @pytest.mark.slow
        def test_slow() -> None:
            assert total([1]) == 1
        def total_is_right() -> None:
            assert total([1]) == 1
        """
    spec = (
        spec_of(tests)
        + '\n@jaunt.test(targets=[total])\ndef total_is_right() -> None:\n    """T."""\n'
    )
    config = "[pytest]\naddopts = -m 'not slow'\nmarkers =\n    slow: takes long\n"
    files = {"shop.py": CODE, "tests/test_a.py": spec, "pytest.ini": config}
    answers = {"shop": RIGHT, "tests.test_a": f"from shop import total\n{textwrap.dedent(tests)}"}
    report, codes = run(make_project(files), answers)

    assert codes == {}
    assert report.tests.warnings == ()


def test_the_trial_writes_nothing_into_the_project(make_project: MakeProject) -> None:
    tests = """
        import os
        from pathlib import Path
        def test_a() -> None:
            assert "SECRET" not in os.environ
            Path(__file__).parent.parent.joinpath("left").write_text(str(total([1])))
        """
    files = {"shop.py": CODE, "tests/test_a.py": spec_of(tests, "[total]")}
    project = make_project(files)
    answers = {"shop": RIGHT, "tests.test_a": f"from shop import total\n{textwrap.dedent(tests)}"}
    _, codes = run(project, answers)

    assert codes == {}  # it failed, because writing was refused
    assert not list(project.root.rglob("left"))
    assert not list(project.root.rglob(".pytest_cache"))
