"""What a workshop has outside of this process: a type checker, a formatter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from jaunt_core.execution.formatting import Formatter
from jaunt_core.execution.sources import Roots
from jaunt_core.execution.type_check import TypeCheck
from jaunt_core.execution.type_checkers import find_checker
from jaunt_core.execution.workshop import Workshop


def equipped(
    shop: Workshop, roots: Roots, environ: Mapping[str, str], warn: Callable[[str], None]
) -> Workshop:
    """The workshop with the type checker and the formatter that the project has.

    Raises:
        JauntConfigError: The project's environment lacks the type checker that is named.
    """
    project, interpreter = shop.project, shop.worker.interpreter
    formatter = Formatter(project, interpreter, environ)
    installed = find_checker(project, interpreter)
    if installed is None:
        return replace(shop, formatter=formatter)
    check = TypeCheck(
        project, roots, installed, python=interpreter.path, environ=environ, warn=warn
    )
    return replace(shop, formatter=formatter, late_checks=(*shop.late_checks, check))


__all__ = ["equipped"]
