"""A project that was built, for commands that come after a build."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ..conftest import Project, Ran
from .edits import edit


@pytest.fixture
def built(shop: Project, jaunt: Callable[..., Ran]) -> Project:
    """The shop, everything fresh, its calls forgotten; `cart` names a handwritten constant."""
    shop.write({"src/words.py": "UNIT = 100\n"})
    edit(shop.root / "src/cart.py", "import jaunt\n", "import jaunt\nfrom words import UNIT\n")
    edit(shop.root / "src/cart.py", "rounded down.", "rounded down to `UNIT`.")
    assert jaunt("test", "--no-run")[0] == 0
    (shop.root / "calls.txt").unlink()
    return shop
