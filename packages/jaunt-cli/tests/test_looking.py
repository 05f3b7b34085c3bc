"""`status`, `plan`, `check` and `why`: the same truth, told in four ways, and nothing done."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import Project, Ran

Json = Callable[..., tuple[int, Any]]
Change = Callable[[Path], None]
COMMANDS = {"status": [], "plan": [], "check": [], "why": ["cart"]}


@pytest.fixture
def built(shop: Project, jaunt: Callable[..., Ran]) -> Project:
    """The shop, everything fresh, its calls forgotten; `cart` names a handwritten constant."""
    shop.write({"src/words.py": "UNIT = 100\n"})
    edit(shop.root / "src/cart.py", "import jaunt\n", "import jaunt\nfrom words import UNIT\n")
    edit(shop.root / "src/cart.py", "rounded down.", "rounded down to `UNIT`.")
    assert jaunt("test", "--no-run")[0] == 0
    (shop.root / "calls.txt").unlink()
    return shop


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


NOTES = ("snapshot.json", "modules.json")


def tree_of(root: Path) -> dict[str, bytes]:
    """All files but caches: of Python, and of what the last run found."""
    return {
        str(path): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.name not in NOTES
    }


def docstring(root: Path) -> None:
    edit(root / "src/tax.py", "else 0", "else 7")


def constant(root: Path) -> None:
    edit(root / "src/words.py", "100", "10")


def missing(root: Path) -> None:
    (root / "src/__generated__/cart.py").unlink()


def damaged(root: Path) -> None:
    edit(root / "src/__generated__/cart.py", "def gross(", "def gross(((")


def edited(root: Path) -> None:
    edit(root / "src/__generated__/tax.py", "19", "20")


def foreign(root: Path) -> None:
    (root / "tests/__generated__/test_tax.py").write_text("mine = 1\n")


def orphaned(root: Path) -> None:
    (root / "src/cart.py").unlink()


def spec_added(root: Path) -> None:
    text = (root / "src/tax.py").read_text()
    more = text.partition("@")[2].replace("rate", "duty")
    (root / "src/tax.py").write_text(f"{text}\n@{more}")


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
def test_what_is_not_fresh_is_told_with_reasons_and_remedies(
    built: Project, jaunt: Callable[..., Ran], jaunt_json: Json, case: str
) -> None:
    change, states, told, remedies = CASES[case]
    change(built.root)
    before = tree_of(built.root)
    status = jaunt("status")
    assert (status[0], status[2]) == (0, "")
    check = jaunt("check")
    assert (check[0], check[2]) == (4, "")
    assert check[1].startswith("check: failed, ")
    hints = [row for row in status[1].splitlines() if row.startswith("hint: ")]
    for out in (status[1], check[1]):
        assert all(text in out for text in told), out
        assert all(f"hint: {remedy}" in out for remedy in remedies)
    assert check[1].endswith("\n".join(["", *hints, ""]))
    for command, code in (("status", 0), ("check", 4)):
        found, document = jaunt_json(command)
        assert (found, document["command"], document["ok"]) == (code, command, not code)
        unfresh = {item["module"]: item["state"] for item in document["modules"]}
        assert {name: state for name, state in unfresh.items() if state != "fresh"} == states
        assert len(document["orphans"]) == (case == "orphaned")
        assert [f"hint: {item['text']}" for item in document["remedies"]] == hints
        assert sum(document["counts"].values()) == len(unfresh) + len(document["orphans"])
    assert tree_of(built.root) == before
    assert built.calls == []


@pytest.mark.parametrize("command", ["build", "check", "status"])
def test_what_is_told_at_once_is_what_would_be_told(
    built: Project, jaunt: Callable[..., Ran], command: str
) -> None:
    assert jaunt("status")[0] == 0
    record = built.root / ".jaunt" / "snapshot.json"
    at_once = jaunt(command)
    assert record.exists()
    record.unlink()
    assert jaunt(command) == at_once
    record.unlink()
    for arguments in (["--root", str(built.root)], []):
        assert jaunt(command, *arguments) == at_once
    assert jaunt(command, "--root", str(built.root / "nowhere"))[0] == 2


def test_all_fresh(built: Project, jaunt: Callable[..., Ran], jaunt_json: Json) -> None:
    assert jaunt("status") == (0, "3 modules: 3 fresh\n", "")
    assert jaunt("check") == (0, "check: passed, 3 modules: 3 fresh\n", "")
    _, out, _ = jaunt("status", "-v")
    assert out.count("\nfresh   ") == 3
    assert "\n        written by jaunt 0.1.0; provider command; templates " in out
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
    assert (cart["tool_version"], cart["recipe"]["provider"]) == ("0.1.0", "command")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_project_without_specs(project: Project, jaunt: Callable[..., Ran], command: str) -> None:
    code, out, err = jaunt(command, *COMMANDS[command])
    if command == "why":
        assert (code, out) == (2, "")
        assert err == "error: cart names no spec\n  hint: specs here: there are none\n"
    else:
        assert (code, err) == (0, "")
        assert "there are no specs" in out


def test_a_target_comes_with_dependencies_and_tests(shop: Project, jaunt_json: Json) -> None:
    for target, names in (
        ("tax", ["tax", "tests.test_tax"]),
        ("cart:gross", ["cart", "tax"]),
        ("tests.test_tax", ["tax", "tests.test_tax"]),
    ):
        _, document = jaunt_json("status", "--target", target)
        assert [item["module"] for item in document["modules"]] == names


def test_inferred_dependencies_are_left_out_where_they_are_not_wanted(
    shop: Project, jaunt_json: Json
) -> None:
    edit(shop.root / "src/cart.py", "deps=[rate]", "")
    edit(shop.root / "src/cart.py", "raise NotImplementedError", "rate(code)")
    for options, count in (((), 2), (("--no-infer-deps",), 1)):
        _, document = jaunt_json("status", "--target", "cart", *options)
        assert len(document["modules"]) == count


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
    items = [*document["build"]["modules"], *document["tests"]["modules"]]
    assert document["input_tokens"] == sum(item["input_tokens"] for item in items) > 0
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


@pytest.mark.parametrize(
    ("change", "module", "told"),
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
    built: Project, jaunt: Callable[..., Ran], change: Change, module: str, told: str
) -> None:
    change(built.root)
    before = tree_of(built.root)
    code, out, err = jaunt("why", module)
    assert (code, err) == (0, "")
    assert told in out
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


def test_each_way_to_a_root_cause_is_told_once(project: Project, jaunt: Callable[..., Ran]) -> None:
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


@pytest.mark.parametrize("command", COMMANDS)
def test_a_backend_that_is_not_installed_disturbs_nobody(
    built: Project, jaunt: Callable[..., Ran], jaunt_json: Json, command: str
) -> None:
    edit(built.root / "jaunt.toml", '"command"', '"nowhere"')
    arguments = [command, *COMMANDS[command]]
    assert jaunt(*arguments)[::2] == (0, "")
    missing(built.root)
    code, out, err = jaunt(*arguments)
    assert code == (4 if command == "check" else 0)
    assert "cart" in out
    if command in ("status", "check"):
        assert err == ""
        return
    assert err.startswith("warning: ")
    assert "names no installed backend; which answers are stored cannot be told" in err
    assert '\nhint: install it, e.g. pip install "jaunt-cli[nowhere]"' in err
    assert len(jaunt_json(*arguments)[1]["warnings"]) == 1
    assert "generate cart  about " in out or "`jaunt build` asks the model" in out


@pytest.mark.parametrize("command", COMMANDS)
def test_warnings_go_to_stderr_and_into_the_json(
    shop: Project, jaunt: Callable[..., Ran], jaunt_json: Json, command: str
) -> None:
    edit(shop.root / "src/cart.py", "deps=[rate]", 'deps=[rate, "tax:rates"]')
    _, out, err = jaunt(command, *COMMANDS[command])
    _, document = jaunt_json(command, *COMMANDS[command])
    assert "names nothing in this project; did you mean tax:rate?" in err
    assert "warning" not in out
    assert len(document["warnings"]) == 1


def test_why_warns_of_what_it_tells_about_only(
    shop: Project, jaunt: Callable[..., Ran], jaunt_json: Json
) -> None:
    edit(shop.root / "src/cart.py", "deps=[rate]", 'deps=[rate, "tax:rates"]')
    assert jaunt("why", "tax")[2] == ""
    assert jaunt_json("why", "tax")[1]["warnings"] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_errors(
    project: Project, jaunt: Callable[..., Ran], jaunt_json: Json, command: str
) -> None:
    project.write({"src/bad.py": "import jaunt\n1 / 0\n"})
    code, out, err = jaunt(command, *COMMANDS[command])
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert "bad.py" in err
    code, document = jaunt_json(command, *COMMANDS[command])
    assert (code, document["ok"], document["error"]["kind"]) == (2, False, "discovery")
    rest = {name: document[name] for name in list(document)[4:]}
    assert set(map(str, rest.values())) == {"None", "[]"}
    assert rest["warnings"] == []
