"""What the tests of all packages share."""

from __future__ import annotations

import pytest


@pytest.fixture
def anyio_backend() -> str:
    """Asynchronous tests run on asyncio, as the engine does."""
    return "asyncio"
