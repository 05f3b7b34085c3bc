"""Which dependencies are found in code, which are declared, and what is context only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import dedent

import pytest

from jaunt_core.config.loading import load_project
from jaunt_core.contracts.graph import SpecGraph, build_graph
from jaunt_core.model.plan import Inference
from jaunt_core.model.spec import SpecSource

from ..conftest import discover, write_files

SHOP = {
    "shop/__init__.py": """
        from shop.tax import rate as exported_rate
        from . import tax as levy
        from .wide import *
    """,
    "shop/wide.py": """
        from shop.wider import *
        from shop.tax import rate, net
        __all__ = ["net", "LIMIT"]
    """,
    "shop/narrow.py": "from shop.tax import net, net as rate\n__all__ = ['net']\n",
    "shop/wider.py": "from shop.models import *\n",
    "shop/tax.py": """
        import jaunt

        @jaunt.magic
        def rate(country: str) -> float:
            '''The rate of a country.'''

        @jaunt.magic
        def net(gross: float) -> float:
            '''What is left.'''

        @jaunt.magic
        class Ledger:
            '''A list of amounts.'''
            def add(self, amount: float) -> None:
                '''Add it.'''
    """,
    "shop/models.py": """
        from __future__ import annotations
        import enum
        from dataclasses import dataclass
        from typing import Generic, TypeVar
        from shop.tax import Ledger, rate

        T = TypeVar("T", bound="Order")
        LIMIT = 100

        class Currency(enum.Enum):
            EUR = 1

        @dataclass
        class Order:
            currency: Currency

        Orders = list["Order"]

        class Repository(Generic[T]):
            def get(self) -> T:
                return rate("de")

        class Book(Ledger):
            pass

        def describe(order: Order) -> str:
            return str(rate("de"))

        def registered(item):
            return lambda obj: obj
    """,
}


@dataclass(frozen=True)
class Case:
    """A module with a spec `subject`, and the references that are expected for it.

    References in `lib` of the own module are written as `:name`.
    """

    source: str
    edges: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    explicit: tuple[str, ...] = ()
    unknown: tuple[tuple[str, str | None], ...] = ()


RATE, NET, LEDGER = "shop.tax:rate", "shop.tax:net", "shop.tax:Ledger"
ORDER = ("shop.models:Currency", "shop.models:Order")

INFERRED = {
    "a name of the same module": Case(
        """
        @jaunt.magic
        def other(): ...
        @jaunt.magic
        def subject():
            return other()
        """,
        edges=(":other",),
    ),
    "an attribute of a module": Case(
        """
        from shop import tax
        @jaunt.magic
        def subject():
            return tax.rate("de")
        """,
        edges=(RATE,),
    ),
    "an attribute of a submodule": Case(
        """
        import shop.tax
        @jaunt.magic
        def subject():
            return shop.tax.rate("de")
        """,
        edges=(RATE,),
    ),
    "a module under another name": Case(
        """
        import shop.tax as duty
        @jaunt.magic
        def subject():
            return duty.rate("de")
        """,
        edges=(RATE,),
    ),
    "from … import … as": Case(
        """
        from shop.tax import rate as duty
        @jaunt.magic
        def subject():
            return duty("de")
        """,
        edges=(RATE,),
    ),
    "a relative import": Case(
        """
        from .lib import local
        @jaunt.magic
        def subject():
            return local()
        """,
        edges=("shapes.lib:local",),
    ),
    "a relative import of a module": Case(
        """
        from . import lib as near
        @jaunt.magic
        def subject():
            return near.local()
        """,
        edges=("shapes.lib:local",),
    ),
    "a re-export under another name": Case(
        """
        from shop import exported_rate
        @jaunt.magic
        def subject():
            return exported_rate("de")
        """,
        edges=(RATE,),
    ),
    "a re-exported module": Case(
        """
        import shop
        @jaunt.magic
        def subject():
            return shop.levy.net(1)
        """,
        edges=(NET,),
    ),
    "a star import": Case(
        """
        from shop.tax import *
        @jaunt.magic
        def subject():
            return rate("de")
        """,
        edges=(RATE,),
    ),
    "a re-export through two stars": Case(
        """
        from shop import net, LIMIT
        @jaunt.magic
        def subject():
            return net(LIMIT)
        """,
        edges=(NET,),
        context=("shop.models:LIMIT",),
    ),
    "a star that __all__ narrows": Case(
        """
        from shop.wide import *
        def rate(country): return 1
        @jaunt.magic
        def subject():
            return rate(net(1))
        """,
        edges=(NET,),
        context=(":rate",),
    ),
    "a later star that __all__ narrows": Case(
        """
        from shop.tax import *
        from shop.narrow import *
        @jaunt.magic
        def subject():
            return rate("de")
        """,
        edges=(RATE,),
    ),
    "an import that may fail": Case(
        """
        try:
            from shop.tax import rate
        except ImportError:
            rate = None
        @jaunt.magic
        def subject():
            return rate("de")
        """,
        edges=(RATE,),
    ),
    "a plain other name": Case(
        """
        from shop import tax
        duty = tax.rate
        @jaunt.magic
        def subject():
            return duty("de")
        """,
        edges=(RATE,),
        context=(":duty",),
    ),
    "an import inside the body": Case(
        """
        @jaunt.magic
        def subject():
            from shop.tax import rate as duty
            return duty("de")
        """,
        edges=(RATE,),
    ),
    "an import of a module inside a method": Case(
        """
        @jaunt.magic
        class subject:
            def go(self):
                import shop.tax as duty
                return duty.net(1)
        """,
        edges=(NET,),
    ),
    "TYPE_CHECKING": Case(
        """
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from shop.tax import Ledger
        @jaunt.magic
        def subject(ledger: "Ledger") -> None: ...
        """,
        edges=(LEDGER,),
    ),
    "typing.TYPE_CHECKING": Case(
        """
        import typing as t
        if t.TYPE_CHECKING:
            from shop import tax
        @jaunt.magic
        def subject(ledger: "t.Annotated[tax.Ledger, 'rate']") -> None: ...
        """,
        edges=(LEDGER,),
    ),
    "postponed annotations": Case(
        """
        from __future__ import annotations
        import jaunt
        @jaunt.magic
        def subject(later: Later | None) -> None: ...
        @jaunt.magic
        class Later: ...
        """,
        edges=(":Later",),
    ),
    "a quoted union": Case(
        """
        from shop.models import Order
        @jaunt.magic
        def subject(ledger: "shop.tax.Ledger | None", order: "Order") -> None: ...
        import shop.tax
        """,
        edges=(LEDGER,),
        context=ORDER,
    ),
    "a nested forward reference": Case(
        """
        @jaunt.magic
        def subject(given: dict[str, list["Later"]]) -> None: ...
        @jaunt.magic
        class Later: ...
        """,
        edges=(":Later",),
    ),
    "a forward reference in a Callable": Case(
        """
        from collections.abc import Callable
        from shop.models import Order
        @jaunt.magic
        def subject(*hooks: Callable[["Later", "Order"], int], **more: "int") -> None: ...
        @jaunt.magic
        class Later: ...
        """,
        edges=(":Later",),
        context=ORDER,
    ),
    "a return type": Case(
        """
        from shop.tax import Ledger
        @jaunt.magic
        async def subject() -> "list[Ledger]": ...
        """,
        edges=(LEDGER,),
    ),
    "the type of a local variable": Case(
        """
        from shop.tax import Ledger
        @jaunt.magic
        def subject():
            found: "Ledger" = None
            return found
        """,
        edges=(LEDGER,),
    ),
    "a name that nobody defines": Case(
        """
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from .ghosts import Ghost
        @jaunt.magic
        def subject(ghost: "Ghost") -> None: ...
        """,
    ),
    "a literal is no reference": Case(
        """
        from typing import Annotated, Literal
        from shop.tax import net, rate
        @jaunt.magic
        def subject(way: Literal["rate", "net"], text: Annotated[str, "rate"] = "net"): ...
        """,
    ),
    "a key is no reference": Case(
        """
        from shop.tax import net, rate
        @jaunt.magic
        def subject(prices):
            return prices["rate"], prices[("net", 1)]
        """,
    ),
    "a default": Case(
        """
        from shop.tax import net, rate
        @jaunt.magic
        def subject(first=rate, *, second=net): ...
        """,
        edges=(NET, RATE),
    ),
    "the argument of a decorator": Case(
        """
        from shop.models import registered
        from shop.tax import rate
        @registered(rate)
        @jaunt.magic
        def subject(): ...
        """,
        edges=(RATE,),
        context=("shop.models:registered",),
    ),
    "names in methods": Case(
        """
        from shop.tax import Ledger, net, rate
        @jaunt.magic
        class subject:
            book: "Ledger"
            def one(self):
                return rate("de")
            @property
            def two(self):
                def inner():
                    return net(1)
                return inner()
        """,
        edges=(LEDGER, NET, RATE),
    ),
    "an f-string": Case(
        """
        from shop.tax import rate
        @jaunt.magic
        def subject():
            return f"{rate('de'):.2f}"
        """,
        edges=(RATE,),
    ),
    "a parameter hides": Case(
        """
        from shop.tax import net, rate
        @jaunt.magic
        def subject(rate, *net):
            return rate(net)
        """,
    ),
    "a local name hides": Case(
        """
        from shop.tax import Ledger, net, rate
        @jaunt.magic
        def subject(items, path):
            for rate in items: print(rate)
            with open(path) as net: print(net)
            if any((Ledger := item) for item in items): print(Ledger)
        """,
    ),
    "a caught, matched or inner name hides": Case(
        """
        from shop.tax import Ledger, net, rate
        @jaunt.magic
        def subject(given):
            def Ledger(): ...
            try: Ledger()
            except Exception as rate: print(rate)
            match given:
                case [net, *_]: print(net)
        """,
    ),
    "a comprehension hides inside only": Case(
        """
        from shop.tax import Ledger, net, rate
        @jaunt.magic
        def subject(items):
            one = [net for net in items if net]
            two = {Ledger: rate for Ledger in items}
            return one, two, net(1)
        """,
        edges=(NET, RATE),
    ),
    "a lambda hides inside only": Case(
        """
        from shop.tax import net, rate
        @jaunt.magic
        def subject():
            return (lambda rate, net=net: rate(net))
        """,
        edges=(NET,),
    ),
    "an inner function hides inside only": Case(
        """
        from shop.tax import net, rate
        @jaunt.magic
        def subject():
            def inner(rate):
                net = 1
                return rate(net)
            return inner(rate)
        """,
        edges=(RATE,),
    ),
    "a class attribute is no name of the module": Case(
        """
        from shop.tax import net, rate
        @jaunt.magic
        class subject:
            rate: float = 1.0
            net = rate
            def go(self):
                return self.rate * self.net
        """,
    ),
    "a property and its setter are no name of the module": Case(
        """
        from shop.tax import rate
        @jaunt.magic
        class subject:
            @property
            def rate(self): ...
            @rate.setter
            def rate(self, value): ...
        """,
    ),
    "a class attribute does not hide in methods": Case(
        """
        from shop.tax import rate
        @jaunt.magic
        class subject:
            rate = 0
            def go(self):
                return rate("de")
        """,
        edges=(RATE,),
    ),
    "a spec that names itself": Case(
        """
        @jaunt.magic
        def subject(n):
            return n and subject(n - 1)
        """,
    ),
    "a helper's own body": Case(
        """
        from shop.models import describe
        @jaunt.magic
        def subject(order):
            return describe(order)
        """,
        context=("shop.models:Currency", "shop.models:Order", "shop.models:describe"),
    ),
    "a type alias": Case(
        """
        from shop.models import Orders
        @jaunt.magic
        def subject(orders: Orders) -> None: ...
        """,
        context=(*ORDER, "shop.models:Orders"),
    ),
    "another name for the decorator": Case(
        """
        from jaunt import magic as spec
        from shop.tax import rate
        written = spec
        @written
        def subject():
            return rate("de")
        """,
        edges=(RATE,),
    ),
    "a star import of the decorator": Case(
        """
        from jaunt import *
        from shop.tax import rate
        @magic(prompt="be quick")
        def subject():
            return rate("de")
        """,
        edges=(RATE,),
    ),
}

DECLARED = {
    "a base class": Case(
        """
        from shop.tax import Ledger
        @jaunt.magic
        class subject(Ledger): ...
        """,
        explicit=(LEDGER,),
        edges=(LEDGER,),
    ),
    "a base class behind a handwritten one": Case(
        """
        from shop import models
        @jaunt.magic
        class subject(models.Book): ...
        """,
        explicit=("shop.models:Book", LEDGER),
        edges=(LEDGER,),
        context=("shop.models:Book",),
    ),
    "the argument of a base class is inferred": Case(
        """
        from shop.models import Repository
        from shop.tax import Ledger
        @jaunt.magic
        class subject(Repository["Ledger"]): ...
        """,
        explicit=("shop.models:Repository",),
        edges=(LEDGER,),
        context=(*ORDER, "shop.models:Repository", "shop.models:T"),
    ),
    "objects": Case(
        """
        from shop import tax
        from shop.models import Order
        @jaunt.magic(deps=[tax.rate, tax.Ledger, Order])
        def subject(): ...
        """,
        explicit=("shop.models:Order", LEDGER, RATE),
        edges=(LEDGER, RATE),
        context=ORDER,
    ),
    "both spellings of a string": Case(
        """
        @jaunt.magic(deps=["shop.tax:rate", "shop.tax.net", "shop.tax:Ledger.add"])
        def subject(): ...
        """,
        explicit=(LEDGER, NET, RATE),
        edges=(LEDGER, NET, RATE),
    ),
    "the name of a re-export": Case(
        """
        @jaunt.magic(deps=["shop:exported_rate", "shop.models:Order"])
        def subject(): ...
        """,
        explicit=("shop.models:Order", RATE),
        edges=(RATE,),
        context=ORDER,
    ),
    "a plain name": Case(
        """
        @jaunt.magic(deps=("other",))
        def subject(): ...
        @jaunt.magic
        def other(): ...
        """,
        explicit=(":other",),
        edges=(":other",),
    ),
    "constants, also equal ones": Case(
        """
        from shop import models
        FEW, MANY = 100, 100
        @jaunt.magic(deps=[MANY, models.LIMIT, models.Currency.EUR])
        def subject(): ...
        """,
        explicit=("shop.models:Currency", "shop.models:LIMIT", ":MANY"),
        context=("shop.models:Currency", "shop.models:LIMIT", ":MANY"),
    ),
    "a type alias as an object": Case(
        """
        from shop.models import Orders
        @jaunt.magic(deps=[Orders])
        def subject(): ...
        """,
        explicit=("shop.models:Orders",),
        context=(*ORDER, "shop.models:Orders"),
    ),
    "a wrapped spec": Case(
        """
        import functools
        from shop.tax import rate
        cached = functools.cache(rate)
        @jaunt.magic(deps=[cached])
        def subject(): ...
        """,
        explicit=(RATE,),
        edges=(RATE,),
    ),
    "one object": Case(
        """
        from shop import tax
        @jaunt.magic(deps=tax.rate)
        def subject(): ...
        """,
        explicit=(RATE,),
        edges=(RATE,),
    ),
    "one string": Case(
        """
        @jaunt.magic(deps="shop.tax:rate")
        def subject(): ...
        """,
        explicit=(RATE,),
        edges=(RATE,),
    ),
    "one constant": Case(
        """
        from shop import models
        FEW, MANY = 100, 100
        @jaunt.magic(deps=MANY)
        def subject(): ...
        """,
        explicit=(":MANY",),
        context=(":MANY",),
    ),
    "one member of a class": Case(
        """
        from shop import models
        @jaunt.magic(deps=models.Currency.EUR)
        def subject(): ...
        """,
        explicit=("shop.models:Currency",),
        context=("shop.models:Currency",),
    ),
    "the name of a list of one": Case(
        """
        from shop.models import describe
        COMMON = [describe]
        @jaunt.magic(deps=COMMON)
        def subject(): ...
        """,
        explicit=("shop.models:describe",),
        context=(*ORDER, "shop.models:describe"),
    ),
    "one name that is unknown": Case(
        """
        @jaunt.magic(deps="shop.tax:rat")
        def subject(): ...
        """,
        unknown=(("shop.tax:rat", RATE),),
    ),
    "a list that is put together": Case(
        """
        from shop.models import Order, describe
        from shop.tax import rate
        COMMON = [Order, describe]
        @jaunt.magic(deps=[*COMMON, rate])
        def subject(): ...
        """,
        explicit=("shop.models:Order", "shop.models:describe", RATE),
        edges=(RATE,),
        context=(*ORDER, "shop.models:describe"),
    ),
    "what an installed package defines": Case(
        """
        import decimal, pathlib
        @jaunt.magic(deps=[pathlib.Path, decimal.ROUND_UP, len])
        def subject(): ...
        """,
        unknown=(("ROUND_UP", None),),
    ),
    "itself": Case(
        """
        @jaunt.magic(deps=["subject"])
        def subject(): ...
        """,
        explicit=(":subject",),
    ),
    "unknown names": Case(
        """
        import shop.tax
        @jaunt.magic(
            deps=["shop.tax:rat", "shop.models.Ordr", "shop.text:lower", "subjetc", "othr", "Ledgr"]
        )
        def subject(): ...
        @jaunt.magic
        def other(): ...
        """,
        unknown=(
            ("shop.tax:rat", RATE),
            ("shop.models.Ordr", "shop.models:Order"),
            ("shop.text:lower", None),
            ("subjetc", None),
            ("othr", ":other"),
            ("Ledgr", LEDGER),
        ),
    ),
    "what has no name": Case(
        """
        import shop.tax
        from shop.tax import rate
        @jaunt.magic(deps=[shop.tax, 5, lambda: rate])
        def subject(): ...
        """,
        unknown=(("shop.tax", NET), ("5", None), ("{own}:<lambda>", None)),
    ),
}

CASES = {**INFERRED, **DECLARED}
MODULES = {name: f"shapes.s{number:02}" for number, name in enumerate(CASES)}


@dataclass(frozen=True)
class ReadProject:
    """All specs of the project, and the graph with inference."""

    graph: SpecGraph
    specs: Mapping[str, SpecSource]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> ReadProject:
    root = tmp_path_factory.mktemp("shapes")
    files = {
        "jaunt.toml": "version = 1\n",
        **SHOP,
        "shapes/__init__.py": "",
        "shapes/lib.py": "import jaunt\n@jaunt.magic\ndef local(): ...\n",
        "shapes/ghosts.py": "if False:\n    from .spirits import Ghost\n",
        "shapes/spirits.py": "if False:\n    from .ghosts import Ghost\n",
        "prose.py": PROSE,
        "settings.py": SETTINGS,
    }
    for name, case in CASES.items():
        head = "" if "__future__" in case.source else "import jaunt\n"
        files[MODULES[name].replace(".", "/") + ".py"] = head + dedent(case.source).lstrip()
    write_files(root, files)
    modules = discover(load_project(root=root))
    graph = build_graph(modules, Inference(build=True, test=True))
    return ReadProject(graph, {str(ref): spec for ref, spec in graph.specs.items()})


def full_refs(own: str, refs: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(f"{own}{ref}" if ref.startswith(":") else ref for ref in refs))


@pytest.mark.parametrize("name", INFERRED)
def test_names_in_code_are_edges(name: str, project: ReadProject) -> None:
    own, case = MODULES[name], INFERRED[name]
    spec = project.specs[f"{own}:subject"]
    assert project.graph.edges[spec.ref] == full_refs(own, case.edges)
    assert tuple(shown.ref for shown in spec.context) == full_refs(own, case.context)
    assert spec.explicit == ()
    assert spec.unknown == ()


@pytest.mark.parametrize("name", DECLARED)
def test_what_is_declared(name: str, project: ReadProject) -> None:
    own, case = MODULES[name], DECLARED[name]
    spec = project.specs[f"{own}:subject"]
    assert spec.explicit == full_refs(own, case.explicit)
    assert project.graph.edges[spec.ref] == full_refs(own, case.edges)
    assert tuple(shown.ref for shown in spec.context) == full_refs(own, case.context)
    expected = [
        (text.format(own=own), f"{own}{near}" if near and near[0] == ":" else near)
        for text, near in case.unknown
    ]
    assert [(unknown.text, unknown.nearest) for unknown in spec.unknown] == expected


PROSE = '''
    import jaunt
    from shop.models import Order, describe
    from shop.tax import Ledger, net, rate

    @jaunt.magic
    def backticks():
        """Use `rate`, once."""

    @jaunt.magic
    def call_form():
        """Use net(1), and whatever an `Order` says."""

    @jaunt.magic
    def comment():
        # shop.models.LIMIT is the limit; describe(order) puts it into words
        raise NotImplementedError

    @jaunt.magic
    def plain_words(order):
        """The net rate of the order."""

    @jaunt.magic
    class Member:
        def go(self):
            """See `Ledger`."""

    @jaunt.magic
    def both(rate):
        """Multiply by `rate`, as `both` does."""
        return net(rate)
'''


@pytest.mark.parametrize(
    ("name", "mentioned", "context"),
    [
        ("backticks", (RATE,), ()),
        ("call_form", (NET,), ORDER),
        (
            "comment",
            (),
            ("shop.models:Currency", "shop.models:LIMIT", ORDER[1], "shop.models:describe"),
        ),
        ("plain_words", (), ()),
        ("Member", (LEDGER,), ()),
    ],
)
def test_prose_gives_context_and_no_edges(
    name: str, mentioned: tuple[str, ...], context: tuple[str, ...], project: ReadProject
) -> None:
    spec = project.specs[f"prose:{name}"]
    assert project.graph.edges[spec.ref] == ()
    assert project.graph.mentioned(spec.ref) == mentioned
    assert tuple(shown.ref for shown in spec.context) == context


def test_a_parameter_hides_in_prose_too(project: ReadProject) -> None:
    spec = project.specs["prose:both"]
    assert spec.mentioned == ()
    assert project.graph.edges[spec.ref] == (NET,)


SETTINGS = """
    import jaunt
    from shop.tax import Ledger, net, rate

    @jaunt.magic
    def left_open():
        return rate("de")

    @jaunt.magic(infer_deps=True, deps=[Ledger])
    def switched_on():
        return rate("de")

    @jaunt.magic(infer_deps=False, deps=[Ledger])
    def switched_off():
        return rate("de")

    @jaunt.magic(infer_deps=False)
    class Inherits(Ledger):
        def go(self):
            return net(1)
"""


@pytest.mark.parametrize(
    ("name", "on", "off"),
    [
        ("left_open", (RATE,), ()),
        ("switched_on", (LEDGER, RATE), (LEDGER, RATE)),
        ("switched_off", (LEDGER,), (LEDGER,)),
        ("Inherits", (LEDGER,), (LEDGER,)),
    ],
)
def test_inference_is_switched_by_the_spec_and_else_by_the_setting(
    name: str, on: tuple[str, ...], off: tuple[str, ...], project: ReadProject
) -> None:
    ref = project.specs[f"settings:{name}"].ref
    assert project.graph.edges[ref] == on
    without = build_graph(project.graph.modules, Inference(build=False, test=True))
    assert without.edges[ref] == off
    # What is named but no edge still counts as named.
    assert set(without.mentioned(ref)) == {*project.specs[ref].inferred} - {*off}
