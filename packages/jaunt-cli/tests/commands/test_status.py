"""`status` and `check`: what is not fresh, with reasons and remedies, and nothing done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from jaunt_cli.version import __version__

from ..conftest import Project, Ran
from .edits import (
    Change,
    constant,
    damaged,
    docstring,
    edit,
    edited,
    foreign,
    missing,
    orphaned,
    spec_added,
    tree_of,
)

Json = Callable[..., tuple[int, Any]]


# What was done to the fresh project: what status says of it, and what it says to do.
CASES: dict[str, tuple[Change, dict[str, str], list[str], list[str]]] = {
    "docstring": (
        docstring,
        {"tax": "stale", "cart": "stale", "tests.test_tax": "stale"},
        [
            "stale   tax  src/__generated__/tax.py\n        docstring of tax:rate changed (",
            "dependency changed: cart:gross -> tax:rate (docstring of tax:rate changed) (",
        ],
        ["`jaunt build` writes the code", "`jaunt test` writes the tests"],
    ),
    "constant": (
        constant,
        {"cart": "stale"},
        ["context words:UNIT of cart:gross changed in src/words.py:1 ("],
        ["`jaunt build` writes the code"],
    ),
    "spec added": (
        spec_added,
        {"tax": "stale", "cart": "stale"},
        [
            "spec tax:duty added\n",
            "dependency not fresh: cart:gross -> tax:rate (tax: spec tax:duty added)\n",
        ],
        ["`jaunt build` writes the code"],
    ),
    "missing": (
        missing,
        {"cart": "missing"},
        ["missing cart  src/__generated__/cart.py\n        file missing\n"],
        ["`jaunt build` writes the code"],
    ),
    "damaged": (
        damaged,
        {"cart": "damaged"},
        ["damaged cart  ", "file damaged: its code does not parse\n"],
        ["`jaunt build` writes the code"],
    ),
    "edited": (
        edited,
        {"tax": "edited", "cart": "stale"},
        ["edited  tax  ", "file edited: its code was changed by hand\n"],
        [
            "`jaunt build` writes the code",
            "`jaunt build --force --target tax` overwrites src/__generated__/tax.py",
        ],
    ),
    "foreign": (
        foreign,
        {"tests.test_tax": "foreign"},
        ["foreign tests.test_tax  ", "file foreign: it has no header of jaunt's\n"],
        ["move tests/__generated__/test_tax.py somewhere else"],
    ),
    "orphaned": (
        orphaned,
        {},
        ["orphan  src/__generated__/cart.py\n        cart has no specs (any more)\n"],
        ["`jaunt clean --orphans` removes the files that no spec needs"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_not_fresh_is_shown_with_reasons_and_remedies(
    built: Project, jaunt: Callable[..., Ran], jaunt_json: Json, case: str
) -> None:
    change, states, texts, remedies = CASES[case]
    change(built.root)
    before = tree_of(built.root)
    status = jaunt("status")
    assert (status[0], status[2]) == (0, "")
    check = jaunt("check")
    assert (check[0], check[2]) == (4, "")
    assert check[1].startswith("check: failed, ")
    hints = [row for row in status[1].splitlines() if row.startswith("hint: ")]
    for out in (status[1], check[1]):
        assert all(text in out for text in texts), out
        assert all(f"hint: {remedy}" in out for remedy in remedies)
    assert check[1].endswith("\n".join(["", *hints, ""]))
    for command, code in (("status", 0), ("check", 4)):
        exit_code, document = jaunt_json(command)
        assert (exit_code, document["command"], document["ok"]) == (code, command, not code)
        unfresh = {module["module"]: module["state"] for module in document["modules"]}
        assert {name: state for name, state in unfresh.items() if state != "fresh"} == states
        assert len(document["orphans"]) == (case == "orphaned")
        assert [f"hint: {remedy['text']}" for remedy in document["remedies"]] == hints
        assert sum(document["counts"].values()) == len(unfresh) + len(document["orphans"])
    assert tree_of(built.root) == before
    assert built.calls == []


@pytest.mark.parametrize("command", ["build", "check", "status"])
def test_a_run_without_changes_prints_what_the_whole_command_would(
    built: Project, jaunt: Callable[..., Ran], command: str
) -> None:
    assert jaunt("status")[0] == 0
    record = built.root / ".jaunt" / "snapshot.json"
    short = jaunt(command)
    assert record.exists()
    record.unlink()
    assert jaunt(command) == short
    record.unlink()
    for arguments in (["--root", str(built.root)], []):
        assert jaunt(command, *arguments) == short
    assert jaunt(command, "--root", str(built.root / "nowhere"))[0] == 2


def test_all_fresh(built: Project, jaunt: Callable[..., Ran], jaunt_json: Json) -> None:
    assert jaunt("status") == (0, "3 modules: 3 fresh\n", "")
    assert jaunt("check") == (0, "check: passed, 3 modules: 3 fresh\n", "")
    _, out, _ = jaunt("status", "-v")
    assert out.count("\nfresh   ") == 3
    assert f"\n        written by jaunt {__version__}; provider command; templates " in out
    _, out, _ = jaunt("plan")
    assert out == (
        "build: nothing to do, 2 modules are fresh\n"
        "test: nothing to do, 1 module is fresh\n"
        "cost: no model call\n"
    )
    code, document = jaunt_json("status")
    assert code == 0
    assert list(document) == [
        *("schema", "command", "ok", "error"),
        *("modules", "orphans", "counts", "remedies", "warnings"),
    ]
    cart = document["modules"][0]
    assert (cart["module"], cart["kind"], cart["source"]) == ("cart", "build", "src/cart.py")
    assert cart["digest"]["old"] == cart["digest"]["new"]
    assert (cart["tool_version"], cart["recipe"]["provider"]) == (__version__, "command")


def test_a_target_comes_with_dependencies_and_tests(shop: Project, jaunt_json: Json) -> None:
    for target, names in (
        ("tax", ["tax", "tests.test_tax"]),
        ("cart:gross", ["cart", "tax"]),
        ("tests.test_tax", ["tax", "tests.test_tax"]),
    ):
        _, document = jaunt_json("status", "--target", target)
        assert [module["module"] for module in document["modules"]] == names


def test_inferred_dependencies_are_left_out_where_they_are_not_wanted(
    shop: Project, jaunt_json: Json
) -> None:
    edit(shop.root / "src/cart.py", "deps=[rate]", "")
    edit(shop.root / "src/cart.py", "raise NotImplementedError", "rate(code)")
    for options, count in (((), 2), (("--no-infer-deps",), 1)):
        _, document = jaunt_json("status", "--target", "cart", *options)
        assert len(document["modules"]) == count
