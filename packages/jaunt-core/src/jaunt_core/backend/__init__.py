"""The seam to models: the protocol that backends implement, and how they are found."""

from jaunt_core.backend.protocol import (
    BackendFactory,
    BackendSetup,
    GeneratorBackend,
    KeyUse,
)

__all__ = ["BackendFactory", "BackendSetup", "GeneratorBackend", "KeyUse"]
