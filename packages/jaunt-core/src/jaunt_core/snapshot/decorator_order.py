"""The order of decorators that works: ours on top of what makes another class."""

from __future__ import annotations

from collections.abc import Iterable

from jaunt_core.errors import JauntDiscoveryError
from jaunt_core.model.spec import SpecModule


def check_decorator_order(modules: Iterable[SpecModule]) -> None:
    """Refuse class specs with a decorator above ours that would rewrite what was generated.

    Raises:
        JauntDiscoveryError: There is one; the message names file and line.
    """
    for spec in (spec for module in modules for spec in module.specs):
        for decorator in spec.replacing:
            raise JauntDiscoveryError(
                f"{spec.path}:{decorator.line}: @{decorator.name} stands above @jaunt.magic, so it "
                f"would make another class of the {spec.name} that is generated",
                hint=f"put @jaunt.magic on top, and @{decorator.name} below it, directly above "
                f"`class {spec.name}`",
            )
