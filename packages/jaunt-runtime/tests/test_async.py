"""Async function specs and async generator specs."""

import asyncio
import contextlib
from typing import Any

import pytest

from jaunt import JauntNotBuiltError

from .conftest import Project

SPEC = """
    import jaunt
    from collections.abc import AsyncGenerator, AsyncIterator

    log = []

    @jaunt.magic
    async def fetch(key: str) -> str:
        raise NotImplementedError

    @jaunt.magic
    async def talk(first: object) -> AsyncGenerator[object, object]:
        raise NotImplementedError
        yield

    @jaunt.magic
    def direct() -> AsyncIterator[int]:
        raise NotImplementedError
"""
GENERATED = """
    import asyncio
    from shop.a import log

    async def fetch(key):
        await asyncio.sleep(0)
        return key.upper()

    async def talk(first):
        try:
            got = yield first
            while got is not None:
                try:
                    got = yield got
                except LookupError as error:
                    got = yield repr(error)
            await asyncio.sleep(0)
        except GeneratorExit:
            log.append("exit")
            raise
        finally:
            await asyncio.sleep(0)
            log.append("closed")

    async def direct():
        yield 1
        yield 2
"""


@pytest.fixture
def shop(project: Project) -> Any:
    project.write({"shop/__init__.py": "", "shop/a.py": SPEC, "shop/__generated__/a.py": GENERATED})
    return project.load("shop.a")


async def test_coroutine_functions(shop: Any) -> None:
    assert await shop.fetch("k") == "K"
    assert await asyncio.gather(*map(shop.fetch, "abc")) == ["A", "B", "C"]


async def test_async_generators_pass_on_asend_and_athrow(shop: Any) -> None:
    talk = shop.talk("hello")
    assert await anext(talk) == "hello"
    assert await talk.asend("again") == "again"
    assert await talk.athrow(KeyError("k")) == "KeyError('k')"
    assert await talk.asend("more") == "more"
    with pytest.raises(StopAsyncIteration):
        await anext(talk)
    assert shop.log == ["closed"]


async def test_async_generators_are_iterated_to_their_end(shop: Any) -> None:
    assert [item async for item in shop.talk("only")] == ["only"]
    assert [item async for item in shop.direct()] == [1, 2]


async def test_aclose_reaches_the_generated_code(shop: Any) -> None:
    talk = shop.talk("hello")
    await anext(talk)
    await talk.aclose()
    assert shop.log == ["exit", "closed"]
    async with contextlib.aclosing(shop.talk("never started")):
        pass
    assert shop.log == ["exit", "closed"]


async def test_an_error_that_is_not_handled_comes_out_as_it_was(shop: Any) -> None:
    talk = shop.talk("hello")
    await anext(talk)
    thrown = ValueError("mine")
    with pytest.raises(ValueError, match="mine") as caught:
        await talk.athrow(thrown)
    assert caught.value is thrown
    assert shop.log == ["closed"]


async def test_cancelling_reaches_the_generated_code(shop: Any) -> None:
    async def consume() -> None:
        async for _ in shop.talk("hello"):
            await asyncio.sleep(60)

    task = asyncio.create_task(consume())
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    for _ in range(10):  # the event loop's own hook closes what the task left open
        await asyncio.sleep(0)
    assert shop.log == ["exit", "closed"]


async def test_asynccontextmanager_above_magic(project: Project) -> None:
    project.write(
        {
            "shop/b.py": """
                import contextlib, jaunt
                from collections.abc import AsyncIterator
                @contextlib.asynccontextmanager
                @jaunt.magic
                async def opened() -> AsyncIterator[int]:
                    raise NotImplementedError
                    yield
            """,
            "shop/__generated__/b.py": """
                async def opened():
                    try:
                        yield 1
                    except LookupError:
                        pass
            """,
        }
    )
    async with project.load("shop.b").opened() as one:
        assert one == 1
        raise LookupError


async def test_not_built(project: Project) -> None:
    project.write({"shop/a.py": SPEC})
    shop = project.load("shop.a")
    with pytest.raises(JauntNotBuiltError, match=r"shop\.a:fetch is not built"):
        await shop.fetch("k")
    with pytest.raises(JauntNotBuiltError, match=r"shop\.a:talk is not built"):
        await anext(shop.talk("k"))
