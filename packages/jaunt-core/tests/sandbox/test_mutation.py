"""How strong generated tests are, measured by mutants of the code that landed."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

import pytest

from jaunt_core.config.loading import Project
from jaunt_core.engine.tester import TestOptions, run_tests
from jaunt_core.model.events import Event, MutationFinished, MutationStarted, SpecScored
from jaunt_core.model.report import MutationScore, TestReport
from jaunt_core.testing import ScriptedBackend, loader_of

MakeProject = Callable[..., Project]

SHOP = '''
    import jaunt

    @jaunt.magic
    def total(prices: list[int], most: int) -> int:
        """Return the sum of the prices below `most`."""
        raise NotImplementedError

    @jaunt.magic
    def half(value: int) -> int:
        """Return half of it."""
        raise NotImplementedError

    @jaunt.magic
    def untested(value: int) -> int:
        """Return it."""
        raise NotImplementedError
    '''
CODE = '''\
def total(prices: list[int], most: int) -> int:
    """Add 1 up."""
    if most < 0:
        raise ValueError("most")
    return sum(price for price in prices if _is_low(price, most))


def _is_low(price: int, most: int) -> bool:
    return price < most


def half(value: int) -> int:
    return value // 2


def untested(value: int) -> int:
    return value + 1
'''
TESTS = '''
    import jaunt
    from shop import half, total

    @jaunt.test(targets=[total])
    def test_total() -> None:
        """Prices below count."""

    @jaunt.test(targets=[half])
    def test_half() -> None:
        """Half of it."""
    '''
ANSWER = """\
import pytest
from shop import half, total


def test_total() -> None:
    assert total([1, 2, 3], 3) == 3
    assert total([], 0) == 0
    with pytest.raises(ValueError, match="most"):
        total([], -1)


def test_half() -> None:
    assert half(0) == 0
"""


def run(
    project: Project, answers: Mapping[str, str], events: list[Event] | None = None, **more: object
) -> TestReport:
    options = TestOptions(strength=True, **more)  # ty: ignore[invalid-argument-type]
    return run_tests(
        project,
        options,
        sink=(events if events is not None else []).append,
        environ={"PATH": os.environ["PATH"]},
        load=loader_of(ScriptedBackend({name: [text] for name, text in answers.items()})),
    )


def specs_of(report: TestReport) -> dict[str, MutationScore]:
    assert report.mutation is not None
    return {score.spec: score for score in report.mutation.specs}


@pytest.fixture
def shop(make_project: MakeProject) -> Project:
    return make_project({"shop.py": SHOP, "tests/test_shop.py": TESTS})


def test_what_survives_is_shown(shop: Project) -> None:
    events: list[Event] = []
    report = run(shop, {"shop": CODE, "tests.test_shop": ANSWER}, events)
    scores = specs_of(report)

    assert list(scores) == ["shop:half", "shop:total"]
    assert {score.path.as_posix() for score in scores.values()} == {"__generated__/shop.py"}
    total, half = scores["shop:total"], scores["shop:half"]
    assert (total.killed, total.tried, total.mutants) == (9, 9, 9)
    assert (half.killed, half.tried, half.unclear) == (1, 4, "")
    assert [survivor.diff.splitlines()[-2] for survivor in half.survivors[:1]] == [
        "+    return (value * 2)"
    ]
    landed = (shop.root / "__generated__/shop.py").read_text().splitlines()
    line = landed.index("    return value // 2") + 1
    assert {survivor.line for survivor in half.survivors} == {line}
    assert report.mutation is not None
    assert report.mutation.killed == sum(score.killed for score in scores.values())
    scored = [event for event in events if isinstance(event, SpecScored)]
    assert {event.score.spec: event.score for event in scored} == scores
    assert [event.specs for event in events if isinstance(event, MutationStarted)] == [2]
    (finished,) = [event for event in events if isinstance(event, MutationFinished)]
    assert finished.report == report.mutation

    # Fresh modules are measured, too.
    assert run(shop, {}).mutation == report.mutation


@pytest.mark.slow
def test_mutants_are_of_every_kind_and_the_same_each_time(make_project: MakeProject) -> None:
    code = """
def many(items: list[int], flag: bool = True) -> list[int] | None:
    'Return 1.'
    label: str = f"{len(items) + 1}"
    if flag and not items or items == [7]:
        return None
    count = 0
    for index in range(1, len(items)):
        count += items[index] * 2
    if count in (5, 6) and label is not None:
        raise KeyError("five") from None
    return items[1:count]
"""
    spec = """
        import jaunt

        @jaunt.magic
        def many(items: list[int], flag: bool = True) -> list[int] | None:
            \"\"\"Do much.\"\"\"
            raise NotImplementedError
        """
    test = """
        import jaunt
        from shop import many

        @jaunt.test(targets=[many])
        def test_many() -> None:
            \"\"\"Do something.\"\"\"
        """
    answer = """
from shop import many

def test_many() -> None:
    try:
        result = many([], False)
    except KeyError:
        result = None
    assert result in (None, [])
"""
    project = make_project({"shop.py": spec, "tests/test_shop.py": test})
    answers = {"shop": code, "tests.test_shop": answer}
    first, again = (specs_of(run(project, answers))["shop:many"] for _ in range(2))

    assert first == again
    assert first.mutants == first.tried
    tried = {
        row[1:].strip()
        for survivor in first.survivors
        for row in survivor.diff.splitlines()[2:]
        if row[0] == "+"
    }
    assert tried >= {
        "if (flag or not items) or items == [7]:",
        "if flag and (items) or items == [7]:",
        "if flag and not items or items != [7]:",
        "if flag and not items or items == [8]:",
        "for index in range(1 + 1, len(items)):",
        "for index in range(1, len(items) + 1):",
        "count -= items[index] * 2",
        "count += (items[index] / 2)",
        "if count not in (5, 6) and label is not None:",
        "if count in (5, 6) and label is None:",
        "raise RuntimeError('another error')",
        "pass",
        "raise KeyError('') from None",
        "return items[1 + 1:count]",
        "return items[1:count + 1]",
    }, tried


@pytest.mark.slow
def test_a_lot_of_mutants_are_capped(make_project: MakeProject) -> None:
    lines = "".join(f"    value = value + {number}\n" for number in range(2, 30))
    code = CODE.replace("    return value // 2", f"{lines}    return 0")
    project = make_project({"shop.py": SHOP, "tests/test_shop.py": TESTS})
    half = specs_of(run(project, {"shop": code, "tests.test_shop": ANSWER}))["shop:half"]

    assert half.tried == 40
    assert half.mutants > 80


def test_what_cannot_be_measured(make_project: MakeProject) -> None:
    conftest = "import os\nNEEDED = os.environ['NEEDED']\n"
    files = {"shop.py": SHOP, "tests/test_shop.py": TESTS, "tests/conftest.py": conftest}
    report = run_tests(
        make_project(files),
        TestOptions(strength=True),
        sink=lambda _: None,
        environ={"PATH": os.environ["PATH"], "NEEDED": "1"},
        load=loader_of(ScriptedBackend({"shop": [CODE], "tests.test_shop": [ANSWER]})),
    )

    assert {score.unclear.partition(",")[0] for score in specs_of(report).values()} == {
        "its tests do not pass in the sandbox"
    }
    assert report.mutation is not None
    assert report.mutation.tried == 0


def test_nothing_is_measured_where_a_test_fails(shop: Project) -> None:
    wrong = ANSWER.replace("== 3", "== 4")
    report = run(shop, {"shop": CODE, "tests.test_shop": wrong})

    assert report.pytest is not None
    assert report.pytest.failed == 1
    assert report.mutation is None


@pytest.mark.slow
def test_endless_mutants_are_killed(make_project: MakeProject) -> None:
    code = CODE.replace(
        "    return value // 2",
        "    left = value\n    while left > 1:\n        left -= 2\n    return (value - left) // 2",
    )
    project = make_project({"shop.py": SHOP, "tests/test_shop.py": TESTS})
    answer = ANSWER.replace("half(0) == 0", "half(4) == 2")
    half = specs_of(run(project, {"shop": code, "tests.test_shop": answer}))["shop:half"]

    assert half.unclear == ""
    assert half.killed > 3
    assert not any("left += 2" in survivor.diff for survivor in half.survivors)
