"""For tests: a backend that answers from a script, and a kit that checks anybody's backend."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath

from jaunt_core.backend.protocol import BackendSetup, GeneratorBackend
from jaunt_core.backend.registry import LoadBackend
from jaunt_core.errors import BackendError
from jaunt_core.model.generation import (
    ExpectedName,
    GenerationRequest,
    GenerationResult,
    Message,
    ModuleSpecContext,
    SpecText,
    StopReason,
    TokenUsage,
)
from jaunt_core.model.spec import ContextItem, Digest, Kind, SpecRef

Scripted = str | GenerationResult | BackendError
"""One answer of a script: code, a whole result, or a fault that is raised."""


class ScriptedBackend:
    """Answers each spec module from its own list, in order, and remembers what it was asked.

    Args:
        answers: For each spec module, its answers; the last one is given again and again.
        fingerprint: What the store takes this backend for.
        delay: Seconds that each answer takes.
    """

    def __init__(
        self,
        answers: Mapping[str, Sequence[Scripted]],
        *,
        fingerprint: str = "scripted",
        delay: float = 0.0,
    ) -> None:
        self._left = {name: list(listed) for name, listed in answers.items()}
        self._fingerprint = fingerprint
        self._delay = delay
        self.requests: list[GenerationRequest] = []
        self.in_flight = 0
        self.most_in_flight = 0
        self.closed = False

    @property
    def name(self) -> str:
        """`scripted`."""
        return "scripted"

    @property
    def fingerprint(self) -> str:
        """The fingerprint that it was made with."""
        return self._fingerprint

    @property
    def asked(self) -> list[str]:
        """The spec modules that were asked for, in order."""
        return [request.context.spec_module for request in self.requests]

    async def generate_module(self, request: GenerationRequest) -> GenerationResult:
        """The next answer of the script.

        Raises:
            BackendError: The script says so.
            LookupError: The script has nothing for this module, which is a mistake of the test.
        """
        self.requests.append(request)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await asyncio.sleep(self._delay)
        finally:
            self.in_flight -= 1
        listed = self._left.get(request.context.spec_module)
        if not listed:
            raise LookupError(f"no scripted answer for {request.context.spec_module}")
        answer = listed.pop(0) if len(listed) > 1 else listed[0]
        if isinstance(answer, BackendError):
            raise answer
        if isinstance(answer, str):
            return GenerationResult(text=answer, usage=TokenUsage(input=100, output=10))
        return answer

    async def aclose(self) -> None:
        """Note that the run has ended."""
        self.closed = True


def loader_of(backend: GeneratorBackend) -> LoadBackend:
    """A `load` argument for `build` and `run_tests` that always gives this backend."""

    def load(setup: BackendSetup) -> GeneratorBackend:
        del setup
        return backend

    return load


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

    Point `make` at a fake server or a recording; it is called twice.

    Raises:
        AssertionError: It does not; the message says how.
    """
    first, second = make(), make()
    _check(isinstance(first, GeneratorBackend), "it lacks a member of GeneratorBackend")
    _check(bool(first.name) and isinstance(first.name, str), "its name is no text")
    _check(isinstance(first.fingerprint, str), "its fingerprint is no text")
    _check(
        first.fingerprint == second.fingerprint,
        "two backends of one configuration have different fingerprints",
    )
    _check(str(id(first)) not in first.fingerprint, "its fingerprint holds an address in memory")
    try:
        result = await first.generate_module(sample_request())
        _check(isinstance(result, GenerationResult), "its answer is no GenerationResult")
        _check(isinstance(result.text, str), "the text of its answer is no text")
        _check(isinstance(result.stop, StopReason), "its answer does not say why it stopped")
        usage = result.usage
        _check(
            min(usage.input, usage.cached, usage.output) >= 0 and usage.cached <= usage.input,
            "its token counts are impossible; `cached` is a part of `input`",
        )
    finally:
        await first.aclose()
        await second.aclose()


def _check(holds: bool, otherwise: str) -> None:  # noqa: FBT001
    if not holds:
        raise AssertionError(otherwise)


__all__ = ["Scripted", "ScriptedBackend", "check_backend", "loader_of", "sample_request"]
