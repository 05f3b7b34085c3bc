"""Settings of the interpreter while syntax trees are read: recursion and garbage collection."""

from __future__ import annotations

import gc
import sys
from collections.abc import Generator
from contextlib import contextmanager

# Reading takes about four calls a level; compilers give up at 3,000 levels.
_LIMIT = 12_000


@contextmanager
def deep_recursion() -> Generator[None]:
    """Raise the recursion limit, so that whatever the compiler accepts can be walked.

    A sum of 1,000 strings, for example, is a tree of 1,000 levels.
    """
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, _LIMIT))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


@contextmanager
def without_garbage_collection() -> Generator[None]:
    """Switch the garbage collector off inside, and exempt what was made there for good.

    Syntax trees are many objects that stay; each collection would go through all of them.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if enabled:
            gc.enable()
