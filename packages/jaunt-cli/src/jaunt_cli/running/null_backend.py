"""A backend in the place of one that cannot be loaded, for commands that ask no model."""

from __future__ import annotations

from jaunt_cli.running.runner import emit_warnings
from jaunt_core.backend.masking import Masker
from jaunt_core.backend.protocol import BackendSetup, GeneratorBackend
from jaunt_core.backend.registry import LoadBackend, load_backend
from jaunt_core.errors import JauntConfigError, JauntError
from jaunt_core.model.events import Sink
from jaunt_core.model.generation import GenerationRequest, GenerationResult


class NullBackend:
    """Answers nothing; no answer is stored under its fingerprint."""

    name = "null"
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


def tolerant_loader(sink: Sink) -> LoadBackend:
    """A loader that warns where there is no backend, and returns one that has answered nothing."""

    def load(setup: BackendSetup) -> GeneratorBackend:
        try:
            return load_backend(setup)
        except JauntError as error:
            hint = f"\nhint: {error.hint}" if error.hint else ""
            message = (
                f"{error.args[0]}; which answers are stored cannot be told without it, "
                f"so none counts{hint}"
            )
            # The error may quote a setting, and the key may have been written there.
            emit_warnings([Masker([setup.api_key])(message)], sink)
            return NullBackend()

    return load
