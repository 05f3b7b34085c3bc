"""The backends of one run: made when one is first needed, closed at the end."""

from __future__ import annotations

from jaunt_core.backend.protocol import GeneratorBackend
from jaunt_core.backend.registry import LoadBackend
from jaunt_core.llm.key_guard import KeyGuard, setup_of
from jaunt_core.project.workspace import Workspace


class RunBackends:
    """Makes one backend for each model that a run may ask, behind the guard of the key."""

    def __init__(self, workspace: Workspace, load: LoadBackend) -> None:
        self._workspace = workspace
        self._load = load
        self._guard = KeyGuard(workspace)
        self._backends: tuple[GeneratorBackend, ...] = ()

    def __call__(self) -> tuple[GeneratorBackend, ...]:
        """The backend with the model of `[llm]`, and one for each model of `[build] escalate`.

        Raises:
            JauntConfigError: There is none for `[llm] provider`, or its settings are wrong.
        """
        if not self._backends:
            key = self._guard.key.value
            self._backends = tuple(
                self._guard.around(self._load(setup_of(self._workspace, model, key)))
                for model in self._workspace.config.models
            )
        return self._backends

    async def aclose(self) -> None:
        """Close the backends that were made."""
        backends, self._backends = self._backends, ()
        for backend in backends:
            await backend.aclose()
