"""A kit that checks whether any backend keeps to the protocol."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import PurePosixPath

from jaunt_core.backend.protocol import GeneratorBackend
from jaunt_core.model.generation import (
    ExpectedName,
    GenerationRequest,
    GenerationResult,
    Message,
    ModuleSpecContext,
    SpecText,
    StopReason,
)
from jaunt_core.model.spec import ContextItem, Digest, Kind, SpecRef

_AT_ONCE = 3


def sample_request(docstring: str = "Return `value` doubled.") -> GenerationRequest:
    """A small request as core would make it, for a module with one function."""
    text = f'def double(value: int) -> int:\n    """{docstring}"""'
    declaration = "def double(value: int) -> int"
    context = ModuleSpecContext(
        kind=Kind.BUILD,
        spec_module="sample",
        generated_module="__generated__.sample",
        expected=(ExpectedName(name="double", declaration=declaration),),
        specs=(SpecText(ref=SpecRef("sample:double"), text=text, prompt=""),),
        dependency_apis=(),
        dependency_sources=(),
        context=(
            ContextItem(
                ref=SpecRef("sample:LIMIT"),
                path=PurePosixPath("sample.py"),
                line=1,
                text="LIMIT = 10",
                form="LIMIT = 10",
            ),
        ),
        wanted=("double",),
    )
    return GenerationRequest(
        context=context,
        messages=(
            Message(role="system", text="You write Python modules."),
            Message(role="user", text=text),
        ),
        digest=Digest("sha256:" + "0" * 64),
    )


async def check_backend(make: Callable[[], GeneratorBackend]) -> None:
    """Check that a backend keeps to the protocol, by really asking it.

    Point `make` at a fake server or a recording; it is called twice. What it makes of faults is
    the business of `check_faults`.

    Raises:
        AssertionError: It does not; the message says how.
    """
    first, second = make(), make()
    check(isinstance(first, GeneratorBackend), "it lacks a member of GeneratorBackend")
    check(bool(first.name) and isinstance(first.name, str), "its name is no text")
    check(isinstance(first.fingerprint, str), "its fingerprint is no text")
    check(
        first.fingerprint == second.fingerprint,
        "two backends of one configuration have different fingerprints",
    )
    check(str(id(first)) not in first.fingerprint, "its fingerprint holds an address in memory")
    try:
        # Several at once, as Jaunt asks.
        asked = (first.generate_module(sample_request()) for _ in range(_AT_ONCE))
        for result in await asyncio.gather(*asked):
            _check_result(result)
    finally:
        await first.aclose()
        await second.aclose()


def _check_result(result: GenerationResult) -> None:
    check(isinstance(result, GenerationResult), "its answer is no GenerationResult")
    check(isinstance(result.text, str), "the text of its answer is no text")
    check(isinstance(result.stop, StopReason), "its answer does not say why it stopped")
    usage = result.usage
    check(
        min(usage.input, usage.cached, usage.output) >= 0 and usage.cached <= usage.input,
        "its token counts are impossible; `cached` is a part of `input`",
    )


def check(holds: bool, otherwise: str) -> None:  # noqa: FBT001
    """Make sure of something that the protocol asks for."""
    if not holds:
        raise AssertionError(otherwise)
