"""The exceptions of jaunt: one root, so that `except JauntError` catches all that jaunt raises."""


class JauntError(Exception):
    """The root of all errors that jaunt raises itself.

    Attributes:
        hint: What the reader can do about it, or None where there is nothing to say.
    """

    hint: str | None

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        # Only the message goes into `args`: pickle calls the class with `args` and restores the
        # rest from `__dict__`, which a keyword-only argument in `args` would break.
        super().__init__(message)
        self.hint = hint

    def __str__(self) -> str:
        message = super().__str__()
        return f"{message}\n  hint: {self.hint}" if self.hint else message


class JauntConfigError(JauntError):
    """A setting, a target or a reference is wrong."""


class JauntDiscoveryError(JauntError):
    """A module could not be read for specs."""


class JauntNotBuiltError(JauntError):
    """A spec is used whose code was never generated."""


class JauntGenerationError(JauntError):
    """Code could not be generated for a spec."""


class JauntDependencyCycleError(JauntError):
    """Specs depend on each other in a circle."""
