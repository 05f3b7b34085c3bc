"""What a test puts into a spec module reaches generated code, and leaves nothing there."""

import importlib
import pickle
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from types import ModuleType
from typing import Any
from unittest import mock

import pytest

from .conftest import Project

FILES = {
    "shop/__init__.py": "",
    "shop/clock.py": """
        import jaunt

        def zone():
            return "utc"

        @jaunt.magic
        def stamp() -> str: ...
    """,
    "shop/__generated__/clock.py": """
        from shop.clock import zone

        def stamp():
            return zone()
    """,
    "shop/cart.py": """
        import functools
        import json
        from decimal import Decimal

        import jaunt
        from shop.clock import stamp

        RATE = 25
        OTHER = 25
        LIMIT = 25

        class Client:
            def fetch(self):
                return "real"

        client = Client()

        def now():
            return "now"

        def later():
            return "later"

        soon = later

        @jaunt.magic
        def double(number: int) -> int: ...

        @functools.lru_cache
        @jaunt.magic
        def cached() -> str: ...

        @jaunt.magic
        def total(path: str = "") -> list[object]: ...

        @jaunt.magic
        class Basket: ...

        @jaunt.magic
        def basket() -> object: ...
    """,
    "shop/__generated__/cart.py": """
        import json as _json
        from decimal import Decimal as _Decimal

        from shop.cart import RATE, LIMIT as _LIMIT, now, stamp, client as _client, later

        _OWN = 25

        def double(number):
            return number * 2

        def cached():
            return "cached"

        def total(path=""):
            if path:
                with open(path) as file:
                    return [file.read()]
            return [double(2), RATE, _LIMIT + _OWN, now(), later(), stamp(),
                    _client and _client.fetch(), _json.dumps(1), str(_Decimal(1)), cached()]

        class Basket:
            def double(self):
                return double(3)

        def basket():
            return Basket()
    """,
}
REAL = [4, 25, 50, "now", "later", "utc", "real", "1", "1", "cached"]
LOADED = {"loaded before": True, "loaded under the patch": False}


def fake(*_arguments: object) -> str:
    return "fake"


@pytest.fixture(params=list(LOADED.values()), ids=list(LOADED))
def cart(project: Project, request: pytest.FixtureRequest) -> Iterator[Any]:
    project.write(FILES)
    cart: Any = project.load("shop.cart")
    if request.param:
        assert cart.total() == REAL
    yield cart
    assert cart.total() == REAL
    assert type(cart.basket()) is cart.Basket
    assert not vars(sys.modules["shop.__generated__.cart"]).get("__jaunt_patches__")


def by_mock(cart: ModuleType, **values: object) -> AbstractContextManager[object]:
    with ExitStack() as stack:
        for name, value in values.items():
            stack.enter_context(mock.patch(f"{cart.__name__}.{name}", value))
        return stack.pop_all()


def by_object(cart: ModuleType, **values: object) -> AbstractContextManager[object]:
    with ExitStack() as stack:
        for name, value in values.items():
            stack.enter_context(mock.patch.object(cart, name, value))
        return stack.pop_all()


def by_multiple(cart: ModuleType, **values: object) -> AbstractContextManager[object]:
    multiple: Any = mock.patch.multiple  # whose overloads do not know names as a dictionary
    return multiple(cart, **values)


def by_pytest(cart: ModuleType, **values: object) -> AbstractContextManager[object]:
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for name, value in values.items():
            patch.setattr(f"{cart.__name__}.{name}", value)
        return stack.pop_all()


@pytest.mark.parametrize("patched", [by_mock, by_object, by_multiple, by_pytest])
def test_a_patch_reaches_generated_code_and_is_undone(
    cart: Any, patched: Callable[..., AbstractContextManager[object]]
) -> None:
    shim = cart.double
    with patched(cart, double=fake, RATE=99, now=fake, stamp=fake, client=None, cached=fake):
        assert cart.total() == ["fake", 99, 50, "fake", "later", "fake", None, "1", "1", "fake"]
        # Whoever has the original, has the original.
        assert shim(2) == 4
        assert cart.Basket().double() == "fake"
    assert cart.total() == REAL
    with patched(cart, double=fake, Basket=fake):
        assert cart.basket() == "fake"


def test_patches_inside_of_patches(cart: Any) -> None:
    with by_mock(cart, double=fake, now=fake):
        with by_mock(cart, double=lambda number: -number, now=lambda: "inner"):
            assert cart.total()[:4] == [-2, 25, 50, "inner"]
        assert cart.total()[:4] == ["fake", 25, 50, "fake"]


def test_patches_that_end_in_another_order(cart: Any) -> None:
    first, second = by_mock(cart, double=fake), by_mock(cart, now=fake)
    with first:
        second.__enter__()
    assert cart.total()[:4] == [4, 25, 50, "fake"]
    second.__exit__(None, None, None)


def test_modules_and_classes_from_elsewhere_under_any_alias(cart: Any) -> None:
    with by_mock(cart, json=mock.Mock(), Decimal=fake):
        assert cart.total()[7:9] == [mock.ANY, "fake"]
        assert cart.total()[7] != "1"


def test_two_names_of_one_object_are_patched_apart(cart: Any) -> None:
    with by_mock(cart, soon=fake, OTHER=1):
        assert cart.total() == REAL
    with by_mock(cart, LIMIT=1):
        assert cart.total()[1:3] == [25, 26]
    with by_mock(cart, later=fake):
        assert cart.total()[4] == "fake"


def test_patches_stay_in_the_module_that_is_patched(cart: Any) -> None:
    clock = importlib.import_module("shop.clock")
    with by_mock(clock, stamp=fake):
        assert cart.total() == REAL
    with by_mock(clock, zone=fake):
        assert cart.total()[5] == "fake"


def test_a_builtin_is_hidden_as_in_ordinary_code(cart: Any) -> None:
    with mock.patch("shop.cart.open", mock.mock_open(read_data="text")):
        assert cart.total("anywhere") == ["text"]
    assert "open" not in vars(sys.modules["shop.__generated__.cart"])


def test_a_deleted_name(cart: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.delattr(cart, "now")
        with pytest.raises(NameError, match="now"):
            cart.total()


def test_assignments_count_as_well(cart: Any) -> None:
    cart.RATE = 7
    assert cart.total()[1] == 7
    cart.RATE = 25


def test_code_that_cannot_be_loaded_does_not_break_a_patch(project: Project) -> None:
    project.write(FILES | {"shop/__generated__/cart.py": "class Basket: pass\n1 / 0\n"})
    project.write(
        {"shop/cart.py": FILES["shop/cart.py"].replace("@jaunt.magic\n        class", "class")}
    )
    cart: Any = project.load("shop.cart")
    with by_mock(cart, now=fake, double=fake):
        assert cart.double(2) == "fake"
        with pytest.raises(ZeroDivisionError):
            cart.total()
    del sys.modules["shop.cart"]


def test_a_reload_takes_generated_code_along(project: Project) -> None:
    project.write(FILES)
    cart: Any = project.load("shop.cart")
    assert cart.total() == REAL
    project.write({"shop/cart.py": FILES["shop/cart.py"].replace("RATE = 25", "RATE = 20")})
    importlib.reload(cart)
    assert cart.total()[1] == 20
    with by_mock(cart, now=fake, double=fake):
        assert cart.total()[:4] == ["fake", 20, 50, "fake"]
    assert cart.total()[:4] == [4, 20, 50, "now"]


def test_another_copy_of_a_module_has_generated_code_of_its_own(project: Project) -> None:
    project.write(FILES)
    first: Any = project.load("shop.cart")
    assert first.total() == REAL
    with mock.patch.dict(sys.modules):
        del sys.modules["shop.cart"]
        second: Any = project.load("shop.cart")
        assert second is not first
        with by_mock(second, now=fake, double=fake):
            assert second.total()[:4] == ["fake", 25, 50, "fake"]
            assert first.total() == REAL
        with by_object(first, now=fake):
            assert first.total()[3] == "fake"
            assert second.total() == REAL
        assert second.basket().__class__ is second.Basket is not first.Basket
    with by_mock(first, now=fake, double=fake, cached=fake):
        assert first.total()[:4] == ["fake", 25, 50, "fake"]
        assert second.total() == REAL
    assert first.total() == REAL
    assert type(first.basket()) is first.Basket


def test_modules_with_attributes_of_their_own(project: Project) -> None:
    project.write(FILES)
    project.write(
        {
            "shop/cart.py": FILES["shop/cart.py"]
            + "\n        def __getattr__(name):\n            return name\n"
        }
    )
    cart: Any = project.load("shop.cart")
    assert cart.anything == "anything"
    with by_mock(cart, now=fake):
        assert cart.total()[3] == "fake"
    assert cart.total() == REAL


def test_a_module_that_puts_another_object_in_its_place(project: Project) -> None:
    project.write(
        {
            "shop/a.py": """
                import sys, jaunt
                class Face: RATE = 1
                sys.modules[__name__] = Face()
                @jaunt.magic
                def f() -> int: ...
                Face.f = staticmethod(f)
            """,
            "shop/__generated__/a.py": "def f(): return 1\n",
        }
    )
    face: Any = importlib.import_module("shop.a")
    face.RATE = 2
    assert face.f() == 1


def test_the_module_that_python_was_started_with(project: Project) -> None:
    project.write(
        {
            "app.py": """
                import jaunt
                from unittest import mock

                def now():
                    return "now"

                @jaunt.magic
                def f() -> str: ...

                if __name__ == "__main__":
                    with mock.patch("__main__.now", lambda: "fake"):
                        print(f())
                    with mock.patch("app.now", lambda: "fake"):
                        print(f())
                    print(f())
            """,
            "__generated__/app.py": "from app import now\ndef f(): return now()\n",
        }
    )
    for arguments in (("app.py",), ("-m", "app")):
        done = project.python(*arguments)
        assert (done.stdout.split(), done.stderr) == (["fake", "fake", "now"], "")


def test_spec_modules_are_modules(project: Project) -> None:
    project.write(FILES)
    cart = project.load("shop.cart")
    assert isinstance(cart, ModuleType)
    assert repr(cart).startswith("<module 'shop.cart' from ")
    assert pickle.loads(pickle.dumps(cart)) is cart
    with pytest.raises(AttributeError, match=r"^module 'shop.cart' has no attribute 'nothing'$"):
        _ = cart.nothing


def test_submodules_are_bound_as_ever(project: Project) -> None:
    project.write(
        {
            "shop/__init__.py": "import jaunt\n@jaunt.magic\ndef f() -> int: ...\n",
            "shop/__generated__/__init__.py": "1 / 0\n",
            "shop/sub.py": "",
        }
    )
    shop: Any = project.load("shop")
    for _ in range(2):
        sys.modules.pop("shop.sub", None)
        assert project.load("shop.sub") is shop.sub
    assert "shop.__generated__" not in sys.modules
