"""Names of a module whose value changes while the program runs."""

from __future__ import annotations

import ast
from functools import lru_cache

from .scopes import globals_bound_by
from .source_module import SourceModule
from .syntax import FUNCTIONS


@lru_cache(maxsize=64)
def rebound_names(module: SourceModule) -> frozenset[str]:
    """The names of a module that its own functions bind anew, by `global`."""
    if "global" not in module.text:
        return frozenset()
    functions = (node for node in ast.walk(module.tree) if isinstance(node, FUNCTIONS))
    return frozenset().union(*map(globals_bound_by, functions))
