"""Generator backend of jaunt that answers every function with its own name, loudly."""

from __future__ import annotations

from jaunt_core.backend import (
    BackendSetup,
    GenerationRequest,
    GenerationResult,
    JauntConfigError,
    TokenUsage,
)


class ShoutBackend:
    """Shouts; made by `create_backend`."""

    name = "shout"

    def __init__(self, *, volume: int) -> None:
        self._volume = volume

    @property
    def fingerprint(self) -> str:
        """How loud it is."""
        return f"shout/{self._volume}"

    async def generate_module(self, request: GenerationRequest) -> GenerationResult:
        """Functions that return their names."""
        functions = [
            f"{item.declaration}:\n    return {item.name.upper() + '!' * self._volume!r}\n"
            for item in request.context.expected
        ]
        prompt = "".join(message.text for message in request.messages)
        return GenerationResult(
            text="\n\n".join(functions),
            usage=TokenUsage(input=len(prompt), output=sum(map(len, functions))),
            model=f"megaphone-{self._volume}",
        )

    async def aclose(self) -> None:
        """Nothing is open."""


def create_backend(setup: BackendSetup) -> ShoutBackend:
    """The backend, by its one setting `volume`.

    Raises:
        JauntConfigError: There is another setting, or the volume is no number.
    """
    unknown = sorted(set(setup.settings) - {"volume"})
    if unknown:
        raise JauntConfigError(
            f"{setup.config}: `[llm] {unknown[0]}` is no setting of provider shout",
            hint="the only one is volume",
        )
    volume = setup.settings.get("volume", 1)
    if not isinstance(volume, int):
        raise JauntConfigError(f"{setup.config}: `[llm] volume` is no number")
    return ShoutBackend(volume=volume)


def create_nothing(setup: BackendSetup) -> object:
    """Something that is no backend."""
    return object()


def fail(setup: BackendSetup) -> object:
    """Raise what no backend should."""
    raise KeyError("volume")
