"""Which installed packages a module may come from."""

from __future__ import annotations

import sys
from functools import cache


def distributions_of(module: str) -> list[str]:
    """The names of the distributions that contain a module; empty where none is known."""
    top = module.partition(".")[0]
    if not top or top in sys.stdlib_module_names:
        return []
    # The metadata of an editable install lists no modules; that may be how we are installed.
    ours = [top.replace("_", "-")] if top.startswith("jaunt_") else []
    return sorted(set(_by_module().get(top, ours)))


@cache
def _by_module() -> dict[str, list[str]]:
    # Slow, and needed only where an answer imports something that is not the project's own.
    from importlib.metadata import packages_distributions  # noqa: PLC0415

    return {module: list(names) for module, names in packages_distributions().items()}
