"""While discovering, generated code is never imported and stubs do not run."""

import dataclasses
import inspect
from typing import Any

import pytest

from jaunt import JauntDiscoveryError, registry

from .conftest import Project

SPEC = """
    import dataclasses, jaunt
    from collections.abc import Iterator

    @jaunt.magic
    def f(n: int) -> int:
        raise NotImplementedError

    def helper():
        return f(1)

    @jaunt.magic
    class Ledger:
        def __init__(self, name: str, *, size: int = 0) -> None:
            raise NotImplementedError
        def __init_subclass__(cls, **options: object) -> None:
            raise NotImplementedError
        def add(self) -> int:
            raise NotImplementedError

    @jaunt.magic
    class Bare:
        def add(self) -> int: ...

    @jaunt.magic
    class Word(str):
        def __new__(cls, text: str, more: int) -> "Word":
            raise NotImplementedError

    @jaunt.magic
    @dataclasses.dataclass(frozen=True, slots=True)
    class Point:
        x: int
        y: int = 2
        def __post_init__(self) -> None:
            raise NotImplementedError

    @dataclasses.dataclass
    @jaunt.magic
    class Late:
        x: int

    @jaunt.magic
    class Oops(Exception):
        pass

    class Base:
        def __init__(self, name: str) -> None:
            self.name = name

    @jaunt.magic
    class Child(Base):
        def add(self) -> int: ...

    class Sub(Ledger, flag=True):
        pass

    DEFAULT = Ledger("x", size=3)
    EXTRA = [Bare(), Bare(1, two=2), Word("t", 1), Point(5), Late(1), Oops("why"), Sub("s")]
    CHILD = Child("c")
"""


@pytest.fixture(params=["before the build", "with broken generated code"])
def shop(project: Project, request: pytest.FixtureRequest) -> Any:
    project.write({"shop/__init__.py": "", "shop/a.py": SPEC})
    if request.param == "with broken generated code":
        project.write({"shop/__generated__/a.py": "raise SystemExit('never import me')\n"})
    registry.begin_discovery()
    return project.load("shop.a")


def test_module_level_code_may_use_class_specs(shop: Any) -> None:
    assert isinstance(shop.DEFAULT, shop.Ledger)
    assert [type(item).__name__ for item in shop.EXTRA] == [
        "Bare", "Bare", "Word", "Point", "Late", "Oops", "Sub",
    ]  # fmt: skip
    assert dataclasses.astuple(shop.EXTRA[3]) == (5, 2)
    assert str(shop.EXTRA[5]) == "why"
    # A handwritten base is no spec: what it does, it does.
    assert shop.CHILD.name == "c"


def test_classes_are_returned_as_written(shop: Any) -> None:
    written = {entry.qualname: entry.obj for entry in registry.entries()}
    assert shop.Ledger is written["Ledger"]
    assert shop.Ledger.__jaunt_spec_ref__ == "shop.a:Ledger"
    assert str(inspect.signature(shop.Ledger)) == "(name: str, *, size: int = 0) -> None"
    assert [field.name for field in dataclasses.fields(shop.Point)] == ["x", "y"]
    assert list(written) == ["f", "Ledger", "Bare", "Word", "Point", "Late", "Oops", "Child"]


def test_calling_a_function_names_the_spec_and_the_caller(shop: Any, project: Project) -> None:
    line = 1 + SPEC.splitlines().index("        return f(1)")
    with pytest.raises(JauntDiscoveryError) as caught:
        shop.helper()
    assert str(caught.value).startswith(f"{project.root / 'shop/a.py'}:{line}: shop.a:f is called")
    assert "call it inside a function" in str(caught.value)


def test_the_caller_is_found_behind_the_standard_library(project: Project) -> None:
    project.write(
        {
            "shop/b.py": """
                import asyncio, contextlib, functools, jaunt
                from collections.abc import Iterator
                @functools.cache
                @jaunt.magic
                def cached() -> int: ...
                @contextlib.contextmanager
                @jaunt.magic
                def opened() -> Iterator[int]:
                    raise NotImplementedError
                    yield
                @jaunt.magic
                async def fetch() -> int: ...
                def one(): return cached()
                def two():
                    with opened(): pass
                def three():
                    asyncio.run(fetch())
            """
        }
    )
    registry.begin_discovery()
    shop = project.load("shop.b")
    for call, line in [(shop.one, 14), (shop.two, 16), (shop.three, 18)]:
        with pytest.raises(JauntDiscoveryError, match=rf"b\.py:{line}: shop\.b:"):
            call()


def test_after_discovery_functions_find_their_code(project: Project) -> None:
    project.write(
        {
            "shop/a.py": "import jaunt\n@jaunt.magic\ndef f() -> int: ...\n",
            "shop/__generated__/a.py": "def f(): return 5\n",
        }
    )
    registry.begin_discovery()
    shop = project.load("shop.a")
    with pytest.raises(JauntDiscoveryError):
        shop.f()
    registry.end_discovery()
    assert not registry.is_discovering()
    assert shop.f() == 5
