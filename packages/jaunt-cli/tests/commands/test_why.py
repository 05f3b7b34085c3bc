"""`why`: the root causes of one module's state, and what changed in its specs."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any

import pytest

from ..conftest import Project, Ran
from .edits import (
    Change,
    constant,
    docstring,
    edit,
    edited,
    missing,
    spec_added,
    tree_of,
)

Json = Callable[..., tuple[int, Any]]


@pytest.mark.parametrize(
    ("change", "module", "text"),
    [
        (docstring, "tax", "why:\n  tax:rate\n    docstring changed ("),
        (
            docstring,
            "cart",
            "why:\n  cart:gross\n    tax:rate\n      docstring changed (",
        ),
        (
            docstring,
            "tests.test_tax",
            "why:\n  tests.test_tax:test_rate\n    tax:rate\n      docstring changed (",
        ),
        (
            constant,
            "cart",
            "why:\n  cart:gross\n    context words:UNIT changed in src/words.py:1 (",
        ),
        (spec_added, "tax", "why:\n  tax:duty\n    spec added\n"),
        (missing, "cart", "why:\n  file missing\n"),
        (missing, "cart", "cart is missing: there is no generated file\n"),
        (edited, "tax", "why:\n  file edited: its code was changed by hand\n"),
    ],
)
def test_why_leads_to_the_root_cause(
    built: Project, jaunt: Callable[..., Ran], change: Change, module: str, text: str
) -> None:
    change(built.root)
    before = tree_of(built.root)
    code, out, err = jaunt("why", module)
    assert (code, err) == (0, "")
    assert text in out
    assert "  next        `jaunt " in out
    assert tree_of(built.root) == before


def test_a_changed_dependency_is_a_branch_of_its_own(
    built: Project, jaunt: Callable[..., Ran]
) -> None:
    edit(built.root / "src/cart.py", "Add the", "Add to `net` the")
    docstring(built.root)
    _, out, _ = jaunt("why", "cart")
    tree = out[out.index("why:") : out.index("\n\nspec ")].splitlines()
    assert tree[1] == "  cart:gross"
    assert tree[2].startswith("    docstring changed (")
    assert tree[3] == "    tax:rate"
    assert tree[4].startswith("      docstring changed (")
    edit(built.root / "src/cart.py", "deps=[rate]", "")
    _, out, _ = jaunt("why", "cart")
    assert "\n    tax:rate\n      is no dependency any more\n" in out


def test_each_path_to_a_root_cause_is_shown(project: Project, jaunt: Callable[..., Ran]) -> None:
    """`top` builds on `left` and `right`, both build on `low`, and `right` changes as well."""
    for name, needs in (("low", ""), ("left", "low"), ("right", "low"), ("top", "left right")):
        imports = "".join(f"from {need} import {need}\n" for need in needs.split())
        project.spec(
            name,
            f"import jaunt\n{imports}@jaunt.magic(deps=[{', '.join(needs.split())}])\n"
            f'def {name}() -> int:\n    """Return 1."""\n    raise NotImplementedError\n',
            f"def {name}() -> int:\n    return 1\n",
        )
    assert jaunt("build")[0] == 0
    for name in ("low", "right"):
        edit(project.root / f"src/{name}.py", "Return 1.", "Return the number 1.")
    _, out, _ = jaunt("why", "top")
    tree = re.sub(r" \([0-9a-f]{8} -> [0-9a-f]{8}\)", "", out[: out.index("\n\nspec ")])
    assert tree[tree.index("why:") :].splitlines() == [
        "why:",
        "  top:top",
        "    left:left",
        "      low:low",
        "        docstring changed",
        "    right:right",
        "      docstring changed",
        "      low:low",
        "        docstring changed",
    ]
    _, out, _ = jaunt("plan", "--target", "top")
    assert "dependency changed: top:top -> left:left -> low:low (docstring of low:low" in out


def test_why_shows_what_changed_in_the_contract(
    built: Project, jaunt: Callable[..., Ran], jaunt_json: Json
) -> None:
    docstring(built.root)
    _, out, _ = jaunt("why", "tax:rate")
    assert '\n    -    """Return 19 for "DE", else 0."""\n' in out
    assert '\n    +    """Return 19 for "DE", else 7."""\n' in out
    _, document = jaunt_json("why", "tax")
    (spec,) = document["specs"]
    assert (spec["spec"], spec["path"], spec["line"]) == ("tax:rate", "src/tax.py", 4)
    assert spec["dependents"] == ["cart:gross", "tests.test_tax:test_rate"]
    assert "\n+    " in spec["diff"]
    (reason,) = document["module"]["reasons"]
    assert (reason["kind"], reason["part"], reason["place"]) == (
        *("changed", "docstring"),
        "src/tax.py:4",
    )
    for path in list((built.root / ".jaunt/contracts").rglob("*.json")):
        path.unlink()
        os.mkfifo(path)
    _, out, _ = jaunt("why", "tax")
    assert "the contract that this code was written for is not at hand" in out
    assert jaunt_json("why", "tax")[1]["specs"][0]["diff"] is None


def test_why_shows_the_definition_that_changed(
    built: Project, jaunt: Callable[..., Ran], jaunt_json: Json
) -> None:
    edit(
        built.root / "src/words.py", "UNIT = 100\n", "UNIT = [\n    1,\n    2,\n    3,\n    4,\n]\n"
    )
    jaunt("build")
    edit(built.root / "src/words.py", "    4,\n", "    5,\n")
    _, document = jaunt_json("why", "cart")
    (reason,) = document["module"]["reasons"]
    assert (reason["part"], reason["definition"]) == ("context words:UNIT", "words:UNIT")
    assert (reason["place"], reason["spec"]) == ("src/words.py:1", "cart:gross")
    (spec,) = document["specs"]
    assert "\n-    4,\n+    5,\n" in spec["diff"]
    # Which definition it is stands above the part of it that is shown.
    assert re.search(r"\n@@ .* @@ # names words:UNIT\n", spec["diff"])


def test_why_shows_what_changed_in_another_module(
    built: Project, jaunt: Callable[..., Ran], jaunt_json: Json
) -> None:
    docstring(built.root)
    _, out, _ = jaunt("why", "cart")
    assert "\n\ncause tax:rate  src/tax.py:4\n  digest      " in out
    assert '\n    +    """Return 19 for "DE", else 7."""\n' in out
    _, document = jaunt_json("why", "cart")
    (cause,) = document["causes"]
    assert (cause["spec"], cause["path"], cause["line"]) == ("tax:rate", "src/tax.py", 4)
    (reason,) = document["module"]["reasons"]
    (root,) = reason["causes"]
    assert root == jaunt_json("why", "tax")[1]["module"]["reasons"][0]
    assert reason["place"] == root["place"] == "src/tax.py:4"
    assert jaunt_json("why", "tax")[1]["causes"] == []


def test_why_compares_with_what_is_kept_where_the_file_is_gone(
    built: Project, jaunt: Callable[..., Ran], jaunt_json: Json
) -> None:
    docstring(built.root)
    (built.root / "src/__generated__/tax.py").unlink()
    _, out, _ = jaunt("why", "tax")
    assert '\n    +    """Return 19 for "DE", else 7."""\n' in out
    _, out, _ = jaunt("why", "cart")
    assert "\n    tax:rate\n      what changed is not recorded: file missing\n" in out
    assert '\n    +    """Return 19 for "DE", else 7."""\n' in out


def test_why_hides_no_change_behind_an_edit(
    built: Project, jaunt: Callable[..., Ran], jaunt_json: Json
) -> None:
    edited(built.root)
    docstring(built.root)
    _, out, _ = jaunt("why", "tax")
    assert out.startswith("tax is edited\n")
    assert (
        "\nwhy:\n  file edited: its code was changed by hand\n  tax:rate\n    docstring changed ("
    ) in out
    assert "\n  next        `jaunt build` stops here; `jaunt build --force --target tax` " in out
    assert '\n    +    """Return 19 for "DE", else 7."""\n' in out
    _, out, _ = jaunt("why", "cart")
    assert "\n  next        `jaunt build` skips it: it depends on tax, see `jaunt why tax`\n" in out
    _, document = jaunt_json("why", "tests.test_tax")
    assert document["module"]["blocked_by"] == "tax"
    assert jaunt("build")[0] == 3


def test_why_shows_changes_around_the_spec(built: Project, jaunt: Callable[..., Ran]) -> None:
    """What a spec depends on, and what its prose mentions, belong to its contract."""
    edit(built.root / "src/cart.py", "deps=[rate]", "")
    edit(built.root / "src/cart.py", "in percent", "in percent, see `tax.rate`")
    edit(built.root / "src/cart.py", "from tax import rate", "import tax")
    _, out, _ = jaunt("why", "cart")
    assert "\n    tax:rate is now mentioned\n" in out
    assert "\n    -# depends on tax:rate\n" in out
    assert "\n    +# mentions tax:rate\n    +def rate(" in out
    assert jaunt("build")[0] == 0
    docstring(built.root)
    _, out, _ = jaunt("why", "cart")
    assert "\n    mentioned tax:rate changed in src/tax.py:4 (" in out
    assert "tax:rate, which cart:gross mentions, changed in src/tax.py:4 (" in jaunt("status")[1]


def test_why_tells_of_a_fresh_module(
    built: Project, jaunt: Callable[..., Ran], jaunt_json: Json
) -> None:
    _, out, _ = jaunt("why", "cart")
    assert out.startswith("cart is fresh\n  specs       src/cart.py\n  generated   src/__gen")
    assert "\n  next        nothing: `jaunt build` leaves it as it is\n" in out
    assert "\nwhy: its specs, and what they build on, are as they were\n" in out
    assert "\nspec cart:gross  src/cart.py:" in out
    assert "\n  depends on  tax:rate\n  needed by   nothing\n" in out
    assert "\n  names       words:UNIT  src/words.py:1\n" in out
    _, document = jaunt_json("why", "cart")
    assert document["specs"][0]["context"] == [
        {"name": "words:UNIT", "path": "src/words.py", "line": 1}
    ]
    assert (document["specs"][0]["diff"], document["causes"]) == ("", [])
    # What needs it is read for this, fresh or not.
    assert jaunt_json("why", "tax")[1]["specs"][0]["dependents"] == [
        "cart:gross",
        "tests.test_tax:test_rate",
    ]


@pytest.mark.parametrize(
    ("target", "hint"),
    [("carts", "did you mean cart?"), ("tax:rat", "did you mean tax:rate?"), ("x:y", "specs here")],
)
def test_why_of_what_is_not_there(
    shop: Project, jaunt: Callable[..., Ran], target: str, hint: str
) -> None:
    code, out, err = jaunt("why", target)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {target} names no spec\n  hint: {hint}")


def test_why_warns_of_what_it_tells_about_only(
    shop: Project, jaunt: Callable[..., Ran], jaunt_json: Json
) -> None:
    edit(shop.root / "src/cart.py", "deps=[rate]", 'deps=[rate, "tax:rates"]')
    assert jaunt("why", "tax")[2] == ""
    assert jaunt_json("why", "tax")[1]["warnings"] == []
