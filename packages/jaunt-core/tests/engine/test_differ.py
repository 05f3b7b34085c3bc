"""Generated code beside the version before it: real builds, and both versions in the sandbox."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
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


def built(project: Project, code: str, *, force: bool = False) -> ModuleReport:
    backend = ScriptedBackend({"shop.cart": [code]})
    report = build(
        project,
        BuildOptions(force=force),
        sink=lambda _: None,
        environ=ENVIRON,
        load=loader_of(backend),
    )
    (module,) = report.modules
    assert module.failure is None
    return module


def compared(
    make_project: MakeProject, declared: list[str], before: str, after: str, *, run: bool = True
) -> Comparison:
    config = "[build]\nrun_examples = false\n"
    spec = spec_of(*declared)
    project = make_project({"shop/__init__.py": "", "shop/cart.py": spec}, config)
    assert not built(project, before).replaced
    assert built(project, after, force=True).replaced
    return compare_versions(project, environ=ENVIRON, run_code=run)


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
    comparison = compared(make_project, [TOTAL], before, after)
    found = behaviour(comparison)
    assert (found.differing, found.differences, found.untried) == (0, (), "")
    assert found.tried > 50
    project = load_project(root=next(iter(_root_of(make_project))))
    assert compare_versions(project, environ=ENVIRON) == comparison


def _root_of(make_project: Any) -> list[Path]:
    return [make_project({}, "[build]\nrun_examples = false\n").root]


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


@pytest.mark.parametrize("name", CASES)
def test_kinds_of_differences(name: str, make_project: MakeProject) -> None:
    declared, before, after, expected = CASES[name]
    imports = "from collections.abc import AsyncIterator, Iterator\n"
    whole = [f"{imports}\n\n{declared}:\n{body}" for body in (before, after)]
    found = behaviour(compared(make_project, [declared], *whole))
    assert expected in found.differences
    assert not found.untried


@pytest.mark.parametrize(
    ("declared", "code", "said"),
    [
        ("def f(n)", "", "the parameter n has no type"),
        ("def f(n: Any)", "", "the type of the parameter n says nothing"),
        ("def f(n: Nothing)", "class Nothing:\n    def __init__(self, x): ...\n", "no input can"),
        ("def f(n: bool)", "    import os\n    os._exit(3)\n", "it ended the process with exit"),
        (
            "def f(n: bool)",
            "    import time\n\n    return time.perf_counter_ns()\n",
            "the same input does",
        ),
    ],
)
def test_what_cannot_be_compared_is_said(
    declared: str, code: str, said: str, make_project: MakeProject
) -> None:
    is_body = code.startswith("    ")
    body = code if is_body else "    return 1\n"
    if not is_body and code:
        declared_here = f"from shop.odd import Nothing\n\n\n{declared}"
    else:
        declared_here = f"from typing import Any\n\n\n{declared}"
    make_project({"shop/odd.py": code if not is_body else ""})
    spec = spec_of(declared).replace("import jaunt\n", "import jaunt\nfrom shop.odd import *\n")
    project = make_project(
        {"shop/__init__.py": "", "shop/cart.py": spec}, "[build]\nrun_examples = false\n"
    )
    built(project, f"{declared_here}:\n{body}")
    built(project, f"{declared_here}:\n    count = 1\n{body}", force=True)
    found = behaviour(compare_versions(project, environ=ENVIRON))
    assert said in found.untried
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
    project = make_project(files, "[build]\nrun_examples = false\n")
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


def test_nothing_is_run_where_nobody_wants_it(make_project: MakeProject, tmp_path: Path) -> None:
    before, after = (f"{TOTAL}:\n    return sum(items) + {n}\n" for n in (1, 2))
    symbol = only(compared(make_project, [TOTAL], before, after, run=False))
    assert (symbol.change, symbol.behaviours) == (Change.CHANGED, ())


def test_without_hypothesis_the_text_is_shown(
    make_project: MakeProject, interpreters: Any, tmp_path: Path
) -> None:
    bare = interpreters.environment(f"bare-{tmp_path.name}", python=Path(sys.executable))
    before, after = (f"{TOTAL}:\n    return sum(items) + {n}\n" for n in (1, 2))
    compared(make_project, [TOTAL], before, after, run=False)
    project = make_project({}, "[build]\nrun_examples = false\n")
    comparison = compare_versions(project, environ={**ENVIRON, "VIRTUAL_ENV": str(bare)})
    assert only(comparison).change is Change.CHANGED
    assert comparison.modules[0].note == "the project's interpreter has no hypothesis"
    assert comparison.hint.endswith("uv add --dev hypothesis")


def test_modules_that_have_no_version_before(make_project: MakeProject) -> None:
    before, after = (f"{TOTAL}:\n    return sum(items) + {n}\n" for n in (1, 2))
    compared(make_project, [TOTAL], before, after, run=False)
    project = make_project({}, "[build]\nrun_examples = false\n")
    with pytest.raises(JauntConfigError) as caught:
        compare_versions(project, environ=ENVIRON, modules=("shop.crt",))
    assert caught.value.args[0] == "no version before is kept for 'shop.crt'"
    assert caught.value.hint == "did you mean shop.cart?"


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


@pytest.mark.parametrize("make", [_folder, _pipe, _link, _huge])
@pytest.mark.parametrize(
    "place", [".jaunt/previous/build/shop/__generated__", "shop/__generated__"]
)
def test_what_no_run_has_written_is_not_read(
    make: Callable[[Path], None], place: str, make_project: MakeProject
) -> None:
    before, after = (f"{TOTAL}:\n    return sum(items) + {n}\n" for n in (1, 2))
    compared(make_project, [TOTAL], before, after, run=False)
    project = make_project({}, "[build]\nrun_examples = false\n")
    file = project.root / place / "cart.py"
    make(file)
    assert compare_versions(project, environ=ENVIRON, run_code=False) == Comparison(modules=())


def test_a_link_around_the_versions_before_is_not_followed(make_project: MakeProject) -> None:
    before, after = (f"{TOTAL}:\n    return sum(items) + {n}\n" for n in (1, 2))
    compared(make_project, [TOTAL], before, after, run=False)
    project = make_project({}, "[build]\nrun_examples = false\n")
    kept = project.root / ".jaunt/previous"
    kept.rename(project.root.parent / "elsewhere")
    kept.symlink_to(project.root.parent / "elsewhere")
    assert compare_versions(project, environ=ENVIRON, run_code=False) == Comparison(modules=())
