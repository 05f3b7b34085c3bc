"""Generated code beside the version before it: real builds, and both versions in the sandbox."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from jaunt_core.config.loading import Project, load_project
from jaunt_core.engine.builder import BuildOptions, build
from jaunt_core.engine.differ import compare_versions
from jaunt_core.errors import JauntConfigError
from jaunt_core.model.comparison import Behaviour, Change, Comparison, Difference, SymbolChange
from jaunt_core.model.report import ModuleReport, Outcome
from jaunt_core.testing import ScriptedBackend, loader_of

MakeProject = Callable[..., Project]
ENVIRON = {"PATH": os.environ["PATH"]}
NO_EXAMPLES = "[build]\nrun_examples = false\n"
HEAD = """
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any
import jaunt


@dataclass
class Item:
    price: int

"""


def spec_of(*declared: str) -> str:
    """A spec module with these functions, each with a docstring and an empty body, and classes."""
    body = ':\n    """Do it."""\n    ...\n'
    parts = [text if text.startswith("class ") else text + body for text in declared]
    return HEAD + "\n\n".join(f"@jaunt.magic\n{text}" for text in parts)


def build_all(
    project: Project, code: Mapping[str, str], *, force: bool = False
) -> tuple[ModuleReport, ...]:
    """Build each module, with this code."""
    backend = ScriptedBackend({name: [text] for name, text in code.items()})
    report = build(
        project,
        BuildOptions(force=force),
        sink=lambda _: None,
        environ=ENVIRON,
        load=loader_of(backend),
    )
    assert report.ok
    return report.modules


def built(project: Project, code: str, *, force: bool = False) -> ModuleReport:
    (module,) = build_all(project, {"shop.cart": code}, force=force)
    return module


def compare_all(
    project: Project, before: Mapping[str, str], after: Mapping[str, str]
) -> dict[str, Behaviour]:
    """The one behaviour of each module, which has one function."""
    build_all(project, before)
    assert all(module.replaced for module in build_all(project, after, force=True))
    modules = compare_versions(project, environ=ENVIRON).modules
    return {
        module.module: behaviour
        for module in modules
        for symbol in module.symbols
        for behaviour in symbol.behaviours
    }


def compared_project(
    make_project: MakeProject, declared: list[str], before: str, after: str
) -> Project:
    """A project whose code was replaced by other code."""
    spec = spec_of(*declared)
    project = make_project({"shop/__init__.py": "", "shop/cart.py": spec}, NO_EXAMPLES)
    assert not built(project, before).replaced
    assert built(project, after, force=True).replaced
    return project


def compared(make_project: MakeProject, declared: list[str], before: str, after: str) -> Comparison:
    project = compared_project(make_project, declared, before, after)
    return compare_versions(project, environ=ENVIRON)


def only(comparison: Comparison) -> SymbolChange:
    ((symbol,),) = [module.symbols for module in comparison.modules]
    return symbol


def behaviour(comparison: Comparison) -> Behaviour:
    (found,) = only(comparison).behaviours
    return found


TOTAL = "def total(items: list[int], *, factor: int = 1) -> int"


def test_what_differs_is_shown_with_the_smallest_input_first(make_project: MakeProject) -> None:
    before = f"{TOTAL}:\n    return sum(items) * factor\n"
    after = f"{TOTAL}:\n    return sum(items) * max(factor, 0)\n"
    comparison = compared(make_project, [TOTAL], before, after)
    symbol, found = only(comparison), behaviour(comparison)
    assert (symbol.name, symbol.change) == ("total", Change.CHANGED)
    assert symbol.diff.splitlines()[:2] == [
        "--- shop.cart:total (before)",
        "+++ shop.cart:total (now)",
    ]
    assert symbol.diff.splitlines()[-2:] == [
        "-    return sum(items) * factor",
        "+    return sum(items) * max(factor, 0)",
    ]
    assert found.owner == "total"
    assert 0 < found.differing <= found.tried <= 100
    assert len(found.differences) == 5
    assert found.differences[0] == Difference(
        call="total(items=[1], factor=-1)", before="returns -1", after="returns 0"
    )
    sizes = [len(item.call) for item in found.differences]
    assert sizes == sorted(sizes)


def test_what_agrees_is_counted_and_the_same_is_found_again(make_project: MakeProject) -> None:
    before = f"{TOTAL}:\n    return sum(items) * factor\n"
    after = f"{TOTAL}:\n    return factor * sum(items)\n"
    project = compared_project(make_project, [TOTAL], before, after)
    comparison = compare_versions(project, environ=ENVIRON)
    found = behaviour(comparison)
    assert (found.differing, found.differences, found.untried) == (0, (), "")
    assert found.tried > 50
    assert compare_versions(project, environ=ENVIRON) == comparison


CASES = {
    "an exception": (
        "def f(n: int) -> int",
        "    if n < 0:\n        raise ValueError('no')\n    return n\n",
        "    if n < 0:\n        raise ValueError('never')\n    return n\n",
        Difference(
            call="f(n=-1)", before="raises ValueError: no", after="raises ValueError: never"
        ),
    ),
    "a coroutine": (
        "async def f(n: int) -> int",
        "    return n\n",
        "    return n + (n > 4)\n",
        Difference(call="f(n=5)", before="returns 5", after="returns 6"),
    ),
    "an endless generator": (
        "def f(n: bool) -> Iterator[int]",
        "    while True:\n        yield 1\n",
        "    yield 1\n    return\n",
        Difference(call="f(n=True)", before=f"returns {[1] * 50}", after="returns [1]"),
    ),
    "an asynchronous generator": (
        "def f(n: bool) -> AsyncIterator[int]",
        "    async def items():\n        yield 1\n\n    return items()\n",
        "    async def items():\n        yield int(n)\n\n    return items()\n",
        Difference(call="f(n=False)", before="returns [1]", after="returns [0]"),
    ),
    "a changed argument": (
        "def f(items: list[int]) -> int",
        "    return len(items)\n",
        "    items.append(1)\n    return len(items) - (len(items) == 1)\n",
        Difference(call="f(items=[0])", before="returns 1", after="returns 2"),
    ),
    "a loop": (
        "def f(n: bool) -> bool",
        "    return n\n",
        "    while n:\n        pass\n    return n\n",
        Difference(call="f(n=True)", before="returns True", after="does not end within 1 s"),
    ),
    "an exit": (
        "def f(n: bool) -> bool",
        "    return n\n",
        "    if n:\n        raise SystemExit(1)\n    return n\n",
        Difference(call="f(n=True)", before="returns True", after="raises SystemExit: 1"),
    ),
    "another type": (
        "def f(n: bool) -> int",
        "    return n\n",
        "    return int(n)\n",
        Difference(call="f(n=True)", before="returns True", after="returns 1"),
    ),
}


@pytest.fixture(scope="module")
def kinds(new_project: MakeProject) -> dict[str, Behaviour]:
    """The behaviours of all cases, built in one project: `case_0` is the first."""
    imports = "from collections.abc import AsyncIterator, Iterator\n\n\n"
    files, before, after = {}, {}, {}
    for number, (declared, first, second, _) in enumerate(CASES.values()):
        files[f"case_{number}.py"] = spec_of(declared)
        before[f"case_{number}"] = f"{imports}{declared}:\n{first}"
        after[f"case_{number}"] = f"{imports}{declared}:\n{second}"
    return compare_all(new_project(files, NO_EXAMPLES), before, after)


@pytest.mark.parametrize("name", CASES)
def test_kinds_of_differences(name: str, kinds: dict[str, Behaviour]) -> None:
    found = kinds[f"case_{list(CASES).index(name)}"]
    assert CASES[name][3] in found.differences
    assert not found.untried


# What stands in the way: a declaration, what is imported for it, the body, and what is said.
UNTRIED = (
    ("def f(n)", "", "    return 1\n", "the parameter n has no type"),
    ("def f(n: Any)", "", "    return 1\n", "the type of the parameter n says nothing"),
    (
        "def f(n: Nothing)",
        "class Nothing:\n    def __init__(self, x): ...\n",
        "    return 1\n",
        "no input can",
    ),
    ("def f(n: bool)", "", "    import os\n    os._exit(3)\n", "it ended the process with exit"),
    (
        "def f(n: bool)",
        "",
        "    import time\n\n    return time.perf_counter_ns()\n",
        "the same input does",
    ),
)


@pytest.fixture(scope="module")
def untried(new_project: MakeProject) -> dict[str, Behaviour]:
    """The behaviours of all of these, built in one project likewise."""
    files, before, after = {}, {}, {}
    for number, (declared, helper, body, _) in enumerate(UNTRIED):
        imports = f"from odd_{number} import *"
        files[f"odd_{number}.py"] = helper
        files[f"case_{number}.py"] = spec_of(declared).replace(
            "import jaunt", f"import jaunt\n{imports}"
        )
        names = "from odd_2 import Nothing" if helper else "from typing import Any"
        before[f"case_{number}"] = f"{names}\n\n\n{declared}:\n{body}"
        after[f"case_{number}"] = f"{names}\n\n\n{declared}:\n    count = 1\n{body}"
    return compare_all(new_project(files, NO_EXAMPLES), before, after)


@pytest.mark.parametrize("number", range(len(UNTRIED)))
def test_what_cannot_be_compared_is_said(number: int, untried: dict[str, Behaviour]) -> None:
    found = untried[f"case_{number}"]
    assert UNTRIED[number][3] in found.untried
    assert found.differing == 0


def test_methods_are_called_on_instances_made_from_types(make_project: MakeProject) -> None:
    spec = '''class Ledger:
    """Keeps an amount."""

    def __init__(self, start: int) -> None:
        """Begin."""
        ...

    def add(self, amount: int) -> int:
        """Add."""
        ...

    def again(self) -> "Ledger":
        """Copy."""
        ...
'''
    code = (
        "class Ledger:\n"
        "    def __init__(self, start: int) -> None:\n        self.amount = start\n\n"
        "    def add(self, amount: int) -> int:\n        return self.amount + amount\n\n"
        "    def again(self) -> 'Ledger':\n        return Ledger(self.amount)\n"
    )
    found = only(compared(make_project, [spec], code, code.replace("+ amount", "+ abs(amount)")))
    add, again = found.behaviours
    assert (add.owner, again.owner) == ("Ledger.add", "Ledger.again")
    assert add.differences[0] == Difference(
        call="Ledger(start=0).add(amount=-1)", before="returns -1", after="returns 1"
    )
    assert (again.differing, again.untried) == (0, "")
    assert again.tried > 50


def test_symbols_come_and_go_and_reach_others(make_project: MakeProject) -> None:
    declared = ["def f(n: int) -> int", "def g(n: int) -> int"]
    before = (
        "LIMIT = 3\n\n\ndef _old(n: int) -> int:\n    return min(n, LIMIT)\n\n\n"
        "def f(n: int) -> int:\n    return _old(n)\n\n\n"
        "def g(n: int) -> int:\n    return min(n, LIMIT)\n"
    )
    after = before.replace("_old", "_new").replace("LIMIT = 3", "LIMIT = 4")
    comparison = compared(make_project, declared, before, after)
    found = {item.name: item for item in comparison.modules[0].symbols}
    assert {name: item.change for name, item in found.items()} == {
        "_new": Change.ADDED,
        "_old": Change.REMOVED,
        "f": Change.CHANGED,
        "": Change.CHANGED,
        "g": Change.UNCHANGED,
    }
    (told,) = found["g"].behaviours
    assert told.differences[0] == Difference(call="g(n=4)", before="returns 3", after="returns 4")
    assert found["g"].diff == ""


def test_only_other_code_counts(make_project: MakeProject) -> None:
    code = f"{TOTAL}:\n    return sum(items) * factor\n"
    files = {"shop/__init__.py": "", "shop/cart.py": spec_of(TOTAL)}
    project = make_project(files, NO_EXAMPLES)
    built(project, code)
    assert not built(project, code, force=True).replaced
    spec = project.root / "shop/cart.py"
    spec.write_text(
        spec.read_text() + '\n\n@jaunt.magic\ndef more() -> int:\n    """1."""\n    ...\n'
    )
    assert compare_versions(project, environ=ENVIRON) == Comparison(modules=())
    more = "def more() -> int:\n    return 1\n"
    assert built(project, more).outcome is Outcome.GENERATED
    (symbol,) = only_names(compare_versions(project, environ=ENVIRON))
    assert symbol == ("more", Change.ADDED)


def only_names(comparison: Comparison) -> list[tuple[str, Change]]:
    return [(item.name, item.change) for module in comparison.modules for item in module.symbols]


def _folder(place: Path) -> None:
    place.unlink()
    place.mkdir()


def _pipe(place: Path) -> None:
    place.unlink()
    os.mkfifo(place)


def _link(place: Path) -> None:
    place.symlink_to(place.rename(place.with_suffix(".txt")))


def _huge(place: Path) -> None:
    with place.open("ab") as file:
        file.truncate(17_000_000)


@pytest.fixture(scope="module")
def replaced(new_project: MakeProject) -> Path:
    """A project whose code was replaced, to be copied."""
    before, after = (f"{TOTAL}:\n    return sum(items) + {n}\n" for n in (1, 2))
    return compared_project(new_project, [TOTAL], before, after).root


@pytest.fixture
def replaced_copy(replaced: Path, tmp_path: Path) -> Project:
    return load_project(root=Path(shutil.copytree(replaced, tmp_path / "copy")))


@pytest.mark.parametrize("make", [_folder, _pipe, _link, _huge])
@pytest.mark.parametrize(
    "place", [".jaunt/previous/build/shop/__generated__", "shop/__generated__"]
)
def test_what_no_run_has_written_is_not_read(
    make: Callable[[Path], None], place: str, replaced_copy: Project
) -> None:
    make(replaced_copy.root / place / "cart.py")
    found = compare_versions(replaced_copy, environ=ENVIRON, run_code=False)
    assert found == Comparison(modules=())


def test_a_link_around_the_versions_before_is_not_followed(replaced_copy: Project) -> None:
    kept = replaced_copy.root / ".jaunt/previous"
    kept.rename(replaced_copy.root.parent / "elsewhere")
    kept.symlink_to(replaced_copy.root.parent / "elsewhere")
    found = compare_versions(replaced_copy, environ=ENVIRON, run_code=False)
    assert found == Comparison(modules=())


def test_modules_that_have_no_version_before(replaced_copy: Project) -> None:
    with pytest.raises(JauntConfigError) as caught:
        compare_versions(replaced_copy, environ=ENVIRON, modules=("shop.crt",))
    assert caught.value.args[0] == "no version before is kept for 'shop.crt'"
    assert caught.value.hint == "did you mean shop.cart?"


def test_nothing_is_run_where_nobody_wants_it(replaced_copy: Project) -> None:
    symbol = only(compare_versions(replaced_copy, environ=ENVIRON, run_code=False))
    assert (symbol.change, symbol.behaviours) == (Change.CHANGED, ())


def test_without_hypothesis_the_text_is_shown(
    replaced_copy: Project, interpreters: Any, tmp_path: Path
) -> None:
    bare = interpreters.environment(f"bare-{tmp_path.name}", python=Path(sys.executable))
    environ = {**ENVIRON, "VIRTUAL_ENV": str(bare)}
    comparison = compare_versions(replaced_copy, environ=environ)
    assert only(comparison).change is Change.CHANGED
    assert comparison.modules[0].note == "the project's interpreter has no hypothesis"
    assert comparison.hint.endswith("uv add --dev hypothesis")
