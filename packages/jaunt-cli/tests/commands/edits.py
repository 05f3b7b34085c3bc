"""What people do to a project between two commands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

Change = Callable[[Path], None]


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


NOTES = ("snapshot.json", "modules.json")


def tree_of(root: Path) -> dict[str, bytes]:
    """All files but caches: of Python, and of what the last run found."""
    return {
        str(path): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.name not in NOTES
    }


def docstring(root: Path) -> None:
    edit(root / "src/tax.py", "else 0", "else 7")


def constant(root: Path) -> None:
    edit(root / "src/words.py", "100", "10")


def missing(root: Path) -> None:
    (root / "src/__generated__/cart.py").unlink()


def damaged(root: Path) -> None:
    edit(root / "src/__generated__/cart.py", "def gross(", "def gross(((")


def edited(root: Path) -> None:
    edit(root / "src/__generated__/tax.py", "19", "20")


def foreign(root: Path) -> None:
    (root / "tests/__generated__/test_tax.py").write_text("mine = 1\n")


def orphaned(root: Path) -> None:
    (root / "src/cart.py").unlink()


def spec_added(root: Path) -> None:
    text = (root / "src/tax.py").read_text()
    more = text.partition("@")[2].replace("rate", "duty")
    (root / "src/tax.py").write_text(f"{text}\n@{more}")
