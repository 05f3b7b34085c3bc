"""What looks at a project where the backend cannot be loaded."""

from __future__ import annotations

from collections.abc import Callable

from jaunt_core.backend.masking import Masker
from jaunt_core.backend.protocol import BackendSetup, GeneratorBackend
from jaunt_core.backend.registry import load_backend
from jaunt_core.errors import JauntConfigError, JauntError
from jaunt_core.model.generation import GenerationRequest, GenerationResult


class StandIn:
    """In the place of a backend that is not there: no answer is stored under its fingerprint."""

    name = "stand-in"
    fingerprint = "no backend"

    async def generate_module(self, request: GenerationRequest) -> GenerationResult:
        """Refuse to answer.

        Raises:
            JauntConfigError: Always.
        """
        del request
        raise JauntConfigError("this command asks no model", hint="run jaunt build")

    async def aclose(self) -> None:
        """Release nothing."""


class TolerantLoader:
    """Loads the backend that tells which answers are stored; says so where that cannot be.

    Args:
        warn: Is told why there is none, and what that means.
    """

    def __init__(self, warn: Callable[[str], None]) -> None:
        self._warn = warn

    def __call__(self, setup: BackendSetup) -> GeneratorBackend:
        """The backend, or one that has answered nothing."""
        try:
            return load_backend(setup)
        except JauntError as error:
            hint = f"\nhint: {error.hint}" if error.hint else ""
            message = (
                f"{error.args[0]}; which answers are stored cannot be told without it, "
                f"so none counts{hint}"
            )
            self._warn(Masker([setup.api_key])(message))
            return StandIn()
