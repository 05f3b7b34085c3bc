"""All that the author of a backend imports; core finds backends by their entry points.

Names are loaded when they are first used, so that the modules of this package can be imported
one by one.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jaunt_core.backend.address import is_known_address
    from jaunt_core.backend.masking import Masker
    from jaunt_core.backend.protocol import BackendFactory, BackendSetup, GeneratorBackend, KeyUse
    from jaunt_core.backend.settings import parse_settings
    from jaunt_core.backend.token_counts import parse_usage
    from jaunt_core.errors import BackendError, FaultKind, JauntConfigError
    from jaunt_core.model.generation import (
        NO_TOKENS,
        GenerationRequest,
        GenerationResult,
        Message,
        ModuleSpecContext,
        StopReason,
        TokenUsage,
    )
    from jaunt_core.model.spec import Kind
    from jaunt_core.processes.lifeline import Lifeline
    from jaunt_core.processes.supervisor import (
        ProgramLimits,
        ProgramResult,
        ProgramTimeoutError,
        run_program,
    )

_HOMES = {
    "backend.address": "is_known_address",
    "backend.masking": "Masker",
    "backend.protocol": "BackendFactory BackendSetup GeneratorBackend KeyUse",
    "backend.settings": "parse_settings",
    "backend.token_counts": "parse_usage",
    "errors": "BackendError FaultKind JauntConfigError",
    "model.generation": "NO_TOKENS GenerationRequest GenerationResult Message "
    "ModuleSpecContext StopReason TokenUsage",
    "model.spec": "Kind",
    "processes.lifeline": "Lifeline",
    "processes.supervisor": "ProgramLimits ProgramResult ProgramTimeoutError run_program",
}

__all__ = ["NO_TOKENS", "BackendError", "BackendFactory", "BackendSetup", "FaultKind"]
__all__ += ["GenerationRequest", "GenerationResult", "GeneratorBackend", "JauntConfigError"]
__all__ += ["KeyUse", "Kind", "Lifeline", "Masker", "Message", "ModuleSpecContext", "ProgramLimits"]
__all__ += ["ProgramResult", "ProgramTimeoutError", "StopReason", "TokenUsage", "is_known_address"]
__all__ += ["parse_settings", "parse_usage", "run_program"]


def __getattr__(name: str) -> object:
    """A public name, loaded from the module that defines it."""
    from importlib import import_module  # noqa: PLC0415 - runs with nothing to do load nothing

    for home, names in _HOMES.items():
        if name in names.split():
            return getattr(import_module(f"jaunt_core.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
