"""How the interpreter is set while syntax trees are read."""

from __future__ import annotations

import gc
import sys
from collections.abc import Generator
from contextlib import contextmanager

# Reading takes about four calls a level; compilers give up at 3,000 levels.
_LIMIT = 12_000


@contextmanager
def deep_recursion() -> Generator[None]:
    """Let syntax trees be walked that the compiler accepts, such as a sum of 1,000 strings."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, _LIMIT))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


@contextmanager
def without_garbage_collection() -> Generator[None]:
    """Collect no garbage inside, and never look for any in what was made there.

    Syntax trees are many objects, they stay, and each collection would go through them all.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if enabled:
            gc.enable()
