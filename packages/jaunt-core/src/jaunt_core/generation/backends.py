"""The backends of one run: made when one is first needed, closed at the end."""

from __future__ import annotations

from collections.abc import Mapping

from jaunt_core.backend.protocol import GeneratorBackend
from jaunt_core.backend.registry import LoadBackend
from jaunt_core.config.loading import Project
from jaunt_core.llm.key_guard import KeyGuard, setup_of


class RunBackends:
    """Makes one backend for each model that a run may ask, behind the guard of the key."""

    def __init__(self, project: Project, environ: Mapping[str, str], load: LoadBackend) -> None:
        self._project = project
        self._environ = environ
        self._load = load
        self._guard = KeyGuard(project, environ)
        self._backends: tuple[GeneratorBackend, ...] = ()

    def __call__(self) -> tuple[GeneratorBackend, ...]:
        """The backend with the model of `[llm]`, and one for each model of `[build] escalate`.

        Raises:
            JauntConfigError: There is none for `[llm] provider`, or its settings are wrong.
        """
        if not self._backends:
            project, environ, key = self._project, self._environ, self._guard.key.value
            self._backends = tuple(
                self._guard.around(self._load(setup_of(project, environ, model, key)))
                for model in project.config.models
            )
        return self._backends

    async def aclose(self) -> None:
        """Close the backends that were made."""
        backends, self._backends = self._backends, ()
        for backend in backends:
            await backend.aclose()
