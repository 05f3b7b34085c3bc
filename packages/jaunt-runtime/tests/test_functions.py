"""Function specs: they look like what was written and run what was generated."""

import inspect
import pickle
import threading
import typing
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from .conftest import Project

SPEC = """
    import jaunt

    class Price:
        pass

    NOTHING = object()

    @jaunt.magic
    def total(first, /, second: int, third: "Price" = NOTHING, *rest: int, named, other: int = 7,
              **more: str) -> list:
        "Add things up."
        raise NotImplementedError

    @jaunt.magic()
    def double(number: int) -> int:
        raise NotImplementedError

    @jaunt.magic(deps=[double], prompt="be quick", infer_deps=False)
    def fib(n: int) -> int:
        raise NotImplementedError
"""
GENERATED = """
    def total(first, /, second, third=None, *rest, named, other=0, **more):
        return [first, second, third, rest, named, other, more]

    def double(number):
        return 2 * number

    def fib(n):
        return n if n < 2 else fib(n - 1) + fib(n - 2)
"""


@pytest.fixture
def shop(project: Project) -> Any:
    project.write(
        {"shop/__init__.py": "", "shop/sums.py": SPEC, "shop/__generated__/sums.py": GENERATED}
    )
    return project.load("shop.sums")


def test_calls_reach_the_generated_code_with_all_kinds_of_arguments(shop: Any) -> None:
    assert shop.total(1, 2, 3, 4, 5, named=6, other=8, x="y") == [
        1, 2, 3, (4, 5), 6, 8, {"x": "y"},
    ]  # fmt: skip
    assert shop.total(1, second=2, named=3, first="free")[6] == {"first": "free"}
    assert [shop.double(21), shop.fib(20)] == [42, 6765]


def test_defaults_are_those_of_the_spec(shop: Any) -> None:
    assert shop.total(1, 2, named=3) == [1, 2, shop.NOTHING, (), 3, 7, {}]
    assert shop.total.__defaults__ == (shop.NOTHING,)
    assert shop.total.__kwdefaults__ == {"other": 7}


def test_a_wrong_call_fails_as_it_would_on_the_spec(shop: Any) -> None:
    with pytest.raises(TypeError, match=r"total\(\) missing 1 required keyword-only argument"):
        shop.total(1, 2)
    with pytest.raises(TypeError, match=r"double\(\) got an unexpected keyword argument 'size'"):
        shop.double(size=1)


def test_signature_and_metadata_are_those_of_the_spec(shop: Any) -> None:
    assert str(inspect.signature(shop.total)) == (
        f"(first, /, second: int, third: 'Price' = {shop.NOTHING!r}, *rest: int, named, "
        "other: int = 7, **more: str) -> list"
    )
    # Without __wrapped__ too: the shim's own code has the spec's parameters.
    own = inspect.signature(shop.total, follow_wrapped=False)
    assert [p.kind for p in own.parameters.values()] == [
        p.kind for p in inspect.signature(shop.total).parameters.values()
    ]
    assert shop.total.__doc__ == "Add things up."
    assert (shop.total.__module__, shop.total.__qualname__) == ("shop.sums", "total")
    assert (shop.total.__name__, shop.total.__code__.co_name) == ("total", "total")
    assert typing.get_type_hints(shop.total)["third"] is shop.Price
    assert "Add things up." in inspect.getsource(shop.total)
    assert shop.total.__jaunt_spec_ref__ == "shop.sums:total"


def test_keyword_only_without_varargs_and_no_parameters(project: Project) -> None:
    project.write(
        {
            "shop/a.py": """
                import jaunt
                @jaunt.magic
                def f(a, b=2, *, c, d=4): raise NotImplementedError
                @jaunt.magic
                def g(): raise NotImplementedError
                @jaunt.magic
                def h(a, b, /): raise NotImplementedError
            """,
            "shop/__generated__/a.py": """
                def f(a, b=2, *, c, d=4): return a, b, c, d
                def g(): return "g"
                def h(a, b, /): return a, b
            """,
        }
    )
    shop = project.load("shop.a")
    assert (shop.f(1, c=3), shop.g(), shop.h(1, 2)) == ((1, 2, 3, 4), "g", (1, 2))


def test_flags_tell_what_kind_of_function_it_is(project: Project) -> None:
    project.write(
        {
            "shop/a.py": """
                import jaunt
                from collections.abc import AsyncIterator, Iterator
                @jaunt.magic
                def plain() -> int: raise NotImplementedError
                @jaunt.magic
                async def coroutine() -> int: raise NotImplementedError
                @jaunt.magic
                def generator() -> Iterator[int]:
                    raise NotImplementedError
                    yield
                @jaunt.magic
                async def stream() -> AsyncIterator[int]:
                    raise NotImplementedError
                    yield
                @jaunt.magic
                def iterator() -> Iterator[int]: raise NotImplementedError
            """
        }
    )
    shop = project.load("shop.a")
    kinds = {
        inspect.iscoroutinefunction: "coroutine",
        inspect.isgeneratorfunction: "generator",
        inspect.isasyncgenfunction: "stream",
    }
    for is_kind, expected in kinds.items():
        names = ["plain", "coroutine", "generator", "stream", "iterator"]
        assert [name for name in names if is_kind(getattr(shop, name))] == [expected]


def test_generators_pass_on_send_throw_close_and_the_result(project: Project) -> None:
    project.write(
        {
            "shop/a.py": """
                import jaunt
                from collections.abc import Generator, Iterator
                log = []
                @jaunt.magic
                def talk() -> Generator[object, object, str]:
                    raise NotImplementedError
                    yield
                @jaunt.magic
                def numbers() -> Iterator[int]: raise NotImplementedError
            """,
            "shop/__generated__/a.py": """
                from shop.a import log
                def talk():
                    try:
                        got = yield "hello"
                        try:
                            yield got
                        except KeyError as error:
                            yield repr(error)
                        return "done"
                    finally:
                        log.append("closed")
                def numbers():
                    return iter([1, 2, 3])
            """,
        }
    )
    shop = project.load("shop.a")
    talk = shop.talk()
    assert next(talk) == "hello"
    assert talk.send("again") == "again"
    assert talk.throw(KeyError("k")) == "KeyError('k')"
    with pytest.raises(StopIteration, match="done"):
        next(talk)
    other = shop.talk()
    next(other)
    other.close()
    assert shop.log == ["closed", "closed"]
    # A spec without `yield` stays a plain function, whatever it returns.
    assert type(shop.numbers()) is type(iter([]))


def test_decorators_above_magic_work(project: Project) -> None:
    project.write(
        {
            "shop/a.py": """
                import contextlib, functools, jaunt
                from collections.abc import Iterator
                @functools.cache
                @jaunt.magic
                def slow(n: int) -> list: raise NotImplementedError
                @contextlib.contextmanager
                @jaunt.magic
                def opened(name: str) -> Iterator[str]:
                    raise NotImplementedError
                    yield
            """,
            "shop/__generated__/a.py": """
                def slow(n): return [n]
                def opened(name):
                    try:
                        yield name
                    except LookupError:
                        pass
            """,
        }
    )
    shop = project.load("shop.a")
    assert shop.slow(3) is shop.slow(3)
    with shop.opened("door") as door:
        assert door == "door"
        raise LookupError
    assert shop.slow.__jaunt_spec_ref__ == "shop.a:slow"


def test_functions_pickle_by_name(shop: Any) -> None:
    assert pickle.loads(pickle.dumps(shop.double)) is shop.double


def test_many_threads_may_call_first_at_the_same_time(project: Project) -> None:
    project.write(
        {
            "shop/a.py": "import jaunt\n@jaunt.magic\ndef f(n: int) -> int: ...\n",
            "shop/__generated__/a.py": """
                import time
                time.sleep(0.05)
                def f(n): return n + 1
            """,
        }
    )
    shop = project.load("shop.a")
    barrier = threading.Barrier(8)

    def call(n: int) -> int:
        barrier.wait()
        return shop.f(n)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(call, range(8))) == list(range(1, 9))


def test_after_the_first_call_nothing_stands_between(shop: Any, project: Project) -> None:
    shop.double(1)
    generated = project.load("shop.__generated__.sums")
    assert generated.double in shop.double.__globals__.values()


def test_a_fake_does_not_outlive_its_patch(shop: Any, project: Project) -> None:
    generated = project.load("shop.__generated__.sums")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generated, "double", lambda number: "fake")
        assert shop.double(1) == "fake"
    assert shop.double(1) == 2


def test_function_modules_may_import_each_other_in_any_order(project: Project) -> None:
    files = {}
    for mine, other in [("a", "b"), ("b", "a")]:
        files[f"shop/{mine}.py"] = f"""
            import jaunt
            import shop.{other}
            @jaunt.magic
            def {mine}(n: int) -> str: raise NotImplementedError
            AFTER = "{mine} after"
        """
        files[f"shop/__generated__/{mine}.py"] = f"""
            from shop.{mine} import AFTER
            from shop.{other} import {other}
            def {mine}(n): return AFTER if n == 0 else {other}(n - 1)
        """
    project.write(files | {"shop/__init__.py": ""})
    for first in ["shop.a", "shop.b", "shop.__generated__.a", "shop.__generated__.b"]:
        code = f"import {first}, shop.a, shop.b; print(shop.a.a(1), shop.b.b(1), sep=', ')"
        assert project.output(code) == "b after, a after"
