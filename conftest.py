"""What the tests of all packages share."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.scheduler import LoadScopeScheduling

_ROOT = Path(__file__).parent


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """How many processes `-n auto` takes: one more, since many tests wait for processes."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Tests are shared out one by one, but those of a file stay together that make things once."""
    from xdist.scheduler import LoadScopeScheduling  # noqa: PLC0415 - only one process needs it

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            path = nodeid.partition("::")[0]
            return path if _has_module_fixtures(path) else nodeid

    return Scheduling(config, log)


@cache
def _has_module_fixtures(path: str) -> bool:
    return 'scope="module"' in (_ROOT / path).read_text("utf-8")


@pytest.fixture
def anyio_backend() -> str:
    """Asynchronous tests run on asyncio, as the engine does."""
    return "asyncio"
