"""A backend whose requests and answers are logged."""

from __future__ import annotations

import time

from jaunt_cli.debugging.log_file import LogFile
from jaunt_core.backend.protocol import GeneratorBackend, KeyUse
from jaunt_core.llm.key_guard import key_use_of
from jaunt_core.model.generation import GenerationRequest, GenerationResult


class RecordedBackend:
    """Passes requests on to a backend, and logs them and their answers.

    Args:
        backend: The backend that answers.
        file: The log.
    """

    def __init__(self, backend: GeneratorBackend, file: LogFile) -> None:
        self._backend = backend
        self._file = file

    @property
    def key_use(self) -> KeyUse:
        """The backend's use of the key."""
        return key_use_of(self._backend)

    @property
    def name(self) -> str:
        """The backend's name."""
        return self._backend.name

    @property
    def fingerprint(self) -> str:
        """The backend's fingerprint."""
        return self._backend.fingerprint

    async def generate_module(self, request: GenerationRequest) -> GenerationResult:
        """The backend's answer."""
        about = f"{request.context.kind} {request.context.spec_module}, attempt {request.attempt}"
        messages = "\n".join(f"--- {message.role}\n{message.text}" for message in request.messages)
        self._file.write("request", f"{about}, {self.fingerprint}\n{messages}")
        started = time.monotonic()
        try:
            result = await self._backend.generate_module(request)
        except BaseException as error:
            seconds = time.monotonic() - started
            self._file.write("no answer", f"{about}, after {seconds:.3f} s: {_error_text(error)}")
            raise
        seconds = time.monotonic() - started
        facts = f"{about}, after {seconds:.3f} s, by {result.model or 'a model without name'}"
        counts = f"{result.usage}, {result.stop}"
        note = f"\nnote: {result.note}" if result.note else ""
        self._file.write("answer", f"{facts}\n{counts}{note}\n---\n{result.text}")
        return result

    async def aclose(self) -> None:
        """Close the backend."""
        await self._backend.aclose()


def _error_text(error: BaseException) -> str:
    facts = {name: getattr(error, name, None) for name in ("kind", "retry_after", "hint")}
    text = ", ".join(f"{name}: {value}" for name, value in facts.items() if value is not None)
    return f"{type(error).__name__}: {error}" + (f" ({text})" if text else "")
