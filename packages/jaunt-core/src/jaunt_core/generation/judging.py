"""What breaks while an answer is judged fails one module, and is told as the mistake it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from typing import ParamSpec, TypeVar

from jaunt_core.errors import JauntDiscoveryError, JauntError, JudgingError

Arguments = ParamSpec("Arguments")
Judged = TypeVar("Judged")


def as_judging_error(
    judge: Callable[Arguments, Awaitable[Judged]],
) -> Callable[Arguments, Coroutine[None, None, Judged]]:
    """The same function; what it is not known to raise, it raises as a `JudgingError`.

    The answer is the only thing that is special about a module, so the others go on.
    """

    @wraps(judge)
    async def judged(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Judged:
        try:
            return await judge(*args, **kwargs)
        except JauntDiscoveryError as error:
            raise JudgingError(f"an answer took down what reads it: {error.args[0]}") from error
        except JauntError:
            raise
        except Exception as error:
            first = str(error).partition("\n")[0]
            raise JudgingError(
                f"an answer could not be judged: {type(error).__name__}: {first}"
            ) from error

    return judged
