"""What a model is shown beside a spec: imports, homes of names, fixtures. One project for all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from textwrap import dedent

import pytest

from jaunt_core.config.loading import Project
from jaunt_core.model.spec import SpecRef, SpecSource

from ..conftest import discover

SHOP = {
    "shop/__init__.py": "from shop.sale import buy as buy\n",
    "shop/errors.py": """
        class SoldOut(Exception):
            '''Nothing is left.'''

        class Conflict(SoldOut): ...

        def refuse(): ...

        Return = 1
        LIMIT = 5
        amount = 1
        Rows = list[int]
        """,
    "shop/ledger.py": """
        class Ledger:
            '''All sales.'''

        def entries(): ...
        """,
    "shop/sale.py": """
        import datetime as dt
        from decimal import Decimal as D
        import jaunt
        import vendor.web as web
        from shop.errors import SoldOut
        from shop.ledger import Ledger

        @jaunt.magic
        def buy(sku: str, when: dt.date, session: web.Session) -> D:
            '''Buy one.

            Raises:
                SoldOut: If none is left in the Ledger.
                Timeout: Never.
            '''
            raise NotImplementedError

        def hand(sku: str) -> None:
            '''Hand over.

            Raises:
                SoldOut: If there is none.
            '''
        """,
    "vendor/web.py": "class Session: ...\n",
}


def function(head: str, signature: str = "()", docstring: str = "Do.", body: str = "...") -> str:
    """A module with one spec `f`."""
    lines = [head, "import jaunt", "", "@jaunt.magic", f"def f{signature}:"]
    return "\n".join([*lines, f"    '''{docstring}'''", f"    {body}", ""])


IMPORTS: Mapping[str, tuple[str, list[str]]] = {
    "alias": (function("from decimal import Decimal as D", "(x: D) -> 'D'"), ["D"]),
    "module under an alias": (function("import datetime as dt", "(x: dt.date)"), ["dt"]),
    "unused": (function("import re, os\nfrom typing import Any"), []),
    "in brackets, one of many": (
        function("from typing import (Any, Callable as C,\n    cast)", "(x: C[[], int])"),
        ["from typing import Callable as C"],
    ),
    "submodule": (
        function("import os.path\nimport collections.abc\nimport os", "(x: collections.abc.Set)"),
        ["import collections.abc"],
    ),
    "submodule among others": (
        function(
            "import xml.dom\nimport xml.etree.ElementTree", "(x: xml.etree.ElementTree.Element)"
        ),
        ["import xml.etree.ElementTree"],
    ),
    "relative": (
        function("from .ledger import Ledger", "(x: Ledger)"),
        ["from shop.ledger import Ledger"],
    ),
    "for type checkers": (
        function(
            "import typing\nif typing.TYPE_CHECKING:\n    from shop.ledger import Ledger",
            "(x: 'Ledger')",
        ),
        ["from shop.ledger import Ledger # typing"],
    ),
    "star": (
        function("from shop.errors import *", "(x: SoldOut)"),
        ["from shop.errors import SoldOut"],
    ),
    "fallback": (
        function(
            "try:\n    import tomllib as t\nexcept ImportError:\n    t = None", body="t.loads('')"
        ),
        ["import tomllib as t"],
    ),
    "in prose": (
        function("from json import JSONDecodeError\nimport re", docstring="Raise JSONDecodeError."),
        ["from json import JSONDecodeError"],
    ),
    "plain word in prose": (
        function("from pathlib import Path", docstring="Return a Path."),
        ["from pathlib import Path"],
    ),
    "in prose, as a parameter": (function("import re", "(re: int)", "Return `re`."), []),
    "default": (function("import math", "(x: float = math.pi)"), ["import math"]),
    "body": (function("import math as m", body="return m.sin(0)"), ["import math as m"]),
    "in the body itself": (function("", body="import math; return math.pi"), []),
    "decorator of a method": (
        (
            "import functools as ft\nimport jaunt\n\n@jaunt.magic\nclass f:\n    '''Do.'''\n"
            "    @ft.cached_property\n    def g(self) -> int: ...\n"
        ),
        ["import functools as ft"],
    ),
    "decorator above": (
        "from functools import cache as c\nimport jaunt\n\n@c\n@jaunt.magic\ndef f(): ...\n",
        ["from functools import cache as c"],
    ),
    "jaunt": (function("", docstring="Like `jaunt.magic`."), []),
    "prompt": (
        (
            "from shop.ledger import Ledger as Book\nimport jaunt\n\n"
            "@jaunt.magic(prompt='Take a `Book`.')\ndef f():\n    '''Do.'''\n"
        ),
        ["from shop.ledger import Ledger as Book"],
    ),
    "of the project, in call form": (
        function("from shop import buy as purchase", docstring="See purchase()."),
        ["from shop import buy as purchase"],
    ),
}
IMPORTS["alias"][1][:] = ["from decimal import Decimal as D"]
IMPORTS["module under an alias"][1][:] = ["import datetime as dt"]

RAISES = "Do.\n\n    Raises:\n        {}: If so.\n    "

PROSE: Mapping[str, tuple[str, list[str]]] = {
    "raised, of a module along the way": (
        function("from shop import buy", docstring=RAISES.format("SoldOut")),
        ["shop.errors:SoldOut"],
    ),
    "raised, plain word": (
        function("from shop import buy", docstring=RAISES.format("Conflict")),
        ["shop.errors:Conflict", "shop.errors:SoldOut"],
    ),
    "raised, with an unused import": (
        function("import shop.errors", docstring=RAISES.format("SoldOut")),
        ["shop.errors:SoldOut"],
    ),
    "raised in numpy's style": (
        function(
            "import shop.sale",
            docstring="Do.\n\n    Raises\n    ------\n    SoldOut\n        If so.",
        ),
        ["shop.errors:SoldOut"],
    ),
    "raised in the style of Sphinx": (
        function("import shop.sale", docstring="Do.\n\n    :raises SoldOut: If so."),
        ["shop.errors:SoldOut"],
    ),
    "dependency by text": (
        (
            "import jaunt\n\n@jaunt.magic(deps=['shop.errors:refuse'])\ndef f():\n"
            "    '''Do.\n\n    Raises:\n        SoldOut: If so.\n    '''\n"
        ),
        ["shop.errors:SoldOut", "shop.errors:refuse"],
    ),
    "plain word that is a class": (
        function("import shop.ledger", docstring="Read all into a Ledger."),
        ["shop.ledger:Ledger"],
    ),
    "plain word at the end and in the plural": (
        function("import shop.ledger", docstring="Ledgers hold Ledger."),
        ["shop.ledger:Ledger"],
    ),
    "type in a section": (
        function("import shop.ledger", docstring="Do.\n\n    Returns:\n        Ledger: All."),
        ["shop.ledger:Ledger"],
    ),
    "plain word that is a type": (
        function("import shop.errors", docstring="Return Rows."),
        ["shop.errors:Rows"],
    ),
    "plain word that is a variable": (function("import shop.errors", docstring="Return it."), []),
    "constant of another module": (
        function("import shop.errors", docstring="At most LIMIT."),
        ["shop.errors:LIMIT"],
    ),
    "variable of another module": (function("import shop.errors", docstring="The `amount`."), []),
    "function of another module": (
        function("import shop.errors", docstring="See refuse()."),
        ["shop.errors:refuse"],
    ),
    "function far away": (function("from shop import buy", docstring="See entries()."), []),
    "parameter of that name": (
        function("import shop.ledger", "(Ledger: int)", "Read into Ledger."),
        [],
    ),
    "type parameter of the class": (
        (
            "from typing import *\nimport jaunt\nT = TypeVar('T')\nS = TypeVar('S')\n\n"
            "@jaunt.magic\nclass f(Generic[T]):\n    '''Do.'''\n"
        ),
        ["shop.{}:T"],
    ),
    "by dotted path": (
        function("", docstring="Like `shop.ledger.Ledger`."),
        ["shop.ledger:Ledger"],
    ),
    "unknown": (function("from shop import buy", docstring=RAISES.format("SoldOff")), []),
}

HOMES = [
    "import datetime as dt",
    "import vendor.web as web",
    "from decimal import Decimal as D",
    "from shop.errors import SoldOut # class SoldOut(Exception)",
    "from shop.ledger import Ledger # class Ledger",
]

TESTS = {
    "conftest.py": """
        import pytest

        @pytest.fixture
        def city(): return "Ulm"

        @pytest.fixture
        def top(): return 1
        """,
    "tests/conftest.py": """
        import pytest
        from pytest import fixture as fix
        import pytest_asyncio
        from tests.parts import *
        from shop.errors import SoldOut
        from shop.ledger import Ledger

        pytest_plugins = ["tests.plugin", "vendor.nothing"]

        @pytest.fixture
        def city(city): return city.upper()

        @fix(name="shop", scope="module")
        def make_shop(ledger): return [ledger]

        @pytest.fixture
        def ledger() -> "Ledger": return Ledger()

        @pytest_asyncio.fixture
        async def server(): yield 1

        @pytest.fixture(autouse=True)
        def quiet(): SoldOut

        def helper(): ...
        """,
    "tests/parts.py": "import pytest\n\n@pytest.fixture\ndef part(): ...\n",
    "tests/plugin.py": "import pytest\n\n@pytest.fixture\ndef plugged(): ...\n",
    "tests/other/conftest.py": "import pytest\n\n@pytest.fixture\ndef city(): ...\n",
}


def asking(parameters: str, decorators: str = "", head: str = "") -> str:
    """A module with one test spec `f`."""
    test = f"@jaunt.test\n{decorators}\ndef f({parameters}): ...\n"
    return f"{head}\nimport jaunt\nimport pytest\n\n{test}"


FIXTURES: Mapping[str, tuple[str, str]] = {
    "none": (asking(""), ""),
    "overridden": (asking("city"), "conftest:city tests.conftest:city"),
    "of the top": (asking("top, tmp_path"), "conftest:top"),
    "under another name": (asking("shop"), "tests.conftest:ledger tests.conftest:make_shop"),
    "asynchronous": (asking("server"), "tests.conftest:server"),
    "through a star": (asking("part"), "tests.parts:part"),
    "of a plugin": (asking("plugged"), "tests.plugin:plugged"),
    "no fixture": (asking("helper"), ""),
    "parametrized": (asking("top", "@pytest.mark.parametrize('top', [1])"), ""),
    "parametrized through the fixture": (
        asking("top", "@pytest.mark.parametrize('top', [1], indirect=True)"), "conftest:top"
    ),
    "with a default": (asking("top=1"), ""),
    "asked for by a mark": (asking("", "@pytest.mark.usefixtures('top')"), "conftest:top"),
    "of the module": (
        asking("own", head="import pytest\n@pytest.fixture\ndef own(top): ..."),
        "conftest:top {}:own",
    ),
}  # fmt: skip

SIDES = "import jaunt\n\ndef mark(thing): return thing\n\n{}\ndef f(): ...\n"


def slug(title: str) -> str:
    return title.replace(" ", "_").replace(",", "").replace("'", "")


@pytest.fixture(scope="module")
def specs(new_project: Callable[..., Project]) -> Mapping[str, SpecSource]:
    """The spec `f` of each case's module, by the name of its file."""
    cases = {**{f"shop/i_{slug(key)}.py": text for key, (text, _) in IMPORTS.items()}}
    cases |= {f"shop/p_{slug(key)}.py": text for key, (text, _) in PROSE.items()}
    cases |= {f"tests/test_{slug(key)}.py": text for key, (text, _) in FIXTURES.items()}
    cases |= {
        "shop/s_above.py": SIDES.format("@mark\n@jaunt.magic"),
        "shop/s_below.py": SIDES.format("@jaunt.magic\n@mark"),
        "tests/test_s_above.py": SIDES.format("@mark\n@jaunt.test"),
        "tests/test_s_below.py": SIDES.format("@jaunt.test\n@mark"),
    }
    files = {name: dedent(text) for name, text in {**SHOP, **TESTS, **cases}.items()}
    modules = discover(new_project(files, '[paths]\nsource_roots = ["."]\n'))
    return {spec.path.name: spec for module in modules for spec in module.specs if spec.name == "f"}


@pytest.mark.parametrize("title", IMPORTS)
def test_imports(title: str, specs: Mapping[str, SpecSource]) -> None:
    lines = [
        line.text + (" # typing" if line.for_types else "")
        for line in specs[f"i_{slug(title)}.py"].imports
    ]

    assert lines == IMPORTS[title][1]


@pytest.mark.parametrize("title", PROSE)
def test_definitions_named_in_prose(title: str, specs: Mapping[str, SpecSource]) -> None:
    name = f"p_{slug(title)}"

    shown = [str(entry.ref) for entry in specs[f"{name}.py"].context]

    assert shown == [ref.format(name) for ref in PROSE[title][1]]


def test_names_in_prose_make_no_edges(specs: Mapping[str, SpecSource]) -> None:
    spec = specs[f"p_{slug('dependency by text')}.py"]

    assert (spec.explicit, spec.inferred) == ((SpecRef("shop.errors:refuse"),), ())
    assert spec.mentioned == (SpecRef("shop.errors:SoldOut"),)


def test_what_specs_name_that_are_not_shown_is_not_shown_either(
    new_project: Callable[..., Project],
) -> None:
    files = {
        "a.py": function("from b import opened", body="opened()"),
        "b.py": "import jaunt\nfrom c import Book\n\n@jaunt.magic\ndef opened() -> Book: ...\n",
        "c.py": (
            "from typing import Generic, TypeVar\nimport jaunt\n\nT = TypeVar('T')\n\n"
            "@jaunt.magic\nclass Book(Generic[T]): ...\n"
        ),
    }
    modules = discover(new_project(files, '[paths]\nsource_roots = ["."]\n'))
    context = {module.name: module.specs[0].context for module in modules}

    assert {name: [entry.ref for entry in context[name]] for name in "abc"} == {
        "a": [],
        "b": ["c:T"],
        "c": ["c:T"],
    }


def test_homes_of_names_in_shown_docstrings(new_project: Callable[..., Project]) -> None:
    files = {name: dedent(text) for name, text in SHOP.items()}
    modules = discover(new_project(files, '[paths]\nsource_roots = ["."]\n'))
    (buy,) = [spec for module in modules for spec in module.specs]

    lines = [
        home.text + (f" # {home.declaration}" if home.declaration else "") for home in buy.api_names
    ]

    assert lines == HOMES
    assert buy.api_form.endswith(" names[Ledger=shop.ledger.Ledger SoldOut=shop.errors.SoldOut]")


@pytest.mark.parametrize("title", FIXTURES)
def test_fixtures(title: str, specs: Mapping[str, SpecSource]) -> None:
    name = f"test_{slug(title)}"
    spec = specs[f"{name}.py"]
    expected = FIXTURES[title][1].format(f"tests.{name}").split()

    shown = {str(entry.ref): entry.supplied for entry in spec.context if "fix" in entry.text}

    assert sorted(shown) == sorted([*expected, "tests.conftest:quiet"])
    assert {ref for ref, supplied in shown.items() if not supplied} == {
        ref for ref in expected if ref.startswith(f"tests.{name}:")
    }


def test_what_a_fixture_uses_is_shown(specs: Mapping[str, SpecSource]) -> None:
    context = specs[f"test_{slug('under another name')}.py"].context

    refs = {entry.ref for entry in context}
    assert "shop.ledger:Ledger" in refs
    assert "shop.errors:SoldOut" not in refs  # of a fixture that sets itself up, unasked


def test_the_side_of_a_decorator_counts(specs: Mapping[str, SpecSource]) -> None:
    def decorators(name: str) -> str:
        parts = {part.name: part.form for part in specs[name].parts}
        return parts["decorators"].replace("above.", "").replace("below.", "").replace("_s_", "")

    assert decorators("s_above.py") != decorators("s_below.py")
    assert decorators("test_s_above.py") == decorators("test_s_below.py").replace("below", "above")


def test_attributes_that_a_constructor_sets_are_shown(
    new_project: Callable[..., Project],
) -> None:
    files = {
        "errors.py": '''
            class Unit: ...

            class Refused(Exception):
                """It was refused."""

                def __init__(self, sku: str, left: int) -> None:
                    super().__init__(f"{sku}: {left}")
                    self.sku = sku.lower()
                    self.unit: "Unit" = Unit()
                    self._left = self.other = left
                    left = 1
            ''',
        "m.py": '''
            import jaunt

            import errors

            @jaunt.magic
            def buy(sku: str) -> None:
                """Buy one. Raises `errors.Refused` where it has a `sku`."""
                raise NotImplementedError
            ''',
    }
    project = new_project(
        {name: dedent(text) for name, text in files.items()}, '[paths]\nsource_roots = ["."]\n'
    )
    (spec,) = [spec for module in discover(project) for spec in module.specs]

    texts = {str(entry.ref): entry.text for entry in spec.context}
    assert list(texts) == ["errors:Refused", "errors:Unit"]
    assert texts["errors:Refused"].endswith(
        "(self, sku: str, left: int) -> None:\n        self.sku = ...\n        self.unit: 'Unit'"
    )
