"""The short way of a run without work: it must never say fresh where a long run would not."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from jaunt_core.builder import BuildOptions, build
from jaunt_core.config.loading import Project
from jaunt_core.inspector import inspect_project
from jaunt_core.model.plan import Action
from jaunt_core.model.spec import Kind
from jaunt_core.testing import ScriptedBackend, loader_of
from jaunt_core.unchanged import find_unchanged

SPEC = '''
import jaunt
from shop.models import Order


@jaunt.magic
def total(order: Order) -> int:
    """Return the sum."""
    ...
'''
MODELS = """
from dataclasses import dataclass


@dataclass
class Order:
    price: int
"""
ANSWER = """from shop.models import Order


def total(order: Order) -> int:
    return order.price
"""
LONG_AGO = time.time() - 3600


def age(root: Path) -> None:
    """Let every file and folder seem to have been there for an hour."""
    for path in [root, *root.rglob("*")]:
        if ".jaunt" not in path.parts:
            os.utime(path, (LONG_AGO, LONG_AGO))


def run(project: Project) -> ScriptedBackend:
    backend = ScriptedBackend({"shop.tax": [ANSWER]})
    report = build(
        project, BuildOptions(), sink=lambda _: None, environ={}, load=loader_of(backend)
    )
    assert report.ok
    return backend


@pytest.fixture
def shop(make_project: Callable[..., Project]) -> Project:
    """A built project, with a record of a run that had nothing to do."""
    project = make_project(
        {
            "shop/__init__.py": "",
            "shop/models.py": MODELS,
            "shop/tax.py": SPEC,
            "notes.txt": "nothing of ours",
        }
    )
    run(project)
    age(project.root)
    assert inspect_project(project, environ={}, load=None).ok
    return project


def is_known_fresh(project: Project) -> bool:
    found = find_unchanged(root=project.root, config=None)
    return found is not None and set(found.plans) == set(Kind)


def test_a_run_without_changes_reads_the_record_only(shop: Project) -> None:
    found = find_unchanged(root=shop.root / "shop", config=None)
    assert found is not None
    (plan,) = found.plans[Kind.BUILD].modules
    assert (plan.name, plan.action, str(plan.file.path)) == (
        "shop.tax",
        Action.FRESH,
        "shop/__generated__/tax.py",
    )
    assert found.orphans is False
    assert find_unchanged(root=None, config=shop.config_path) is not None


def _edit(path: str, old: str, new: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        file = root / path
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new), "utf-8")

    return change


def _edit_unseen(path: str, old: str, new: str) -> Callable[[Path], None]:
    """An edit of the same length whose time of change is set back, as `cp -p` and tar do."""

    def change(root: Path) -> None:
        _edit(path, old, new)(root)
        assert len(old) == len(new)
        replacement = root / "replacement"
        replacement.write_bytes((root / path).read_bytes())
        os.utime(replacement, (LONG_AGO, LONG_AGO))
        replacement.rename(root / path)
        os.utime((root / path).parent, (LONG_AGO, LONG_AGO))

    return change


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(_edit("shop/tax.py", "the sum", "the sum, rounded"), id="spec"),
        pytest.param(_edit("shop/models.py", "price: int", "price: float"), id="context"),
        pytest.param(_edit("shop/tax.py", "the sum", "The Sum"), id="same length"),
        pytest.param(_edit_unseen("shop/tax.py", "the sum", "The Sum"), id="same length and time"),
        pytest.param(
            _edit("jaunt.toml", "version = 1", "version = 1\n[build]\njobs = 2"), id="config"
        ),
        pytest.param(
            _edit("shop/__generated__/tax.py", "order.price", "order.price + 1"), id="edit"
        ),
        pytest.param(lambda root: (root / "shop/__generated__/tax.py").unlink(), id="lost"),
        pytest.param(lambda root: (root / "shop/models.py").unlink(), id="context gone"),
        pytest.param(
            lambda root: (root / "shop/more.py").write_text("import jaunt\n"), id="new module"
        ),
        pytest.param(lambda root: (root / "shop/sub").mkdir(), id="new folder"),
        pytest.param(
            lambda root: (root / "shop/__generated__/old.py").write_text("x = 1\n"), id="orphan"
        ),
        pytest.param(lambda root: (root / ".gitignore").write_text("shop/\n"), id="gitignore"),
        pytest.param(lambda root: (root / "shop/jaunt.toml").write_text(""), id="nested project"),
        pytest.param(lambda root: (root / ".jaunt/fresh.json").unlink(), id="record gone"),
        pytest.param(lambda root: (root / ".jaunt/fresh.json").write_text("{"), id="damaged"),
        pytest.param(lambda root: (root / ".jaunt/fresh.json").write_text("[]"), id="no object"),
        pytest.param(_edit(".jaunt/fresh.json", '"schema":1', '"schema":2'), id="other schema"),
        pytest.param(
            _edit(".jaunt/fresh.json", '"version":"', '"version":"9.'), id="other version"
        ),
    ],
)
def test_any_change_is_looked_at(shop: Project, change: Callable[[Path], object]) -> None:
    assert is_known_fresh(shop)
    change(shop.root)
    assert not is_known_fresh(shop)


def test_what_is_touched_but_not_changed_stays_fresh(shop: Project) -> None:
    for path in shop.root.rglob("*.py"):
        path.touch()
    (shop.root / "notes.txt").write_text("changed")
    (shop.root / "shop" / "__pycache__").mkdir(exist_ok=True)
    assert is_known_fresh(shop)


def test_a_file_of_the_last_moments_is_read_again(shop: Project) -> None:
    # The second edit comes within the granularity of the clock and has the same size.
    path = shop.root / "shop" / "tax.py"
    record = shop.root / ".jaunt" / "fresh.json"
    record.unlink()
    now = time.time() - 3
    os.utime(path, (now, now))
    assert inspect_project(shop, environ={}, load=None).ok
    assert record.exists()
    inode = path.stat().st_ino
    path.write_bytes(path.read_bytes().replace(b"the sum", b"The Sum"))
    os.utime(path, (now, now))
    assert path.stat().st_ino == inode
    started = time.time_ns()
    text = record.read_text()
    stamp = text.partition('"started":')[2].partition(",")[0]
    assert int(stamp) < started
    # As if the record had been made at the same moment as the first edit.
    record.write_text(text.replace(stamp, str(int(now * 1e9))))
    assert not is_known_fresh(shop)


def test_no_record_where_something_changed_during_the_run(
    make_project: Callable[..., Project],
) -> None:
    project = make_project({"shop/__init__.py": "", "shop/models.py": MODELS, "shop/tax.py": SPEC})
    run(project)
    age(project.root)
    future = time.time() + 60
    os.utime(project.root / "shop" / "models.py", (future, future))
    assert inspect_project(project, environ={}, load=None).ok
    assert not (project.root / ".jaunt" / "fresh.json").exists()


def test_a_build_after_an_edit_is_known_at_once(shop: Project) -> None:
    _edit("shop/tax.py", "the sum", "the whole sum")(shop.root)
    age(shop.root)
    assert run(shop).asked == ["shop.tax"]
    found = find_unchanged(root=shop.root, config=None)
    assert found is not None
    assert set(found.plans) == {Kind.BUILD}
    assert found.orphans is None


def test_partial_runs_leave_no_record(shop: Project) -> None:
    (shop.root / ".jaunt" / "fresh.json").unlink()
    backend = loader_of(ScriptedBackend({}))
    for options in (BuildOptions(targets=("shop.tax",)), BuildOptions(infer_deps=False)):
        assert build(shop, options, sink=lambda _: None, environ={}, load=backend).ok
    assert not (shop.root / ".jaunt" / "fresh.json").exists()
