"""`plan`: what a run would do and cost, and nothing done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..conftest import Project, Ran
from .edits import (
    docstring,
    edit,
    edited,
    missing,
)

Json = Callable[..., tuple[int, Any]]


def test_a_plan_says_what_a_run_does(
    built: Project, jaunt: Callable[..., Ran], jaunt_json: Json
) -> None:
    docstring(built.root)
    code, out, err = jaunt("plan")
    assert (code, err) == (0, "")
    rows = out.splitlines()
    assert rows[0] == "build: 2 modules to generate, 0 to keep, 0 to reuse, 0 fresh"
    assert rows[2].startswith("  generate tax  about ")
    assert rows[2].endswith(" input tokens  (docstring of tax:rate changed)")
    assert rows[3].startswith("test: 1 module to generate")
    assert rows[-1].startswith("cost: 3 model calls with about ")
    _, document = jaunt_json("plan")
    assert (document["calls"], built.calls) == (3, [])
    modules = [*document["build"]["modules"], *document["tests"]["modules"]]
    assert document["input_tokens"] == sum(module["input_tokens"] for module in modules) > 0
    assert document["build"]["counts"]["generate"] == 2
    jaunt("test", "--no-run")
    assert len(built.calls) == 3


def test_what_is_stored_costs_nothing(
    built: Project, jaunt: Callable[..., Ran], jaunt_json: Json
) -> None:
    missing(built.root)
    _, out, _ = jaunt("plan")
    assert "\n  reuse    cart  (file missing)\n" in out
    assert out.endswith("cost: no model call\n")
    assert "\n  next        `jaunt build` reuses a stored answer\n" in jaunt("why", "cart")[1]
    assert jaunt_json("why", "cart")[1]["module"]["action"] == "reuse"
    # Tests are never shown code: what is asked for them is what was asked.
    edit(built.root / "src/tax.py", "import jaunt\n", "import jaunt\n\n\n")
    assert jaunt("plan", "--target", "tax")[1].endswith("cost: no model call\n")


def test_what_a_refused_module_holds_up_is_skipped_and_not_paid(
    built: Project, jaunt: Callable[..., Ran], jaunt_json: Json
) -> None:
    edited(built.root)
    edit(built.root / "tests/test_tax.py", "DE -> 19.", "DE -> 19, FR -> 0.")
    _, out, _ = jaunt("plan")
    assert "\n  refuse   tax  (file edited: its code was changed by hand)\n    hint: `jaunt " in out
    assert "\n  skip     cart  it depends on tax, which is refused\n" in out
    assert "\n  skip     tests.test_tax  it depends on tax, which is refused\n" in out
    _, document = jaunt_json("plan")
    assert document["calls"] == 0
    assert document["build"]["modules"][0]["blocked_by"] == "tax"
    assert jaunt("test", "--no-run")[0] == 3
    assert built.calls == []
