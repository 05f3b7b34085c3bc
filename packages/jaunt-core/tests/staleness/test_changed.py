"""Edits that a model would see: exactly the right modules become stale, each with its reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from jaunt_core.model.plan import Action, ModulePlan
from jaunt_core.model.reason import Reason

CART = "src/shop/checkout/cart.py"
LABELS = "src/shop/labels.py"
LEDGER = "src/shop/stock/ledger.py"
MODELS = "src/shop/models.py"
PRICING = "src/shop/pricing.py"
RECEIPT = "src/shop/checkout/receipt.py"
RESERVE = "src/shop/stock/reserve.py"
TAX = "src/shop/tax.py"
TEXT = "src/shop/text.py"
TESTS = "tests/test_pricing.py"
LABEL_TESTS = "tests/test_labels.py"
DESK = "tests/desk/conftest.py"
DESK_TESTS = "tests/desk/test_desk.py"
PARTS = "tests/conftest_parts.py"

NAMES = {
    "shop.checkout.cart": "cart",
    "shop.checkout.receipt": "receipt",
    "shop.labels": "labels",
    "shop.pricing": "pricing",
    "shop.stock.ledger": "ledger",
    "shop.stock.reserve": "reserve",
    "shop.tax": "tax",
    "tests.desk.test_desk": "test_desk",
    "tests.test_labels": "test_labels",
    "tests.test_pricing": "test_pricing",
}


Edit = tuple[str, str, str] | Callable[[Path], None]


@dataclass(frozen=True)
class Case:
    """Edits, and what follows from them.

    `stale` has the reasons that lie in a module itself. The modules of `generate` need an answer,
    those of `keep` are in the rebuild set with an unchanged request; all others are fresh.
    """

    edits: Iterable[Edit]
    stale: dict[str, list[str]]
    generate: str = ""
    keep: str = ""


def case(*edits: Edit, generate: str = "", keep: str = "", **stale: str) -> Case:
    reasons = {name: texts.split(", ") for name, texts in stale.items()}
    return Case(edits, reasons, generate, keep)


def rename(old: str, new: str) -> Callable[[Path], None]:
    def do(root: Path) -> None:
        (root / old).rename(root / new)

    return do


def remove(name: str) -> Callable[[Path], None]:
    return lambda root: (root / name).unlink()


def write(name: str, text: str) -> Callable[[Path], None]:
    def do(root: Path) -> None:
        (root / name).write_text(text, encoding="utf-8")

    return do


OWN = {
    "docstring": case(
        (TAX, "Return the rate of", "Return the tax rate of"),
        tax="rate:docstring",
        generate="tax",
        keep="pricing cart test_pricing",
    ),
    "docstring removed": case(
        (TAX, '    """Return the taxes of an order."""\n', ""),
        tax="total_tax:docstring",
        generate="tax pricing",
        keep="cart test_pricing",
    ),
    "docstring, one more blank line between paragraphs": case(
        (TAX, "`VAT`.\n\n    Raises", "`VAT`.\n\n\n    Raises"),
        tax="rate:docstring",
        generate="tax",
        keep="pricing cart test_pricing",
    ),
    "docstring of a method": case(
        (LEDGER, "Take articles out", "Take some articles out"),
        ledger="Ledger:take.docstring",
        generate="ledger reserve",
    ),
    "docstring of a test": case(
        (LABEL_TESTS, "A long word", "A word"),
        test_labels="test_label:docstring",
        generate="test_labels",
    ),
    "parameter added": case(
        (LABELS, "width: int = 30)", "width: int = 30, height: int = 4)"),
        labels="label:signature",
        generate="labels test_labels",
    ),
    "parameter renamed": case(
        (LABELS, "label(street: str", "label(road: str"),
        labels="label:signature",
        generate="labels test_labels",
    ),
    "parameter without a type": case(
        (LABELS, "width: int = 30", "width=30"),
        labels="label:signature",
        generate="labels test_labels",
    ),
    "another type of a parameter": case(
        (LABELS, "street: str", "street: bytes"),
        labels="label:signature",
        generate="labels test_labels",
    ),
    "optional type": case(
        (LABELS, "street: str", "street: str | None"),
        labels="label:signature",
        generate="labels test_labels",
    ),
    "another return type": case(
        (LABELS, "-> list[str]", "-> tuple[str, ...]"),
        labels="label:signature",
        generate="labels test_labels",
    ),
    "no return type": case(
        (LABELS, " -> list[str]", ""), labels="label:signature", generate="labels test_labels"
    ),
    "another default": case(
        (RESERVE, "seconds: float = 30.0", "seconds: float = 60.0"),
        reserve="reserve:signature",
        generate="reserve",
    ),
    "default of another type": case(
        (RESERVE, "seconds: float = 30.0", "seconds: float = 30"),
        reserve="reserve:signature",
        generate="reserve",
    ),
    "default removed": case(
        (LABELS, "width: int = 30", "width: int"),
        labels="label:signature",
        generate="labels test_labels",
    ),
    "parameter by keyword only": case(
        (LABELS, "street: str, width", "street: str, *, width"),
        labels="label:signature",
        generate="labels test_labels",
    ),
    "parameter by position only": case(
        (LABELS, "street: str, width", "street: str, /, width"),
        labels="label:signature",
        generate="labels test_labels",
    ),
    "order of parameters": case(
        (CART, "order: m.Order, amount: Decimal,", "amount: Decimal, order: m.Order,"),
        cart="pay:signature",
        generate="cart",
    ),
    "async": case(
        (LABELS, "def label", "async def label"),
        labels="label:signature",
        generate="labels test_labels",
    ),
    "no generator any more": case(
        (RESERVE, 'yield SafeLedger({}).take("")', 'SafeLedger({}).take("")'),
        reserve="shortage:body, shortage:signature",
        generate="reserve",
    ),
    "body": case(
        (PRICING, "order.lines == []", "order.lines != []"),
        pricing="shipping:body",
        generate="pricing",
        keep="cart test_pricing",
    ),
    "statement added to an empty body": case(
        (TAX, "half of it\n", "half of it\n    country = country.upper()\n"),
        tax="rate:body",
        generate="tax",
        keep="pricing cart test_pricing",
    ),
    "string in a body": case(
        (CART, '"wrong amount"', '"wrong  amount"'), cart="pay:body", generate="cart"
    ),
    "error with words instead of an empty body": case(
        (LABELS, "raise NotImplementedError", 'raise NotImplementedError("use textwrap")'),
        labels="label:body",
        generate="labels",
        keep="test_labels",
    ),
    "f-string in a body": case(
        (LABELS, "{street!r:>{width}}", "{street!s:>{width}}"),
        labels="label:body",
        generate="labels",
        keep="test_labels",
    ),
    "comment": case(
        (TAX, "# reduced rates are half of it", "# reduced rates are a third of it"),
        tax="rate:comments",
        generate="tax",
        keep="pricing cart test_pricing",
    ),
    "comment added": case(
        (RECEIPT, "*words: str,", "*words: str,  # one a line"),
        receipt="footer:comments",
        generate="receipt",
    ),
    "comment removed": case(
        (TAX, "  # net", ""),
        tax="total_tax:comments",
        generate="tax",
        keep="pricing cart test_pricing",
    ),
    "comment moved to another statement": case(
        (PRICING, "    tax.total_tax(order)\n", "    tax.total_tax(order)  # all\n"),
        pricing="order_total:comments",
        generate="pricing",
        keep="cart test_pricing",
    ),
    "comment in a method": case(
        (LEDGER, "# nothing changes when", "# something changes when"),
        ledger="Ledger:comments",
        generate="ledger",
        keep="reserve",
    ),
    "comment at the end of a body": case(
        (
            CART,
            "    raise NotImplementedError",
            "    raise NotImplementedError\n    # twice is an error",
        ),
        cart="pay:comments",
        generate="cart",
    ),
    "comment between decorator and function": case(
        (LABELS, "@jaunt.magic\n", "@jaunt.magic\n# at most five lines\n"),
        labels="label:comments",
        generate="labels",
        keep="test_labels",
    ),
    "prompt": case(
        (TAX, "Round as little", "Round as much"),
        tax="total_tax:prompt",
        generate="tax",
        keep="pricing cart test_pricing",
    ),
    "prompt added": case(
        (LABELS, "@jaunt.magic\n", '@jaunt.magic(prompt="Be brief.")\n'),
        labels="label:prompt",
        generate="labels",
        keep="test_labels",
    ),
    "prompt removed": case(
        (TAX, 'magic(prompt="Round as little as possible.")', "magic()"),
        tax="total_tax:prompt",
        generate="tax",
        keep="pricing cart test_pricing",
    ),
    "arguments of another decorator": case(
        (RESERVE, "maxsize=8", "maxsize=9"), reserve="shortage:decorators", generate="reserve"
    ),
    "decorator removed": case(
        (RESERVE, "@functools.lru_cache(maxsize=8)\n", ""),
        reserve="shortage:decorators",
        generate="reserve",
    ),
    "decorator of a method": case(
        (LEDGER, "    @property\n", ""), ledger="Ledger:empty.decorators", generate="ledger reserve"
    ),
    "decorator of a test": case(
        (TESTS, 'slow("minutes")', 'slow("hours")'),
        test_pricing="test_order_total:decorators",
        generate="test_pricing",
    ),
    "method added": case(
        (LEDGER, "    @property", "    def undo(self) -> None: ...\n\n    @property"),
        ledger="Ledger:members, Ledger:undo.signature",
        generate="ledger reserve",
    ),
    "method renamed": case(
        (RESERVE, "def undo(", "def revert("),
        reserve="SafeLedger:members, SafeLedger:revert.docstring, SafeLedger:revert.signature, "
        "SafeLedger:undo.docstring, SafeLedger:undo.signature, shortage:mentioned SafeLedger",
        generate="reserve",
    ),
    "signature of a method": case(
        (LEDGER, "count: int = 1", "count: int = 2"),
        ledger="Ledger:take.signature",
        generate="ledger reserve",
    ),
    "attribute of a class": case(
        (LEDGER, "limit: int = 100", "limit: int = 99"),
        ledger="Ledger:members",
        generate="ledger reserve",
    ),
    "base class removed": case(
        (RESERVE, "class SafeLedger(Ledger)", "class SafeLedger"),
        reserve="SafeLedger:signature, SafeLedger<-Ledger, shortage:mentioned SafeLedger",
        generate="reserve",
    ),
    "base class added": case(
        (LEDGER, "class Ledger:", "class Ledger(dict):"),
        ledger="Ledger:signature",
        generate="ledger reserve",
    ),
}

NAMED = {
    "constant": case(
        (MODELS, 'Decimal("0.19")', 'Decimal("0.16")'),
        tax="rate:context VAT",
        generate="tax",
        keep="pricing cart test_pricing",
    ),
    "constant renamed": case(
        (MODELS, "FREE_FROM = ", "FREE_ABOVE = "),
        (PRICING, "FREE_FROM, ", "FREE_ABOVE, "),
        pricing="shipping:context FREE_FROM",
        generate="pricing",
        keep="cart test_pricing",
    ),
    "constant behind a constant": case(
        (TEXT, "WIDTH = 40", "WIDTH = 50"), receipt="receipt:context WIDTH", generate="receipt"
    ),
    "constant in a default": case(
        (TEXT, 'BORDER = "-"', 'BORDER = "="'), receipt="receipt:context BORDER", generate="receipt"
    ),
    "text of an f-string": case(
        (MODELS, "Thank you,", "Thanks,"), receipt="receipt:context GREETING", generate="receipt"
    ),
    "comment of a constant": case(
        (MODELS, 'FREE_FROM = Decimal("50")', 'FREE_FROM = Decimal("50")  # net'),
        pricing="shipping:context FREE_FROM",
        generate="pricing",
        keep="cart test_pricing",
    ),
    "type alias": case(
        (MODELS, "Union[Decimal, int]", "Union[Decimal, int, float]"),
        cart="pay:context Price",
        receipt="footer:context Price",
        generate="cart receipt",
    ),
    "docstring of a helper": case(
        (MODELS, "at so many places", "at some places"),
        pricing="line_total:context round_half_up",
        generate="pricing",
        keep="cart test_pricing",
    ),
    "signature of a helper": case(
        (MODELS, "places: int = 2)", "places: int = 3)"),
        pricing="line_total:context round_half_up",
        generate="pricing",
        keep="cart test_pricing",
    ),
    "helper behind a re-export and behind a constant": case(
        (TEXT, "The text with single spaces.", "The text without double spaces."),
        cart="pay:context squash",
        receipt="receipt:context squash",
        generate="cart receipt",
    ),
    "docstring of a method of a class": case(
        (MODELS, "rounded half up.", "rounded."),
        cart="pay:context Money",
        receipt="footer:context Money",
        generate="cart receipt",
    ),
    "signature of a method of a class": case(
        (MODELS, 'currency: str = "EUR"', 'currency: str = "USD"'),
        cart="pay:context Money",
        receipt="footer:context Money",
        generate="cart receipt",
    ),
    "method of a class removed": case(
        (MODELS, "    @property\n    def text", "    def as_text"),
        cart="pay:context Money",
        receipt="footer:context Money",
        generate="cart receipt",
    ),
    "attribute that a constructor sets": case(
        (MODELS, "self.currency = currency", "self.unit = currency"),
        (MODELS, "{self.rounded()} {self.currency}", "{self.rounded()} {self.unit}"),
        cart="pay:context Money",
        receipt="footer:context Money",
        generate="cart receipt",
    ),
    "attribute of a class with methods": case(
        (MODELS, "PLACES = 2", "PLACES = 4"),
        cart="pay:context Money",
        receipt="footer:context Money",
        generate="cart receipt",
    ),
    "enum member": case(
        (MODELS, '    SENT = "sent"\n', '    SENT = "sent"\n    LOST = "lost"\n'),
        cart="pay:context Status",
        pricing="order_total:context Status, shipping:context Status",
        receipt="receipt:context Status",
        reserve="reserve:context Status, shortage:context Status",
        tax="total_tax:context Status",
        test_pricing="test_order_total:context Status",
        generate="cart pricing receipt reserve tax test_pricing",
    ),
    "comment of an enum member": case(
        (MODELS, "# the money has come", "# the money is there"),
        cart="pay:context Status",
        pricing="order_total:context Status, shipping:context Status",
        receipt="receipt:context Status",
        reserve="reserve:context Status, shortage:context Status",
        tax="total_tax:context Status",
        test_pricing="test_order_total:context Status",
        generate="cart pricing receipt reserve tax test_pricing",
    ),
    "field of a dataclass": case(
        (MODELS, "    sku: str\n", "    sku: str\n    name: str\n"),
        cart="pay:context Line",
        pricing="line_total:context Line, order_total:context Line, shipping:context Line",
        receipt="receipt:context Line",
        reserve="reserve:context Line, shortage:context Line",
        tax="total_tax:context Line",
        test_pricing="test_line_total:context Line, test_order_total:context Line",
        generate="cart pricing receipt reserve tax test_pricing",
    ),
    "comment of a field": case(
        (MODELS, "# net, a piece", "# gross, a piece"),
        cart="pay:context Line",
        pricing="line_total:context Line, order_total:context Line, shipping:context Line",
        receipt="receipt:context Line",
        reserve="reserve:context Line, shortage:context Line",
        tax="total_tax:context Line",
        test_pricing="test_line_total:context Line, test_order_total:context Line",
        generate="cart pricing receipt reserve tax test_pricing",
    ),
    "arguments of @dataclass": case(
        (MODELS, "@dataclass(frozen=True)", "@dataclass(frozen=True, order=True)"),
        cart="pay:context Line",
        pricing="line_total:context Line, order_total:context Line, shipping:context Line",
        receipt="receipt:context Line",
        reserve="reserve:context Line, shortage:context Line",
        tax="total_tax:context Line",
        test_pricing="test_line_total:context Line, test_order_total:context Line",
        generate="cart pricing receipt reserve tax test_pricing",
    ),
    "type behind a type": case(
        (MODELS, 'country: str = "DE"', 'country: str = "FR"'),
        cart="pay:context Address",
        pricing="order_total:context Address, shipping:context Address",
        receipt="receipt:context Address",
        reserve="reserve:context Address, shortage:context Address",
        tax="total_tax:context Address",
        test_pricing="test_order_total:context Address",
        generate="cart pricing receipt reserve tax test_pricing",
    ),
    "docstring of an exception": case(
        (MODELS, "There is less of", "There is too little of"),
        ledger="Ledger:context OutOfStock",
        generate="ledger",
        keep="reserve",
    ),
    "base of an exception": case(
        (MODELS, "OutOfStock(Exception)", "OutOfStock(ValueError)"),
        ledger="Ledger:context OutOfStock",
        generate="ledger",
        keep="reserve",
    ),
    "name of a helper in a comment": case(
        (RECEIPT, "receipt, the price", "receipt; shout() the price"),
        receipt="receipt:context shout, receipt:docstring",
        generate="receipt",
    ),
    "name of a type no longer in prose": case(
        (LEDGER, "Raises OutOfStock rather", "Raises rather"),
        ledger="Ledger:context OutOfStock, Ledger:docstring",
        generate="ledger reserve",
    ),
    "plain word becomes a name": case(
        (LEDGER, "from shop.models import OutOfStock", "from shop.models import Line, OutOfStock"),
        (LEDGER, "Counts articles.", "Counts `Line`s."),
        ledger="Ledger:context Line, Ledger:docstring",
        generate="ledger reserve",
    ),
    "other target of an import": case(
        (MODELS, "def round_half_up(", "def round_down("),
        (PRICING, "round_half_up\n", "round_down as round_half_up\n"),
        pricing="line_total:context round_down, line_total:context round_half_up",
        generate="pricing",
        keep="cart test_pricing",
    ),
    "other target of a re-export": case(
        ("src/shop/checkout/__init__.py", "import squash as squash", "import shout as squash"),
        cart="pay:context shout, pay:context squash, pay:deps",
        generate="cart",
    ),
    "helper of tests": case(
        ("tests/support.py", "Mark a test", "Mark one test"),
        test_pricing="test_order_total:context slow",
        generate="test_pricing",
    ),
}

LINKS = {
    "signature of a dependency": case(
        (
            PRICING,
            "def order_total(order: Order)",
            "def order_total(order: Order, net: bool = False)",
        ),
        pricing="order_total:signature",
        receipt="receipt:mentioned order_total",
        generate="pricing cart receipt test_pricing",
    ),
    "body of a dependency": case(
        (PRICING, "    shipping(order)\n", "    shipping(order, express=True)\n"),
        pricing="order_total:body",
        generate="pricing",
        keep="cart test_pricing",
    ),
    "dependency of a dependency": case(
        (TAX, "Return the taxes of", "Return all taxes of"),
        tax="total_tax:docstring",
        generate="tax pricing",
        keep="cart test_pricing",
    ),
    "target of a test": case(
        (LABELS, "at most `width` wide", "no more than `width` wide"),
        labels="label:docstring",
        generate="labels test_labels",
    ),
    "deps added where the code names it already": case(
        (PRICING, "@magic\ndef order_total", "@magic(deps=[shipping])\ndef order_total"),
        pricing="order_total:deps",
        keep="pricing cart test_pricing",
    ),
    "deps added": case(
        (LABELS, "@jaunt.magic\n", '@jaunt.magic(deps=["shop.tax:rate"])\n'),
        labels="label:deps, label<-rate",
        generate="labels",
        keep="test_labels",
    ),
    "deps removed": case(
        (CART, "[total, m.Money, squash]", "[total, squash]"),
        cart="pay:context Money, pay:context Price, pay:deps",
        generate="cart",
    ),
    "target added": case(
        (LABEL_TESTS, '["shop.labels:label"]', '["shop.labels:label", "shop.tax:rate"]'),
        test_labels="test_label:deps, test_label<-rate",
        generate="test_labels",
    ),
    "call added": case(
        (TAX, "half of it\n", "half of it\n    total_tax\n"),
        (TAX, "rate(order.address.country) * ", ""),
        tax="rate:body, rate<-total_tax, rate:context Address, rate:context Line, "
        "rate:context Note, rate:context Order, rate:context Status, total_tax:body, "
        "total_tax<-rate",
        generate="tax",
        keep="pricing cart test_pricing",
    ),
    "call removed": case(
        (PRICING, "    tax.total_tax(order)\n", ""),
        pricing="order_total:body, order_total<-total_tax",
        generate="pricing",
        keep="cart test_pricing",
    ),
    "inference off for one spec": case(
        (PRICING, "@magic\ndef order_total", "@magic(infer_deps=False)\ndef order_total"),
        pricing="order_total<-shipping, order_total<-total_tax, order_total:mentioned shipping, "
        "order_total:mentioned total_tax",
        keep="pricing cart test_pricing",
    ),
    "inherited class": case(
        (LEDGER, "Counts articles.", "Counts all articles."),
        ledger="Ledger:docstring",
        generate="ledger reserve",
    ),
    "body of an inherited class": case(
        (LEDGER, 'is left."""\n        ...', 'is left."""\n        return not self.limit'),
        ledger="Ledger:empty.body",
        generate="ledger",
        keep="reserve",
    ),
    "spec named in prose": case(
        (RECEIPT, "`order_total` says", "`order_total` says, with a line_total()"),
        (RECEIPT, "import order_total", "import line_total, order_total"),
        receipt="receipt:docstring, receipt:mentioned line_total",
        generate="receipt",
    ),
    "spec no longer named in prose": case(
        (RECEIPT, ", the price as `order_total` says", ""),
        receipt="receipt:docstring, receipt:mentioned order_total",
        generate="receipt",
    ),
    "spec behind code without inference": case(
        (RESERVE, "A ledger that can be undone.", "A ledger with a memory."),
        reserve="SafeLedger:docstring, shortage:mentioned SafeLedger",
        generate="reserve",
    ),
    "spec added": case(
        (
            LABELS,
            "@jaunt.magic\n",
            "@jaunt.magic\ndef short(name: str) -> str: ...\n\n\n@jaunt.magic\n",
        ),
        labels="+short",
        generate="labels",
    ),
    "spec removed": case(
        (TESTS, "@jaunt.test(targets=[line_total])\ndef test_line_total", "def test_line_total"),
        test_pricing="-test_line_total",
        keep="test_pricing",
    ),
    "spec renamed": case(
        (RECEIPT, "def footer(", "def last_line("),
        receipt="+last_line, -footer",
        generate="receipt",
    ),
    "spec becomes handwritten": case(
        (PRICING, "@magic\ndef line_total", "def line_total"),
        pricing="-line_total, shipping:context line_total, shipping<-line_total",
        test_pricing="test_line_total:context line_total, test_line_total<-line_total",
        generate="pricing test_pricing",
        keep="cart",
    ),
    "module renamed": case(
        rename(LABELS, "src/shop/tags.py"),
        (LABEL_TESTS, "shop.labels:label", "shop.tags:label"),
        **{"shop.tags": "missing"},
        test_labels="test_label:deps, test_label<-label, test_label<-label",
        generate="shop.tags test_labels",
    ),
    "module removed": case(
        remove(LABEL_TESTS),
    ),
    "module added": case(
        write("src/shop/gift.py", "import jaunt\n\n\n@jaunt.magic\ndef wrap() -> str: ...\n"),
        **{"shop.gift": "missing"},
        generate="shop.gift",
    ),
    "type moved to another module": case(
        (MODELS, 'FREE_FROM = Decimal("50")\n', "from shop.limits import FREE_FROM\n"),
        write("src/shop/limits.py", 'from decimal import Decimal\n\nFREE_FROM = Decimal("50")\n'),
        pricing="shipping:context FREE_FROM, shipping:context FREE_FROM",
        generate="pricing",
        keep="cart test_pricing",
    ),
}

FILES = {
    "generated file removed": case(
        remove("src/shop/__generated__/tax.py"),
        tax="missing",
        generate="tax",
        keep="pricing cart",
    ),
    "generated file emptied": case(
        write("src/shop/__generated__/labels.py", ""), labels="damaged", generate="labels"
    ),
    "header unreadable": case(
        (
            "src/shop/__generated__/labels.py",
            "# jaunt:module_digest=sha256:",
            "# jaunt:module_digest=",
        ),
        labels="damaged",
        generate="labels",
    ),
    "digest of another module": case(
        (
            "src/shop/__generated__/labels.py",
            "source_module=shop.labels",
            "source_module=shop.table",
        ),
        labels="damaged",
        generate="",
        keep="labels",
    ),
    "code that does not parse": case(
        ("src/shop/__generated__/labels.py", "done = True", "done = ="),
        labels="damaged",
        generate="labels",
    ),
    "another contract format": case(
        ("tests/__generated__/test_labels.py", "contract=1", "contract=2"),
        test_labels="contract",
        keep="test_labels",
    ),
}


def fixture(name: str, text: str = "1", made: str = "") -> Callable[[Path], None]:
    """Write a conftest with one fixture."""
    code = f"import pytest\n\n\n@pytest.fixture{made}\ndef {name}():\n    return {text}\n"
    return write("tests/conftest.py", code)


OUT_OF_STOCK = """\
class OutOfStock(Exception):
    \"\"\"There is less of an article than was asked for.\"\"\""""

IMPORTS = {
    "import of a name in prose": case(
        (DESK_TESTS, "from decimal import Decimal as D", "from fractions import Fraction as D"),
        test_desk="test_desk:imports",
        generate="test_desk",
    ),
    "import of a name in prose removed": case(
        (DESK_TESTS, "from decimal import Decimal as D\n", ""),
        test_desk="test_desk:imports",
        generate="test_desk",
    ),
    "exception moved": case(
        (
            MODELS,
            OUT_OF_STOCK,
            "from shop.errors import OutOfStock as OutOfStock",
        ),
        write(
            "src/shop/errors.py",
            f"{OUT_OF_STOCK}\n",
        ),
        ledger="Ledger:context OutOfStock, Ledger:context OutOfStock",
        generate="ledger reserve",
    ),
    "import removed that prose needs elsewhere": case(
        (LEDGER, "from shop.models import OutOfStock\n", ""),
        ledger="Ledger:context OutOfStock",
        generate="ledger reserve",
    ),
    "plain word becomes a name of a class": case(
        (LEDGER, "Counts articles.", "Counts articles, by Status."),
        ledger="Ledger:context Status, Ledger:docstring",
        generate="ledger reserve",
    ),
}

FIXTURES = {
    "fixture": case(
        (DESK, 'return {"drawer": drawer}', 'return {"open": drawer}'),
        test_desk="test_desk:context _till",
        generate="test_desk",
    ),
    "comment of a fixture": case(
        (DESK, "# opened once", "# opened twice"),
        test_desk="test_desk:context _till",
        generate="test_desk",
    ),
    "fixture of a fixture, imported": case(
        (PARTS, "return list(coins)", "return set(coins)"),
        test_desk="test_desk:context drawer",
        generate="test_desk",
    ),
    "fixture of a fixture of a fixture": case(
        (DESK, "return [1, 2]", "return [1, 2, 3]"),
        test_desk="test_desk:context coins",
        generate="test_desk",
    ),
    "fixture set up unasked": case(
        (DESK, '"QUIET", "1"', '"QUIET", "0"'),
        test_desk="test_desk:context quiet",
        generate="test_desk",
    ),
    "fixture set up unasked no longer": case(
        (DESK, "@pytest.fixture(autouse=True)", "@pytest.fixture"),
        test_desk="test_desk:context quiet",
        generate="test_desk",
    ),
    "fixture set up unasked in a folder above": case(
        fixture("still", made="(autouse=True)"),
        test_desk="test_desk:context still",
        test_labels="test_label:context still",
        test_pricing="test_line_total:context still, test_order_total:context still",
        generate="test_desk test_labels test_pricing",
    ),
    "docstring of a long fixture": case(
        (DESK, "A long ledger", "A longer ledger"),
        test_desk="test_desk:context ledger",
        generate="test_desk",
    ),
    "fixture under another name": case(
        (DESK, '@pytest.fixture(name="till")', "@pytest.fixture"),
        test_desk="test_desk:context _till, test_desk:context coins, test_desk:context drawer",
        generate="test_desk",
    ),
    "conftest added": case(
        fixture("count"),
        test_pricing="test_order_total:context count",
        generate="test_pricing",
    ),
    "conftest added at the top": case(
        fixture("count"),
        rename("tests/conftest.py", "conftest.py"),
        test_pricing="test_order_total:context count",
        generate="test_pricing",
    ),
    "conftest removed": case(
        remove(DESK),
        test_desk="test_desk:context _till, test_desk:context coins, test_desk:context drawer, "
        "test_desk:context ledger, test_desk:context quiet",
        generate="test_desk",
    ),
    "fixture in the module itself": case(
        (TESTS, "\n\n@jaunt.test\n", "\n\n@pytest.fixture\ndef count(): ...\n\n\n@jaunt.test\n"),
        (TESTS, "import jaunt\n", "import jaunt\nimport pytest\n"),
        test_pricing="test_order_total:context count",
        generate="test_pricing",
    ),
}

CASES = {**OWN, **NAMED, **LINKS, **FILES, **IMPORTS, **FIXTURES}


def test_there_are_enough_edits() -> None:
    assert len(CASES) == sum(map(len, (OWN, NAMED, LINKS, FILES, IMPORTS, FIXTURES)))
    assert len(CASES) >= 60


@pytest.mark.parametrize("name", CASES)
def test_exactly_these_become_stale(
    plans_after: Callable[..., Mapping[str, ModulePlan]],
    reason_text: Callable[[Reason], str],
    name: str,
) -> None:
    expected = CASES[name]

    plans = plans_after(*expected.edits)

    short = {full: NAMES.get(full, full) for full in plans}
    own = {
        short[full]: [reason_text(reason) for reason in plan.reasons]
        for full, plan in plans.items()
    }
    stale = {module: sorted(filter(None, reasons)) for module, reasons in own.items()}
    by_action = {
        action: {short[full] for full, plan in plans.items() if plan.action is action}
        for action in Action
    }
    assert {module: reasons for module, reasons in stale.items() if reasons} == {
        module: sorted(reasons) for module, reasons in expected.stale.items()
    }
    assert by_action[Action.GENERATE] == set(expected.generate.split())
    assert by_action[Action.KEEP] == set(expected.keep.split())
    assert by_action[Action.REUSE] | by_action[Action.REFUSE] == set()
    for plan in plans.values():
        for reason in plan.reasons:
            if not reason_text(reason):
                first, root = reason.path[0], reason.path[-1]
                assert first.module == plan.name
                assert stale[short[root.module]], f"{root} is no root cause"
                assert reason.causes
