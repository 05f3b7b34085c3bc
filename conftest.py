"""What the tests of all packages share."""

from __future__ import annotations

import os

import pytest


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """How many processes `-n auto` takes: one more, since many tests wait for processes."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture
def anyio_backend() -> str:
    """Asynchronous tests run on asyncio, as the engine does."""
    return "asyncio"
