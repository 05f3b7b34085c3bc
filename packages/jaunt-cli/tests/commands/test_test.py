from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ..conftest import Project, Ran

Json = Callable[..., tuple[int, Any]]


def test_build_generate_and_run(shop: Project, jaunt: Callable[..., Ran]) -> None:
    code, out, err = jaunt("test")
    assert code == 0
    assert "1 passed" in out
    summary = [row for row in err.splitlines() if row.startswith(("build: ", "test: ", "pytest: "))]
    assert [row.partition(" in ")[0] for row in summary] == [
        "build: 2 modules to generate, 0 to keep, 0 to reuse, 0 fresh",
        "build: 2 generated",
        "test: 1 module to generate, 0 to keep, 0 to reuse, 0 fresh",
        "test: 1 generated",
        "pytest: 1 passed",
    ]
    assert shop.calls == ["build.tax", "build.cart", "test.tests.test_tax"]


def test_the_json_of_a_test_run(shop: Project, jaunt: Callable[..., Ran], jaunt_json: Json) -> None:
    code, document = jaunt_json("test")
    assert code == 0
    assert list(document) == [
        "schema",
        "command",
        "ok",
        "error",
        "build",
        "tests",
        "pytest",
        "strength",
    ]
    assert document["build"]["counts"]["generated"] == 2
    assert document["tests"]["modules"][0]["module"] == "tests.test_tax"
    assert document["pytest"] == {"exit_code": 0, "passed": 1, "failed": 0, "failures": []}
    _, _, err = jaunt("test", "--json")
    assert "1 passed in" in err  # what pytest printed
    code, document = jaunt_json("test", "--no-build", "--no-run")
    assert (code, document["build"], document["pytest"]) == (0, None, None)


def test_a_failing_test(shop: Project, jaunt: Callable[..., Ran], jaunt_json: Json) -> None:
    shop.write({"answers/build.tax.py": "def rate(code: str) -> int:\n    return len(code)\n"})
    code, document = jaunt_json("test")
    assert (code, document["ok"], document["error"]) == (4, False, None)
    (failure,) = document["pytest"]["failures"]
    assert failure["node_id"].endswith("test_rate")
    assert "pytest: 0 passed, 1 failed\n" in jaunt("test")[2]


def test_the_strength_of_tests(shop: Project, jaunt: Callable[..., Ran], jaunt_json: Json) -> None:
    code, _, err = jaunt("test", "--strength")
    assert code == 0
    first, second, *rows = err.partition("pytest: 1 passed\n")[2].splitlines()
    assert first == "strength: running the tests of 1 spec against mutants of the code"
    assert second == "  tax:rate: 5 of 7 killed"
    assert [row.strip() for row in rows if row.strip().startswith("+")] == [
        '+    return 19 if code == "DE" else 1',
        '+    return 19 if code == "DE" else (-1)',
    ]
    assert rows[-1] == "strength: 5 of 7 mutants killed, 71 %"
    code, document = jaunt_json("test", "--strength")
    assert code == 0
    (spec,) = document["strength"].pop("specs")
    assert document["strength"] == {"killed": 5, "total": 7}
    places = [survivor.pop("line") for survivor in spec["survivors"]]
    assert f"    surviving at src/__generated__/tax.py:{places[0]}" in rows
    assert all(list(survivor) == ["diff"] for survivor in spec.pop("survivors"))
    path = "src/__generated__/tax.py"
    counts = {"killed": 5, "total": 7, "left_out": 0, "unclear": None}
    assert spec == {"spec": "tax:rate", "path": path, **counts}


def test_strength_needs_the_tests_to_run(shop: Project, jaunt: Callable[..., Ran]) -> None:
    code, _, err = jaunt("test", "--strength", "--no-run")
    assert code == 2
    assert "--strength runs the tests and --no-run does not" in err


def test_no_test_at_all_is_a_failure(project: Project, jaunt: Callable[..., Ran]) -> None:
    code, _, err = jaunt("test")
    assert code == 4
    assert "warning: no test specs" in err
    assert err.endswith("pytest: no test was collected\n")
    assert jaunt("test", "--no-run")[0] == 0


def test_generation_beats_pytest(shop: Project, jaunt_json: Json) -> None:
    shop.write(
        {
            "answers/build.cart.py": "nonsense(\n",
            "answers/test.tests.test_tax.py": (
                'from tax import rate\n\n\ndef test_rate() -> None:\n    assert rate("DE") == 20\n'
            ),
        }
    )
    code, document = jaunt_json("test")
    assert code == 3
    assert document["pytest"]["failed"] == 1  # it was run all the same


@pytest.mark.parametrize(
    "arguments",
    [["--pytest-args", "-k", "--pytest-args", "nothing"], ["--pytest-args=-k", "--pytest-args=no"]],
)
def test_arguments_for_pytest(
    shop: Project, jaunt: Callable[..., Ran], arguments: list[str]
) -> None:
    code, out, _ = jaunt("test", *arguments)
    assert code == 4
    assert "1 deselected" in out


def test_tests_of_fresh_code_run_where_nothing_can_be_locked(
    shop: Project, jaunt: Callable[..., Ran]
) -> None:
    assert jaunt("test")[0] == 0
    lock = shop.root / ".jaunt" / "lock"
    lock.unlink()
    lock.mkdir()  # as in a project that is read-only
    assert jaunt("test")[0] == 0
    (shop.root / "src/__generated__/tax.py").unlink()
    code, _, err = jaunt("test")
    assert code == 3
    assert "lock cannot be opened" in err
