"""Edits that change nothing that a model would read: nothing becomes stale."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from jaunt_core.model.plan import Action, ModulePlan

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
DESK = "tests/desk/conftest.py"
DESK_TESTS = "tests/desk/test_desk.py"
PARTS = "tests/conftest_parts.py"

Change = Callable[[str], str]


def everywhere(change: Change) -> Callable[[Path], None]:
    """Change the text of every Python file that people wrote."""

    def do(root: Path) -> None:
        for path in root.rglob("*.py"):
            if "__generated__" not in path.parts:
                path.write_bytes(change(path.read_bytes().decode()).encode())

    return do


def in_file(name: str, change: Change) -> Callable[[Path], None]:
    def do(root: Path) -> None:
        path = root / name
        before = path.read_bytes().decode()
        assert change(before) != before
        path.write_bytes(change(before).encode())

    return do


def in_generated(change: Change) -> Callable[[Path], None]:
    def do(root: Path) -> None:
        for path in root.rglob("__generated__/*.py"):
            path.write_bytes(change(path.read_bytes().decode()).encode())

    return do


def add(name: str, text: str) -> Callable[[Path], None]:
    def do(root: Path) -> None:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    return do


def append(name: str, text: str) -> Callable[[Path], None]:
    return in_file(name, lambda before: f"{before}\n\n{text}\n")


def remove(name: str) -> Callable[[Path], None]:
    return lambda root: (root / name).unlink()


def touch(root: Path) -> None:
    for path in root.rglob("*"):
        os.utime(path, (1, 1))


def moved(name: str, old: str, first: str) -> Callable[[Path], None]:
    """Move the text from `old` up to the end of its paragraphs before the text `first`."""

    def change(text: str) -> str:
        start = text.index(old)
        end = text.find("\n\n\n", start)
        piece = text[start : end if end > 0 else len(text)].rstrip("\n")
        rest = text.replace(piece, "")
        return rest.replace(first, f"{piece}\n\n\n{first}", 1)

    return in_file(name, change)


def settings(text: str) -> Callable[[Path], None]:
    return in_file("jaunt.toml", lambda before: f"{before}\n{text}\n")


def move_folder(root: Path) -> None:
    """Put the project elsewhere, with a link where it was."""
    other = root.parent / "another user" / "päth"
    other.parent.mkdir()
    shutil.move(root, other)
    root.symlink_to(other)


FORMATTING = {
    "signature over several lines": [
        (
            PRICING,
            "def shipping(order: Order, express: bool = False)",
            "def shipping(\n    order: Order,\n    express: bool = False,\n)",
        )
    ],
    "signature on one line": [
        (
            RECEIPT,
            "footer(\n    total: Money,\n    *words: str,\n)",
            "footer(total: Money, *words: str)",
        )
    ],
    "trailing comma": [(CART, 'note: "m.Note" = None)', 'note: "m.Note" = None,)')],
    "quotes of a docstring": [
        (TAX, '"""Return the taxes of an order."""', "'''Return the taxes of an order.'''")
    ],
    "raw docstring": [(TAX, '"""Return the taxes', 'r"""Return the taxes')],
    "parenthesised docstring": [
        (TAX, '"""Return the taxes of an order."""', '("Return the taxes " "of an order.")')
    ],
    "quotes of a string": [(CART, 'ValueError("wrong amount")', "ValueError('wrong amount')")],
    "quotes of a constant": [(MODELS, 'OPEN = "open"', "OPEN = 'open'")],
    "quotes inside an f-string": [
        (MODELS, "{squash(' dear  customer ')}", '{squash(" dear  customer ")}'),
        (MODELS, 'f"Thank you,', "f'''Thank you,"),
        (MODELS, '}!"', "}!'''"),
    ],
    "u prefix": [(CART, '"wrong amount"', 'u"wrong amount"')],
    "string in pieces": [(CART, '"wrong amount"', '"wrong "\n            "amount"')],
    "f-string in pieces": [(MODELS, 'f"Thank you, {', '"Thank " f"you, {')],
    "escapes in a string": [(TEXT, 'BORDER = "-"', 'BORDER = "\\x2d"')],
    "number spelt otherwise": [(LEDGER, "limit: int = 100", "limit: int = 0x64")],
    "float spelt otherwise": [(RESERVE, "seconds: float = 30.0", "seconds: float = 3e1")],
    "underscore in a number": [(TEXT, "WIDTH = 40", "WIDTH = 4_0")],
    "blank lines between specs": [
        (TAX, "\n\n\n@jaunt.magic(prompt", "\n\n\n\n\n@jaunt.magic(prompt")
    ],
    "blank lines in a body": [
        (CART, "\n    raise NotImplementedError", "\n\n\n    raise NotImplementedError")
    ],
    "blank line below a docstring": [
        (TAX, '"""Return the taxes of an order."""', '"""Return the taxes of an order."""\n')
    ],
    "blank line below a class": [(LEDGER, "class Ledger:\n", "class Ledger:\n\n")],
    "blank lines in a dataclass": [(MODELS, "    count: int\n", "\n    count: int\n\n")],
    "docstring below its quotes": [
        (
            TAX,
            '"""Return the taxes of an order."""',
            '"""\n    Return the taxes of an order.\n    """',
        )
    ],
    "docstring indented otherwise": [
        (TAX, "    Raises ValueError for a country", "        Raises ValueError for a country"),
        (TAX, "is not listed.\n    ", "is not listed.\n        "),
    ],
    "white space at the ends of docstring lines": [
        (TAX, "out of `VAT`.\n\n", "out of `VAT`.  \n    \n")
    ],
    "class docstring indented otherwise": [
        (LEDGER, "\n    Raises OutOfStock rather", "\n      Raises OutOfStock rather"),
    ],
    "docstring of a dataclass indented otherwise": [
        (MODELS, '"""One line of an order."""', '"""\n        One line of an order.\n        """')
    ],
    "parentheses in a body": [
        (
            TAX,
            "rate(order.address.country) * line.price",
            "(rate((order.address.country)) * line.price)",
        )
    ],
    "parentheses around a condition": [
        (PRICING, "if order.lines == []:", "if (\n        order.lines == []\n    ):")
    ],
    "parentheses around a default": [(RESERVE, "float = 30.0", "float = (30.0)")],
    "backslash": [(CART, "if amount != total(order):", "if amount != \\\n        total(order):")],
    "statement on the line of its condition": [
        (PRICING, "if order.lines == []:\n        return", "if order.lines == []: return")
    ],
    "semicolon": [
        (
            PRICING,
            "tax.total_tax(order)\n    shipping(order)",
            "tax.total_tax(order); shipping(order)",
        )
    ],
    "tabs": [in_file(LEDGER, lambda text: text.replace("    ", "\t"))],
    "two spaces": [in_file(RECEIPT, lambda text: text.replace("    ", "  "))],
    "windows line ends everywhere": [everywhere(lambda text: text.replace("\n", "\r\n"))],
    "byte order mark": [in_file(TAX, lambda text: "\ufeff" + text)],
    "encoding line": [in_file(TAX, lambda text: "# -*- coding: utf-8 -*-\n" + text)],
    "no newline at the end": [in_file(RECEIPT, lambda text: text.rstrip("\n"))],
    "form feed between definitions": [
        (TAX, "\n\n\n@jaunt.magic(prompt", "\n\n\x0c\n@jaunt.magic(prompt")
    ],
    "white space before a comment": [(TAX, "line.price  # net", "line.price     #net")],
    "white space before a field's comment": [
        (MODELS, "Decimal  # net, a piece", "Decimal # net, a piece ")
    ],
    "arguments of the decorator over lines": [
        (
            CART,
            "[total, m.Money, squash]",
            "[\n        total,\n        m.Money,\n        squash,\n    ]",
        )
    ],
    "white space in a decorator": [(RESERVE, "lru_cache(maxsize=8)", "lru_cache( maxsize = 8, )")],
    "white space in a constant": [(MODELS, 'VAT = {"DE": ', 'VAT = {\n    "DE" : ')],
    "comment inside an empty line of a test": [
        (TESTS, "\n\n\n@jaunt.test\n", "\n\n# below\n\n\n@jaunt.test\n")
    ],
}

SPELLING = {
    "import order": [
        (
            TAX,
            "import re\nfrom decimal import Decimal\n",
            "from decimal import Decimal\nimport re\n",
        )
    ],
    "names of an import": [(TAX, "import VAT, Line, Order", "import Order, VAT, Line")],
    "import in two statements": [
        (TAX, "import VAT, Line, Order", "import VAT, Line\nfrom shop.models import Order")
    ],
    "name imported as another": [
        (TAX, "import VAT, Line, Order", "import VAT, Line as Row, Order"),
        (TAX, "list[Line]", "list[Row]"),
    ],
    "module imported as another": [
        in_file(CART, lambda text: text.replace("models as m", "models as n").replace("m.", "n."))
    ],
    "name instead of module": [
        (PRICING, "from shop import tax\n", "from shop.tax import total_tax as taxes\n"),
        (PRICING, "tax.total_tax(order)", "taxes(order)"),
    ],
    "not through the re-export": [
        (CART, "from shop.checkout import squash", "from shop.text import squash")
    ],
    "through a re-export": [(CART, "from shop.models import Status", "from shop import models")],
    "relative import": [(PRICING, "from shop.models import FREE", "from .models import FREE")],
    "import for type checkers only": [
        (PRICING, "if TYPE_CHECKING:\n    from", "if True:\n    from"),
    ],
    "jaunt under another name": [
        in_file(
            TAX,
            lambda text: text.replace("import jaunt", "import jaunt as j").replace("@jaunt", "@j"),
        )
    ],
    "decorator imported": [
        in_file(
            LABELS,
            lambda text: text.replace("import jaunt", "from jaunt import magic").replace(
                "@jaunt.", "@"
            ),
        )
    ],
    "decorator with parentheses": [(LABELS, "@jaunt.magic\n", "@jaunt.magic()\n")],
    "decorator without parentheses": [(TAX, "@jaunt.magic()\n", "@jaunt.magic\n")],
    "default of the decorator said": [
        (LABELS, "@jaunt.magic\n", "@jaunt.magic(infer_deps=True)\n")
    ],
    "optional as a union": [(TAX, "Optional[bool]", "bool | None")],
    "optional as a union, none first": [(TAX, "Optional[bool]", "None | bool")],
    "optional as typing.Union": [
        (TAX, "import Optional", "import Optional, Union"),
        (TAX, "Optional[bool]", "Union[None, bool]"),
    ],
    "typing under another name": [
        (TAX, "from typing import Optional", "import typing as t"),
        (TAX, "Optional[bool]", "t.Optional[bool]"),
        (TAX, "Optional[list[Line]]", "t.Optional[t.List[Line]]"),
    ],
    "optional inside quotes": [(TAX, "Optional[bool]", '"bool | None"')],
    "quoted annotation": [(TAX, "total_tax(order: Order", 'total_tax(order: "Order"')],
    "quoted argument of a type": [(TAX, "Optional[list[Line]]", 'Optional[list["Line"]]')],
    "annotation without its quotes": [(CART, '"m.Note"', "m.Note")],
    "quoted return type": [(RESERVE, "-> Iterator[str]", '-> "Iterator[str]"')],
    "iterator of typing": [(RESERVE, "from collections.abc import", "from typing import")],
    "dict of typing": [
        (LEDGER, "import jaunt\n", "import typing\n\nimport jaunt\n"),
        (LEDGER, "dict[str, int]", "typing.Dict[str, int]"),
    ],
    "future import added": [
        (TAX, "import re\n", "from __future__ import annotations\n\nimport re\n")
    ],
    "future import removed": [(RECEIPT, "from __future__ import annotations\n", "")],
    "alias with the new union": [(MODELS, "Price = Union[Decimal, int]", "Price = Decimal | int")],
    "alias in another order": [(MODELS, "Union[Decimal, int]", "Union[int, Decimal]")],
    "optional alias": [(MODELS, "Note = Optional[str]", "Note = str | None")],
    "annotation of a field quoted": [(MODELS, "lines: list[Line]", 'lines: "list[Line]"')],
    "annotation of a field by typing": [
        (MODELS, "from typing import NamedTuple", "from typing import List, NamedTuple"),
        (MODELS, "lines: list[Line]", "lines: List[Line]"),
    ],
    "annotation of a helper": [(MODELS, "value: Decimal, places", 'value: "Decimal", places')],
    "body empty by pass": [(LEDGER, 'is left."""\n        ...', 'is left."""\n        pass')],
    "body empty by an error": [
        (LEDGER, 'is left."""\n        ...', 'is left."""\n        raise NotImplementedError()')
    ],
    "body empty by an ellipsis": [
        (RECEIPT, 'receipt."""\n    raise NotImplementedError', 'receipt."""\n    ...')
    ],
    "body empty by its docstring": [
        (TAX, "half of it\n    raise NotImplementedError\n", "half of it\n")
    ],
    "end of a body spelt otherwise": [(CART, "    raise NotImplementedError", "    pass\n    ...")],
    "body of a test spelt otherwise": [(TESTS, '7.50."""\n', '7.50."""\n    ...\n')],
    "body of an exception": [(MODELS, 'asked for."""', 'asked for."""\n\n    pass')],
    "order of deps": [(CART, "[total, m.Money, squash]", "[squash, m.Money, total]")],
    "deps as text": [(PRICING, "deps=[line_total]", 'deps=["shop.pricing:line_total"]')],
    "deps with a dot": [(RESERVE, '"shop.stock.ledger:Ledger"', '"shop.stock.ledger.Ledger"')],
    "deps as an object": [(RESERVE, '["shop.stock.ledger:Ledger"]', "(Ledger,)")],
    "target as an object": [
        ("tests/test_labels.py", "import jaunt\n", "import jaunt\nfrom shop.labels import label\n"),
        ("tests/test_labels.py", '["shop.labels:label"]', "[label]"),
    ],
    "prompt in pieces": [(TAX, '"Round as little as', '"Round "\n    "as little as')],
    "prompt over lines": [
        (TAX, '"Round as little as possible."', '"""\n    Round as little as possible.\n    """')
    ],
    "other decorator imported otherwise": [
        (RESERVE, "import functools\n", "from functools import lru_cache\n"),
        (RESERVE, "@functools.lru_cache", "@lru_cache"),
    ],
    "helper of tests under another name": [
        (TESTS, "from tests import support", "import tests.support as s"),
        (TESTS, "@support.slow", "@s.slow"),
    ],
}

ELSEWHERE = {
    "module docstring": [
        (TAX, '"""Taxes."""', '"""Taxes, and what a `Line` costs, see order_total()."""')
    ],
    "comment between specs": [
        (TAX, "\n\n\n@jaunt.magic(prompt", "\n\n\n# VAT is meant\n@jaunt.magic(prompt")
    ],
    "comment above an import": [(TAX, "import re\n", "# regular\nimport re\n")],
    "comment above a constant": [(MODELS, "FREE_FROM = ", "# since 2020\nFREE_FROM = ")],
    "comment below a spec": [(PRICING, "    pass\n", "    pass\n# the end\n")],
    "comment in a helper": [
        (
            MODELS,
            "    return round(value, places)",
            "    # half up\n    return round(value, places)",
        )
    ],
    "comment in a method of a named class": [
        (MODELS, "# the bank wants it so", "# nobody knows why")
    ],
    "body of a function beside": [(TAX, 'return re.sub(r"\\W", "", country)', "return country")],
    "signature of a function beside": [
        (TAX, "def clean(country: str)", "def clean(country: str | None)")
    ],
    "function beside removed": [in_file(TAX, lambda text: text[: text.index("def clean")])],
    "private function added": [append(TAX, "def _tidy(order):\n    return VAT, rate, order")],
    "class added": [append(MODELS, "class Basket:\n    order: Order\n    price: Price")],
    "all added": [append(TAX, '__all__ = ["rate", "total_tax"]')],
    "import added": [(TAX, "import re\n", "import re\nimport sys\n")],
    "unrelated constant": [(MODELS, "UNRELATED = 1", "UNRELATED = 2")],
    "unrelated constant renamed": [(MODELS, "UNRELATED = 1", "OTHER = 1")],
    "unrelated constant removed": [(MODELS, "UNRELATED = 1\n", "")],
    "unrelated function": [(MODELS, "json.dumps(str(order))", "repr(order)")],
    "unrelated function with a spec's name": [append(TEXT, "def rate(order): ...")],
    "body of a named helper": [
        (MODELS, "return round(value, places)", "return round(value + 0, places)")
    ],
    "body of a helper behind a re-export": [(TEXT, '" ".join(text.split())', "text.strip()")],
    "imported but not named": [(TEXT, '"""The text in capitals."""', '"""The text, loud."""')],
    "body of a method": [
        (MODELS, "return round(Decimal(self.amount), self.PLACES)", "return Decimal(1)")
    ],
    "body of a property": [(MODELS, "{self.rounded()} {self.currency}", "{self.currency}")],
    "body of an init": [(MODELS, "self.currency = currency", "self.currency = currency.upper()")],
    "private attribute of an init": [
        (
            MODELS,
            "self.currency = currency",
            "self.currency = currency\n        self._kept = amount",
        )
    ],
    "new names as fields are called": [
        append(MODELS, "sku = count = price = tags = street = note = 1")
    ],
    "new names as members are called": [append(MODELS, "OPEN, PAID, SENT, PLACES = 1, 2, 3, 4")],
    "new names as parameters are called": [
        append(MODELS, "def amount(currency): ...\n\n\nplaces = self = 1")
    ],
    "new names as variables are called": [append(LABELS, "street = word = lines = width = 1")],
    "new names as members of a spec are called": [append(LEDGER, "limit = take = empty = sku = 1")],
    "new names as arguments are called": [append(RESERVE, "def maxsize(order, seconds): ...")],
    "new names as words of prose": [
        append(TAX, "def taxes(of, an): ...\n\n\nReturn = country = 1")
    ],
    "file that nobody needs": [("src/shop/unused.py", "SECRET = 42", "SECRET = 43")],
    "file removed": [remove("src/shop/unused.py")],
    "file added": [add("src/shop/more.py", "from shop.models import Order\n\nVAT = {}\n")],
    "package added": [add("src/shop/more/__init__.py", "import shop.tax\n")],
    "conftest added": [
        add("tests/conftest.py", "import pytest\n\n\n@pytest.fixture\ndef order(): ...\n")
    ],
    "readme added": [add("README.md", "# The shop\n")],
    "state removed": [add(".jaunt/answers/broken", "?")],
    "model chosen": [settings('[llm]\nmodel = "another"\n')],
    "jobs and tests set": [settings('[test]\njobs = 1\npytest_args = ["-x"]\n')],
    "prompts replaced": [
        settings('[prompts]\nbuild_system = "mine.md"\n'),
        add("mine.md", "Write code.\n"),
    ],
    "times of files": [touch],
    "folder moved": [move_folder],
    "spec moved up": [moved(TAX, "@jaunt.magic(prompt", "@jaunt.magic()\ndef rate")],
    "spec moved down": [moved(PRICING, "@magic\ndef order_total", "@magic\ndef line_total")],
    "helper moved": [moved(TAX, "def clean", "@jaunt.magic()\ndef rate")],
    "class moved down": [moved(MODELS, "def round_half_up", "class Status(Enum)")],
    "generated files with windows line ends": [
        in_generated(lambda text: text.replace("\n", "\r\n"))
    ],
    "generated files formatted": [
        in_generated(lambda text: text.replace("done = True", "\n\ndone = (\n    True\n)"))
    ],
    "header of a later version": [
        in_generated(
            lambda text: text.replace("# jaunt:recipe=", "# jaunt:mood=good\n# jaunt:recipe=")
        )
    ],
    "tool version": [
        in_generated(lambda text: text.replace("# jaunt:tool_version=", "# jaunt:tool_version=9."))
    ],
    "recipe": [
        in_generated(lambda text: text.replace("# jaunt:recipe=recipe", "# jaunt:recipe=other"))
    ],
}

IMPORTS = {
    "import in brackets": [
        (TAX, "import VAT, Line, Order", "import (\n    VAT,\n    Line,\n    Order,\n)")
    ],
    "import moved below another": [
        (RECEIPT, "from shop.models import GREETING, Money\n", ""),
        (RECEIPT, "import BORDER, shout\n", "import BORDER, shout\nfrom shop.models import *\n"),
    ],
    "class of a standard module by its module": [
        (LABELS, "import jaunt\n", "import decimal\n\nimport jaunt\n"),
        in_file(
            TAX,
            lambda text: text.replace("from decimal import Decimal", "import decimal").replace(
                "-> Decimal", "-> decimal.Decimal"
            ),
        ),
    ],
    "alias of a standard class": [
        in_file(
            TAX,
            lambda text: text.replace("import Decimal", "import Decimal as D").replace(
                "-> Decimal", "-> D"
            ),
        )
    ],
    "unused import with a name in prose elsewhere": [
        (LABELS, "import jaunt\n", "import jaunt\nfrom shop.models import Order\n")
    ],
    "import of a name in prose, with another order": [
        (
            DESK_TESTS,
            "from decimal import Decimal as D\n\nimport jaunt\n",
            "import jaunt\nfrom decimal import (\n    Decimal as D,\n)\n",
        )
    ],
    "exception imported from its re-export": [
        (LEDGER, "from shop.models import OutOfStock", "from shop.stock import OutOfStock"),
        append("src/shop/stock/__init__.py", "from shop.models import OutOfStock as OutOfStock"),
    ],
    "decorators of a test moved": [
        (
            TESTS,
            '@jaunt.test\n@support.slow("minutes")\n',
            '@support.slow("minutes")\n@jaunt.test\n',
        )
    ],
    "fixture formatted": [(DESK, '{"drawer": drawer}', "{\n        'drawer': drawer,\n    }")],
    "fixture that nobody asks for": [
        (DESK, "def other():\n    return 1", "def other():\n    return 2")
    ],
    "fixture imported and not asked for": [(PARTS, "    return 1", "    return 2")],
    "body of a long fixture": [(DESK, "lines.append(18)", "lines.append(19)")],
    "fixture imported otherwise": [
        (
            DESK,
            "from tests.conftest_parts import drawer as drawer",
            "from ..conftest_parts import drawer",
        )
    ],
    "decorator of a fixture imported": [
        (DESK, "import pytest\n", "import pytest as p\n"),
        in_file(DESK, lambda text: text.replace("@pytest.", "@p.")),
    ],
    "fixtures in another order": [
        moved(DESK, "@pytest.fixture\ndef other", "@pytest.fixture\ndef coins")
    ],
    "conftest of another folder": [
        add("tests/elsewhere/conftest.py", "import pytest\n\n\n@pytest.fixture\ndef till(): ...\n")
    ],
    "helper in a conftest": [append(DESK, "def till():\n    return 1")],
}

EDITS = {**FORMATTING, **SPELLING, **ELSEWHERE, **IMPORTS}


def test_there_are_enough_edits() -> None:
    assert len(EDITS) == sum(map(len, (FORMATTING, SPELLING, ELSEWHERE, IMPORTS)))
    assert len(EDITS) >= 60


@pytest.mark.parametrize("name", EDITS)
def test_nothing_becomes_stale(
    plans_after: Callable[..., Mapping[str, ModulePlan]], name: str
) -> None:
    plans = plans_after(*EDITS[name], scratch=False)

    assert {module: list(plan.reasons) for module, plan in plans.items()} == {
        "shop.checkout.cart": [],
        "shop.checkout.receipt": [],
        "shop.labels": [],
        "shop.odd": [],
        "shop.pricing": [],
        "shop.stock.ledger": [],
        "shop.stock.reserve": [],
        "shop.tax": [],
        "tests.desk.test_desk": [],
        "tests.test_labels": [],
        "tests.test_pricing": [],
    }
    assert {plan.action for plan in plans.values()} == {Action.FRESH}
