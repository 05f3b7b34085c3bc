"""`jaunt diff`: what a build changed, for people and for programs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any

import pytest

from jaunt_cli.render.diff import diff_lines
from jaunt_cli.render.lines import render_lines
from jaunt_core.model.comparison import Behaviour, Change, Comparison, ModuleChange, SymbolChange
from jaunt_core.model.spec import Kind

Ran = tuple[int, str, str]


@pytest.fixture
def replaced(shop: Any, jaunt: Callable[..., Ran]) -> Any:
    """The shop after two builds; the second one makes nothing of a loss."""
    assert jaunt("build")[0] == 0
    cart = shop.root / "src" / "cart.py"
    cart.write_text(cart.read_text().replace("rounded down", "rounded down, at least 0"))
    answer = shop.root / "answers" / "build.cart.py"
    answer.write_text(answer.read_text().replace("net * (100", "max(net, 0) * (100"))
    return shop


def test_a_build_that_replaced_code_offers_it(replaced: Any, jaunt: Callable[..., Ran]) -> None:
    _, _, err = jaunt("build")
    assert "\n  see what changed: jaunt diff cart\n" in err
    assert "jaunt diff" not in jaunt("build", "--force", "--target", "tax")[2]


def test_text_and_behaviour(
    replaced: Any, jaunt: Callable[..., Ran], jaunt_json: Callable[..., tuple[int, Any]]
) -> None:
    _, document = jaunt_json("build")
    assert {module["module"]: module["replaced"] for module in document["modules"]} == {
        "cart": True,
        "tax": False,
    }
    code, out, err = jaunt("diff", "cart")
    assert (code, err) == (0, "")
    head = """\
cart  src/__generated__/cart.py

  gross changed
    --- cart:gross (before)
    +++ cart:gross (now)
    @@ -1,2 +1,2 @@
     def gross(net: int, code: str) -> int:
    -    return net * (100 + rate(code)) // 100
    +    return max(net, 0) * (100 + rate(code)) // 100
    gross differs for """
    assert out.startswith(head)
    smallest = "      gross(net=-1, code='')\n        - returns -1\n        + returns 0\n"
    assert out.partition(" inputs:\n")[2].startswith(smallest), out
    # The behaviours of `jaunt diff --json` are looked at in tests_e2e.
    _, document = jaunt_json("diff", "--no-run")
    assert list(document) == [
        *("schema", "command", "ok", "error"),
        *("modules", "hint", "warnings"),
    ]
    ((symbol,),) = [module["symbols"] for module in document["modules"]]
    assert (symbol["name"], symbol["behaviours"]) == ("gross", [])
    assert symbol["diff"].startswith("--- cart:gross (before)\n")
    assert jaunt("diff", "--no-run")[1] == head[: head.index("    gross differs")]


def test_nothing_to_compare(shop: Any, jaunt: Callable[..., Ran]) -> None:
    nothing = "no version before is kept: no build has replaced generated code here\n"
    assert jaunt("diff") == (0, nothing, "")
    code, out, err = jaunt("diff", "cart")
    assert (code, out) == (2, "")
    assert err.startswith("error: no version before is kept for 'cart'\n  hint: one is kept when")


def test_what_is_said_where_nothing_was_run() -> None:
    symbols = (
        SymbolChange(name="", change=Change.CHANGED, diff="-LIMIT = 3\n+LIMIT = 4"),
        SymbolChange(
            name="f",
            change=Change.UNCHANGED,
            diff="",
            behaviours=(
                Behaviour(owner="f", untried="the parameter n has no type"),
                Behaviour(owner="f.g", tried=1, untried="the same input differs"),
            ),
        ),
    )
    path = PurePosixPath("a.py")
    changed = ModuleChange(
        module="a", kind=Kind.TEST, path=path, symbols=symbols, note="tests are not run here"
    )
    same = ModuleChange(module="b", kind=Kind.TEST, path=path, symbols=())
    lines = diff_lines(Comparison(modules=(changed, same), hint="add it"))
    assert (
        render_lines(lines, color=False)
        == """\
a  a.py
  not run: tests are not run here

  outside of functions and classes changed
    -LIMIT = 3
    +LIMIT = 4

  f is as it was, but does something else
    f was not compared: the parameter n has no type
    f.g does the same for 1 input
      the same input differs

b  a.py  is as it was

hint: add it
"""
    )
    assert "\x1b[31m-LIMIT = 3\x1b[0m" in render_lines(lines, color=True)
