"""Class specs: the generated class takes the place of what was written, under its name."""

import inspect
import pickle
import threading
from typing import Any

import pytest

from jaunt import JauntNotBuiltError
from jaunt.spec import spec_ref_of

from .conftest import Project

SPEC = """
    import jaunt

    class Entry:
        pass

    @jaunt.magic
    class Ledger:
        "Keeps entries."
        __slots__ = ("entries",)

        def __init__(self, *entries: Entry) -> None:
            raise NotImplementedError

        def add(self, entry: Entry) -> None:
            raise NotImplementedError

        @property
        def size(self) -> int:
            raise NotImplementedError

        @classmethod
        def empty(cls) -> "Ledger":
            raise NotImplementedError

        @staticmethod
        def version() -> int:
            raise NotImplementedError

    @jaunt.magic(deps=[Ledger])
    class Book(Ledger):
        __slots__ = ("title",)

        def __init__(self, title: str) -> None:
            raise NotImplementedError

    class Below:
        pass
"""
GENERATED = """
    from shop.a import Entry

    class Ledger:
        __slots__ = ("entries",)

        def __init__(self, *entries):
            self.entries = list(entries)

        def add(self, entry: Entry):
            from shop.a import Below
            self.entries.append((entry, Below()))

        @property
        def size(self):
            return len(self.entries)

        @classmethod
        def empty(cls):
            return cls()

        @staticmethod
        def version():
            return 3

    class Book(Ledger):
        __slots__ = ("title",)

        def __init__(self, title):
            super().__init__()
            self.title = title
"""
FILES = {"shop/__init__.py": "", "shop/a.py": SPEC, "shop/__generated__/a.py": GENERATED}


@pytest.fixture
def shop(project: Project) -> Any:
    project.write(FILES)
    return project.load("shop.a")


@pytest.fixture
def unbuilt(project: Project) -> Any:
    project.write({"shop/__init__.py": "", "shop/a.py": SPEC})
    return project.load("shop.a")


def test_the_generated_class_runs_under_the_name_of_the_spec(shop: Any, project: Project) -> None:
    generated = project.load("shop.__generated__.a")
    assert shop.Ledger is generated.Ledger
    assert repr(shop.Ledger) == "<class 'shop.a.Ledger'>"
    assert shop.Ledger.__jaunt_spec_ref__ == "shop.a:Ledger"
    assert shop.Ledger.__doc__ == "Keeps entries."
    assert str(inspect.signature(shop.Book)) == "(title)"


def test_instances_work_with_slots_super_isinstance_and_pickle(shop: Any) -> None:
    book = shop.Book("b")
    book.add(shop.Entry())
    assert (book.title, book.size, shop.Ledger.version()) == ("b", 1, 3)
    assert isinstance(book, shop.Ledger)
    assert not hasattr(book, "__dict__")
    assert type(shop.Ledger.empty()) is shop.Ledger
    assert pickle.loads(pickle.dumps(shop.Ledger)) is shop.Ledger
    assert pickle.loads(pickle.dumps(book)).title == "b"


def test_a_subclass_in_a_third_module_is_no_spec(shop: Any, project: Project) -> None:
    project.write(
        {
            "shop/c.py": """
                from shop.a import Ledger
                class Diary(Ledger):
                    def add(self, entry):
                        super().add(entry)
                        return self.size
            """
        }
    )
    diary_class = project.load("shop.c").Diary
    assert diary_class().add(shop.Entry()) == 1
    assert spec_ref_of(diary_class) == "shop.c:Diary"
    assert spec_ref_of(shop.Ledger) == "shop.a:Ledger"


def test_dataclasses_above_and_below_magic(project: Project) -> None:
    project.write(
        {
            "shop/d.py": """
                import jaunt
                from dataclasses import dataclass
                @jaunt.magic
                @dataclass(frozen=True, slots=True)
                class Below:
                    x: int
                    def double(self) -> int: raise NotImplementedError
                @dataclass(order=True)
                @jaunt.magic
                class Above:
                    x: int
                    def double(self) -> int: raise NotImplementedError
            """,
            "shop/__generated__/d.py": """
                from dataclasses import dataclass
                @dataclass(frozen=True, slots=True)
                class Below:
                    x: int
                    def double(self): return 2 * self.x
                class Above:
                    x: int
                    def double(self): return 2 * self.x
            """,
        }
    )
    shop = project.load("shop.d")
    assert shop.Below(2).double() == 4
    assert shop.Above(2) < shop.Above(3)
    assert [repr(shop.Below(1)), repr(shop.Above(1))] == ["Below(x=1)", "Above(x=1)"]


def test_an_exception_class_spec(project: Project) -> None:
    spec = "import jaunt\n@jaunt.magic\nclass Oops(ValueError):\n    def code(self) -> int: ...\n"
    generated = "class Oops(ValueError):\n    def code(self): return 7\n"
    project.write({"shop/e.py": spec, "shop/__generated__/e.py": generated})
    oops = project.load("shop.e").Oops
    with pytest.raises(ValueError, match="why") as caught:
        raise oops("why")
    assert isinstance(caught.value, oops)
    assert caught.value.code() == 7


def test_a_placeholder_is_the_class_as_written_and_refuses_to_be_made(unbuilt: Any) -> None:
    assert unbuilt.Ledger.__slots__ == ("entries",)
    assert unbuilt.Ledger.__jaunt_spec_ref__ == "shop.a:Ledger"
    assert issubclass(unbuilt.Book, unbuilt.Ledger)
    for make in [unbuilt.Ledger, lambda: unbuilt.Ledger(1, 2), lambda: unbuilt.Book("b")]:
        with pytest.raises(JauntNotBuiltError, match="not built: there is no module shop"):
            make()
    with pytest.raises(JauntNotBuiltError) as caught:
        unbuilt.Book("b")
    assert str(caught.value) == (
        "shop.a:Book is not built: there is no module shop.__generated__.a\n"
        "  hint: run `jaunt build --target shop.a`"
    )


def test_members_of_a_placeholder_refuse_to_run_a_stub(unbuilt: Any) -> None:
    instance = object.__new__(unbuilt.Ledger)
    for use in [
        unbuilt.Ledger.empty,
        unbuilt.Ledger.version,
        lambda: unbuilt.Ledger.add(None, None),
        lambda: instance.size,
        lambda: setattr(instance, "size", 1),
    ]:
        with pytest.raises(JauntNotBuiltError, match=r"shop\.a:Ledger is not built"):
            use()
    assert list(inspect.signature(unbuilt.Ledger.add).parameters) == ["self", "entry"]


def test_subclasses_of_a_placeholder_refuse_too(unbuilt: Any) -> None:
    class Diary(unbuilt.Ledger):
        def __init__(self) -> None:
            self.day = 1

    class Careful(unbuilt.Ledger):
        def __new__(cls) -> object:
            return super().__new__(cls)

    for make in [Diary, Careful]:
        with pytest.raises(JauntNotBuiltError, match=r"shop\.a:Ledger is not built"):
            make()


def test_placeholders_with_dataclass_decorators_and_cached_members(project: Project) -> None:
    project.write(
        {
            "shop/d.py": """
                import functools, jaunt
                from dataclasses import dataclass, field
                @jaunt.magic
                @dataclass(frozen=True, slots=True)
                class Below:
                    x: int = 1
                @dataclass(slots=True)
                @jaunt.magic
                class Above:
                    x: int = 1
                    def double(self) -> int: ...
                @jaunt.magic
                class Cached:
                    @functools.cached_property
                    def size(self) -> int: ...
                    @staticmethod
                    @functools.cache
                    def load(name: str) -> str: ...
            """
        }
    )
    shop = project.load("shop.d")
    for use in [
        shop.Below,
        lambda: shop.Above(3),
        lambda: shop.Above.double(None),
        lambda: object.__new__(shop.Cached).size,
        lambda: shop.Cached.load("x"),
    ]:
        with pytest.raises(JauntNotBuiltError, match=r"shop\.d:.* is not built"):
            use()


def test_a_module_without_the_class_gives_a_placeholder(project: Project) -> None:
    project.write(FILES | {"shop/__generated__/a.py": "Ledger = 1\n"})
    shop = project.load("shop.a")
    with pytest.raises(JauntNotBuiltError, match=r"shop\.a:Book is not built: shop.* does not def"):
        shop.Book("x")
    with pytest.raises(JauntNotBuiltError, match=r"shop\.a:Ledger is not built"):
        shop.Ledger()


def test_an_error_inside_a_generated_class_module_is_shown_as_what_it_is(project: Project) -> None:
    project.write(FILES | {"shop/__generated__/a.py": "import no_such_module\n"})
    with pytest.raises(ModuleNotFoundError, match="No module named 'no_such_module'"):
        project.load("shop.a")


def test_threads_may_import_spec_modules_at_the_same_time(project: Project) -> None:
    project.write(FILES)
    seen = []
    threads = [
        threading.Thread(target=lambda: seen.append(project.load("shop.a").Book("b").size))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [0, 0, 0, 0]
