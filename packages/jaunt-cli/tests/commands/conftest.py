"""A project that was built, for commands that come after a build."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
from pathlib import Path

import pytest

from jaunt_cli.main import main

from ..conftest import Project, write_shop
from .edits import edit


@pytest.fixture(scope="session")
def built_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop, everything fresh, to be copied; `cart` names a handwritten constant."""
    shop = Project(tmp_path_factory.mktemp("built") / "shop project")
    write_shop(shop)
    shop.write({"src/words.py": "UNIT = 100\n"})
    edit(shop.root / "src/cart.py", "import jaunt\n", "import jaunt\nfrom words import UNIT\n")
    edit(shop.root / "src/cart.py", "rounded down.", "rounded down to `UNIT`.")
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        assert main(["test", "--no-run", "--root", str(shop.root)]) == 0
    (shop.root / "calls.txt").unlink()
    return shop.root


@pytest.fixture
def built(built_shop: Path, project: Project) -> Project:
    """A copy of the built shop, in the place of the project."""
    shutil.rmtree(project.root)
    shutil.copytree(built_shop, project.root, symlinks=True)
    os.chdir(project.root)
    return project
