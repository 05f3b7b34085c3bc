"""Jaunt: write the intent, have the code generated.

Put `@jaunt.magic` on a typed function or class with a docstring, and `@jaunt.test` on the tests
that you want; `jaunt build` and `jaunt test` have a model write the code. This package is all that
an application needs at run time.
"""

from jaunt._decorators import magic, test
from jaunt.errors import (
    JauntConfigError,
    JauntDependencyCycleError,
    JauntDiscoveryError,
    JauntError,
    JauntGenerationError,
    JauntNotBuiltError,
)
from jaunt.spec import SpecRef

__version__ = "0.1.0"

__all__ = [
    "JauntConfigError",
    "JauntDependencyCycleError",
    "JauntDiscoveryError",
    "JauntError",
    "JauntGenerationError",
    "JauntNotBuiltError",
    "SpecRef",
    "__version__",
    "magic",
    "test",
]
