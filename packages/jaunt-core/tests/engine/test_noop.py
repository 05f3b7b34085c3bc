"""A run that has nothing to do: it must never say fresh where a run that reads all would not."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from jaunt_core.config.loading import Project
from jaunt_core.engine.builder import BuildOptions, build
from jaunt_core.engine.inspector import inspect_project
from jaunt_core.engine.noop import CODE, CODE_AND_TESTS, find_unchanged
from jaunt_core.model.generation import GenerationRequest, GenerationResult
from jaunt_core.model.plan import Action
from jaunt_core.model.spec import Kind
from jaunt_core.project.fingerprints import RECORD_NAME, load_cache_file, save_cache_file
from jaunt_core.testing import ScriptedBackend, loader_of

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
            "nested/jaunt.toml": "version = 1",
            "nested/spec.py": "import jaunt",
        }
    )
    run(project)
    age(project.root)
    assert inspect_project(project, environ={}, load=None).ok
    return project


def is_known_fresh(project: Project) -> bool:
    return find_unchanged(CODE_AND_TESTS, root=project.root, environ={}) is not None


def test_a_run_without_changes_reads_the_record_only(shop: Project) -> None:
    unchanged = find_unchanged(
        CODE_AND_TESTS, root=shop.root / "shop", environ={}, without_orphans=True
    )
    assert unchanged is not None
    (plan,) = unchanged.plan(Kind.BUILD).modules
    assert (plan.name, plan.action, str(plan.file.path)) == (
        "shop.tax",
        Action.FRESH,
        "shop/__generated__/tax.py",
    )
    assert unchanged.plan(Kind.TEST).modules == ()
    assert (unchanged.count, unchanged.warnings) == (1, ())
    assert find_unchanged(CODE_AND_TESTS, config=shop.config_path, environ={}) is not None
    other_name = shop.root / "other.toml"
    assert find_unchanged(CODE_AND_TESTS, config=other_name, environ={}) is None


def _edit(path: str, old: str, new: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        file = root / path
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new), "utf-8")

    return change


def _rewrite_record(**changes: object) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        record = load_cache_file(str(root), RECORD_NAME)
        assert record.keys() >= changes.keys()
        save_cache_file(str(root), RECORD_NAME, {**record, **changes})

    return change


def _make_environment(folder: Path) -> None:
    folder.mkdir()
    (folder / "pyvenv.cfg").write_text("home = /usr/bin\n")


def _edit_in_place(path: str, old: str, new: str) -> Callable[[Path], None]:
    """An edit of the same length in the same file, its time of change set back by `touch -r`."""

    def change(root: Path) -> None:
        before = (root / path).stat()
        _edit(path, old, new)(root)
        os.utime(root / path, ns=(before.st_atime_ns, before.st_mtime_ns))
        after = (root / path).stat()
        assert (after.st_ino, after.st_size, after.st_mtime_ns) == (
            before.st_ino,
            before.st_size,
            before.st_mtime_ns,
        )

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
        pytest.param(_edit_in_place("shop/tax.py", "the sum", "The Sum"), id="same file and time"),
        pytest.param(
            _edit_in_place("shop/__generated__/tax.py", "price", "Price"), id="edit in place"
        ),
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
        pytest.param(lambda root: (root / ".jaunt/snapshot.json").unlink(), id="record gone"),
        pytest.param(lambda root: (root / ".jaunt/snapshot.json").write_text("{"), id="damaged"),
        pytest.param(lambda root: (root / ".jaunt/snapshot.json").write_text("[]"), id="no object"),
        pytest.param(_rewrite_record(schema=9), id="other schema"),
        pytest.param(_rewrite_record(version="9.0"), id="other version"),
        pytest.param(_edit(".jaunt/snapshot.json", '"started":', '"begun":'), id="key gone"),
        pytest.param(lambda root: (root / ".git").mkdir(), id="git comes"),
        pytest.param(lambda root: (root.parent / ".git").mkdir(), id="git comes around"),
        pytest.param(lambda root: (root / "nested/jaunt.toml").unlink(), id="nested project goes"),
        pytest.param(lambda root: _make_environment(root / ".venv"), id="environment comes"),
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
    record = shop.root / ".jaunt" / "snapshot.json"
    record.unlink()
    now = time.time() - 3
    os.utime(path, (now, now))
    assert inspect_project(shop, environ={}, load=None).ok
    assert record.exists()
    inode = path.stat().st_ino
    path.write_bytes(path.read_bytes().replace(b"the sum", b"The Sum"))
    os.utime(path, (now, now))
    assert path.stat().st_ino == inode
    # As if the record had been made at the same moment as the first edit.
    noted = load_cache_file(str(shop.root), RECORD_NAME)
    noted["started"] = int(now * 1e9)
    noted["files"]["shop/tax.py"][2] = path.stat().st_ctime_ns
    save_cache_file(str(shop.root), RECORD_NAME, noted)
    assert not is_known_fresh(shop)


class EditingBackend(ScriptedBackend):
    """Edits a file of the project while it is asked."""

    def __init__(self, edit: Callable[[], object]) -> None:
        super().__init__({"shop.tax": [ANSWER]})
        self._edit = edit

    async def generate_module(self, request: GenerationRequest) -> GenerationResult:
        self._edit()
        return await super().generate_module(request)


@pytest.mark.parametrize(
    ("change", "is_new"),
    [
        pytest.param(_edit("shop/models.py", "price", "cost"), True, id="edited"),
        pytest.param(_edit_unseen("shop/models.py", "price", "PRICE"), True, id="edited unseen"),
        pytest.param(
            lambda root: (root / "shop/new.py").write_text("import jaunt\n"), True, id="file made"
        ),
        pytest.param(lambda root: (root / "notes.txt").write_text("!"), False, id="unrelated"),
    ],
)
def test_what_changes_during_a_run_is_seen_by_the_next(
    make_project: Callable[..., Project], change: Callable[[Path], object], *, is_new: bool
) -> None:
    project = make_project(
        {
            "shop/__init__.py": "",
            "shop/models.py": MODELS,
            "shop/tax.py": SPEC,
            "notes.txt": "nothing of ours",
        }
    )
    age(project.root)
    backend = EditingBackend(lambda: change(project.root))
    report = build(
        project, BuildOptions(), sink=lambda _: None, environ={}, load=loader_of(backend)
    )
    is_about_it = is_new and not (project.root / "shop/new.py").exists()
    assert report.ok is not is_about_it  # what was asked for something older does not land
    assert is_known_fresh(project) is not is_new
    assert inspect_project(project, environ={}, load=None).ok is not is_about_it


def test_the_second_build_after_the_first_reads_the_record_only(
    make_project: Callable[..., Project],
) -> None:
    project = make_project({"shop/__init__.py": "", "shop/models.py": MODELS, "shop/tax.py": SPEC})
    run(project)
    assert is_known_fresh(project)
    # Nobody has looked for orphaned files so far.
    assert find_unchanged(CODE, root=project.root, environ={}, without_orphans=True) is None


def test_hints_get_better_with_time(make_project: Callable[..., Project]) -> None:
    project = make_project({"shop/__init__.py": "", "shop/models.py": MODELS, "shop/tax.py": SPEC})
    run(project)
    record = project.root / ".jaunt" / "snapshot.json"
    noted = record.read_text()
    assert is_known_fresh(project)
    assert record.read_text() == noted  # all was written within the last moments
    age(project.root)
    assert is_known_fresh(project)
    better = record.read_text()
    assert better != noted
    assert is_known_fresh(project)
    assert record.read_text() == better


def test_another_inference_setting_leaves_no_record(shop: Project) -> None:
    (shop.root / ".jaunt" / "snapshot.json").unlink()
    options = BuildOptions(infer_deps=False)
    backend = loader_of(ScriptedBackend({}))
    assert build(shop, options, sink=lambda _: None, environ={}, load=backend).ok
    assert not (shop.root / ".jaunt" / "snapshot.json").exists()


def test_a_build_of_code_says_nothing_of_unknown_tests(
    make_project: Callable[..., Project],
) -> None:
    test = 'import jaunt\n\n\n@jaunt.test\ndef test_total() -> None:\n    """Sum up."""\n'
    project = make_project(
        {
            "shop/__init__.py": "",
            "shop/models.py": MODELS,
            "shop/tax.py": SPEC,
            "tests/__init__.py": "",
            "tests/test_tax.py": test,
        }
    )
    run(project)
    assert find_unchanged(CODE, root=project.root, environ={}) is not None
    assert not is_known_fresh(project)


def test_roots_and_rules_that_come_are_seen(make_project: Callable[..., Project]) -> None:
    config = 'version = 1\n[paths]\nsource_roots = ["src"]\n'
    files = {"src/shop/__init__.py": "", "src/shop/models.py": MODELS, "src/shop/tax.py": SPEC}
    project = make_project({**files, "jaunt.toml": config})
    run(project)
    assert is_known_fresh(project)
    for path, text in (("tests/test_a.py", ""), (".gitignore", "gen/\n"), ("src/.gitignore", "x")):
        (project.root / path).parent.mkdir(exist_ok=True)
        (project.root / path).write_text(text)
        assert not is_known_fresh(project)
        assert inspect_project(project, environ={}, load=None).ok
        assert is_known_fresh(project)


def test_another_environment_is_looked_at(shop: Project) -> None:
    def is_known_in(environ: dict[str, str]) -> bool:
        return find_unchanged(CODE, root=shop.root, environ=environ) is not None

    assert is_known_in({"VIRTUAL_ENV": ""})
    assert not is_known_in({"VIRTUAL_ENV": "/somewhere/else"})
