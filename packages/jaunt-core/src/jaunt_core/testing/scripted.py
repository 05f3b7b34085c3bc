"""A backend that answers from a script."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from jaunt_core.backend.protocol import BackendSetup, GeneratorBackend
from jaunt_core.backend.registry import LoadBackend
from jaunt_core.errors import BackendError
from jaunt_core.model.generation import GenerationRequest, GenerationResult, TokenUsage

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
        self._remaining = {name: list(listed) for name, listed in answers.items()}
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
        listed = self._remaining.get(request.context.spec_module)
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
