"""Generator backend of jaunt for any program that reads a prompt and prints an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jaunt_backend_command.backend import CommandBackend
    from jaunt_core.backend import BackendSetup


def create_backend(setup: BackendSetup) -> CommandBackend:
    """A backend that runs the program of `[llm] command`; nothing is started yet.

    Raises:
        JauntConfigError: A setting is missing or wrong.
    """
    # `jaunt-playback` lives in this package and is started for every module: it needs nothing
    # of core and pydantic, which take most of a second to import on a slow machine.
    from jaunt_backend_command.backend import connect  # noqa: PLC0415

    return connect(setup)


__all__ = ["create_backend"]
