"""Room for source that is nested more deeply than Python code usually calls."""

from __future__ import annotations

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
