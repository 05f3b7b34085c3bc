"""A run after an edit imports what may be affected, and decides as one without a cache does."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from jaunt_core.config.loading import Project, load_project
from jaunt_core.engine.builder import BuildOptions, build
from jaunt_core.engine.inspector import explain_module, inspect_project
from jaunt_core.engine.noop import CODE, find_unchanged
from jaunt_core.errors import JauntDiscoveryError
from jaunt_core.model.inspection import Inspection
from jaunt_core.model.plan import Action
from jaunt_core.testing import ScriptedBackend, loader_of

LOUD = """import os
with open(os.environ["IMPORTED"], "a") as log:
    print(__name__, file=log)
"""


def module(imports: str, name: str, doc: str = "Do it.", decorator: str = "@jaunt.magic") -> str:
    """A spec module that notes that it was imported."""
    return f'''{LOUD}import jaunt
{imports}


{decorator}
def {name}(value: int) -> int:
    """{doc}"""
    ...
'''


FILES = {
    "shop/__init__.py": "",
    "shop/models.py": f"{LOUD}from shop import deep\nLIMIT = deep.LIMIT\n",
    "shop/deep.py": "LIMIT = 3\n",
    "shop/prompt.txt": "be quick",
    "shop/low.py": module("from shop.models import LIMIT", "low", "At most LIMIT."),
    "shop/high.py": module("from shop.low import low", "high", "Call low(value) twice."),
    "shop/alone.py": module("", "alone"),
    "shop/prose.py": module("", "prose", "Like `shop.alone.alone`."),
    "shop/silent.py": f"{LOUD}import jaunt\n",
}
TEST = f'''{LOUD}import jaunt
from shop.high import high


@jaunt.test(targets=[high])
def test_high() -> None:
    """high(1) is 2."""
'''


def answer(name: str) -> str:
    return f"def {name}(value: int) -> int:\n    return value\n"


@dataclass(frozen=True, kw_only=True)
class Shop:
    """A project in which all is fresh, and what its modules note when they are imported."""

    project: Project
    log: Path

    @property
    def root(self) -> Path:
        return self.project.root

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def edit(self, path: str, old: str, new: str) -> None:
        text = (self.root / path).read_text()
        assert old in text
        self.write(path, text.replace(old, new))

    def look(self, root: Path | None = None) -> Inspection:
        project = load_project(root=root or self.root)
        return inspect_project(project, environ=self.environ, load=None)

    def build(self, *names: str) -> list[str]:
        """Build with answers for these modules, which need not be asked for; who was asked."""
        backend = ScriptedBackend(
            {f"shop.{name}": [answer(name)] for name in ("low", "high", "alone", "prose", *names)}
        )
        assert build(
            self.project,
            BuildOptions(),
            sink=lambda _: None,
            environ=self.environ,
            load=loader_of(backend),
        ).ok
        return backend.asked

    @property
    def environ(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "IMPORTED": str(self.log)}

    def imported(self) -> list[str]:
        """The modules that were imported since the last call."""
        names = self.log.read_text().split() if self.log.exists() else []
        self.log.write_text("")
        return sorted(set(names))

    def check(self) -> None:
        """Compare the inspection with that of a copy without a cache."""
        fresh = self.root.with_name("fresh look")
        shutil.copytree(self.root, fresh, ignore=shutil.ignore_patterns(".jaunt"))
        try:
            complete = self.look(fresh)
        finally:
            shutil.rmtree(fresh)
        self.imported()
        incremental = self.look()
        assert [
            (module.name, module.action, module.module_digest, module.request)
            for module in incremental.modules
        ] == [
            (module.name, module.action, module.module_digest, module.request)
            for module in complete.modules
        ]
        for mine, theirs in zip(incremental.modules, complete.modules, strict=True):
            assert mine.reasons == theirs.reasons
        assert incremental.orphans == complete.orphans
        assert incremental.warnings == complete.warnings


def decisions(inspection: Inspection) -> list[tuple[object, ...]]:
    return [
        (plan.name, plan.action, plan.module_digest, plan.request, plan.reasons)
        for plan in inspection.modules
    ]


@pytest.fixture
def shop(make_project: Callable[..., Project], tmp_path: Path) -> Shop:
    shop = Shop(project=make_project(FILES), log=tmp_path / "imported")
    assert sorted(shop.build()) == ["shop.alone", "shop.high", "shop.low", "shop.prose"]
    assert shop.look().ok
    assert shop.imported() == [f"shop.{name}" for name in NAMES]
    return shop


NAMES = ("alone", "high", "low", "models", "prose", "silent")


def stale(inspection: Inspection) -> list[str]:
    return sorted(module.name for module in inspection.modules if module.action is not Action.FRESH)


@pytest.mark.parametrize(
    ("path", "old", "new", "imported", "found_stale"),
    [
        ("high.py", "twice", "once", "high low models", "high"),
        ("alone.py", "Do it", "Do not", "alone prose", "alone prose"),
        ("low.py", "At most", "Up to", "high low models", "high low"),
        # What an import leads to may change what a decorator is given.
        ("deep.py", "LIMIT", "OTHER = 1\nLIMIT", "high low models", ""),
        ("deep.py", "3", "4", "high low models", "low"),
        ("models.py", "deep.LIMIT", "deep.LIMIT + 1", "high low models", "low"),
        ("silent.py", "import jaunt", "import jaunt\nX = 1", "silent", ""),
        ("silent.py", "import jaunt", module("", "silent"), "silent", "silent"),
        (
            "prose.py",
            "`shop.alone.alone`",
            "`shop.high.high`",
            "alone high low models prose",
            "prose",
        ),
    ],
)
def test_only_what_an_edit_may_reach_is_imported(
    shop: Shop, path: str, old: str, new: str, imported: str, found_stale: str
) -> None:
    shop.edit(f"shop/{path}", old, new)
    assert stale(shop.look()) == [f"shop.{name}" for name in found_stale.split()]
    names = [f"shop.{name}" for name in imported.split()]
    assert shop.imported() == names
    # What is not fresh is looked at each time, nothing else is.
    shop.check()
    assert set(shop.imported()) <= set(names)
    shop.build("silent")
    assert shop.look().ok
    shop.imported()
    assert shop.look().ok
    assert shop.imported() == []


def test_a_new_link_is_followed_to_what_nobody_touched(shop: Shop) -> None:
    shop.edit("shop/alone.py", "import jaunt\n", "import jaunt\nfrom shop.high import high\n")
    shop.edit("shop/alone.py", "    ...", "    return high(value)")
    assert stale(shop.look()) == ["shop.alone"]
    shop.check()


def test_a_module_that_comes_is_read_with_what_refers_to_it(shop: Shop) -> None:
    shop.edit("shop/prose.py", "`shop.alone.alone`", "`shop.later.later`")
    assert stale(shop.look()) == ["shop.prose"]
    shop.build()
    shop.look()
    shop.imported()
    shop.write("shop/later.py", module("", "later"))
    assert stale(shop.look()) == ["shop.later", "shop.prose"]
    assert shop.imported() == ["shop.later", "shop.prose"]
    shop.check()
    shop.imported()
    (shop.root / "shop/later.py").unlink()
    assert stale(shop.look()) == []
    assert shop.imported() == ["shop.prose"]
    shop.check()


def test_a_module_becomes_a_package(shop: Shop) -> None:
    (shop.root / "shop/alone").mkdir()
    (shop.root / "shop/alone.py").rename(shop.root / "shop/alone/__init__.py")
    inspection = shop.look()
    assert stale(inspection) == ["shop.alone"]
    assert [str(orphan.path) for orphan in inspection.orphans] == ["shop/__generated__/alone.py"]
    shop.check()


def test_a_top_level_module_that_comes_makes_all_be_read(shop: Shop) -> None:
    shop.write("colorsys.py", "")  # it hides one of the standard library
    assert shop.look().ok
    assert shop.imported() == [f"shop.{name}" for name in NAMES]


def test_a_text_that_a_spec_is_made_from_counts(shop: Shop) -> None:
    prompt = (
        "@jaunt.magic(prompt=open(os.path.join(os.path.dirname(__file__), 'prompt.txt')).read())"
    )
    shop.write("shop/alone.py", module("", "alone", decorator=prompt))
    shop.build()
    assert shop.look().ok
    shop.edit("shop/prompt.txt", "quick", "slow")
    assert stale(shop.look()) == ["shop.alone"]
    shop.check()


def test_a_module_that_is_imported_out_of_sight_counts(shop: Shop) -> None:
    decorator = "@jaunt.magic(prompt=importlib.import_module('shop.' + 'hidden').PROMPT)"
    shop.write("shop/hidden.py", "PROMPT = 'first'\n")
    shop.write("shop/alone.py", module("import importlib\n", "alone", decorator=decorator))
    shop.build()
    assert shop.look().ok
    shop.edit("shop/hidden.py", "first", "second")
    assert stale(shop.look()) == ["shop.alone"]
    shop.check()


@pytest.mark.parametrize(
    ("imports", "prompt", "beside"),
    [
        ("from shop.linked import hidden", "hidden.PROMPT", ""),
        ("import importlib", "importlib.import_module('shop.hidden').PROMPT", "shop.hidden"),
        ("import shop", "shop.hidden.PROMPT", "shop.hidden"),
        ("import sys; sys.path.insert(0, 'shop'); import hidden", "hidden.PROMPT", ""),
        ("", "open('shop/hidden.py').read()", ""),
    ],
    ids=["through a link", "by name too", "as an attribute", "by another path", "as text"],
)
def test_what_is_read_in_unusual_ways_counts(
    shop: Shop, imports: str, prompt: str, beside: str
) -> None:
    shop.write("shop/hidden.py", "PROMPT = 'first'\n")
    (shop.root / "shop/linked").symlink_to(".")
    if beside:  # it is imported in the usual way by another module, before or after
        shop.write("shop/aaa.py", module(f"import {beside}", "aaa"))
    shop.write(
        "shop/alone.py", module(imports, "alone", decorator=f"@jaunt.magic(prompt={prompt})")
    )
    shop.build("aaa")
    assert shop.look().ok
    shop.edit("shop/hidden.py", "first", "second")
    assert stale(shop.look()) == ["shop.alone"]


def test_what_cannot_be_told_from_a_part_is_told_from_all(shop: Shop) -> None:
    # Each of the two can be imported only after the other one has been entered from outside.
    shop.write("shop/first.py", module("from shop import second", "first"))
    shop.write("shop/second.py", module("from shop.first import first", "second"))
    shop.build("first", "second")
    assert shop.look().ok
    shop.imported()
    shop.edit("shop/second.py", "Do it", "Do it now")
    assert stale(shop.look()) == ["shop.second"]
    shop.check()


def test_what_breaks_is_told_as_ever(shop: Shop) -> None:
    shop.edit("shop/low.py", "def low", "def slow")
    message = r"^shop/high\.py:\d+: importing it raises ImportError: cannot import name 'low'"
    for _ in range(2):
        with pytest.raises(JauntDiscoveryError, match=message):
            shop.look()


def test_a_typo_is_told_every_time(shop: Shop) -> None:
    shop.edit("shop/alone.py", "@jaunt.magic", '@jaunt.magic(deps=["shop.low:lo"])')
    shop.build()
    for _ in range(2):
        (warning,) = shop.look().warnings
        assert warning.endswith("did you mean shop.low:low?")
    shop.edit("shop/high.py", "twice", "once")
    shop.check()


def test_tests_are_left_alone_as_code_is(shop: Shop) -> None:
    shop.write("tests/__init__.py", "")
    shop.write("tests/test_high.py", TEST)
    assert stale(shop.look()) == ["tests.test_high"]
    shop.build()
    shop.imported()
    shop.edit("shop/alone.py", "Do it", "Do not")
    assert shop.build() == ["shop.alone", "shop.prose"]
    assert shop.imported() == ["shop.alone", "shop.prose"]
    assert stale(shop.look()) == ["tests.test_high"]
    shop.check()


def test_a_lost_file_takes_its_dependents_along(shop: Shop) -> None:
    shop.edit("shop/high.py", "    ...", "    return low(value)")
    shop.build()
    shop.look()
    shop.imported()
    (shop.root / "shop/__generated__/low.py").unlink()
    assert stale(shop.look()) == ["shop.high", "shop.low"]
    assert shop.imported() == ["shop.high", "shop.low", "shop.models"]
    shop.check()


def test_what_the_user_names_is_read(shop: Shop) -> None:
    explanation = explain_module(shop.project, "shop.low", environ=shop.environ)
    assert [spec.ref for spec in explanation.specs] == ["shop.low:low"]
    assert shop.imported() == ["shop.high", "shop.low", "shop.models"]


def test_another_configuration_is_another_project(shop: Shop) -> None:
    shop.write("other.toml", 'version = 1\n\n[paths]\ngenerated_dir = "made"\n')
    shop.write("shop/__init__.py", '__jaunt_generated__ = "made"\n')
    other = load_project(config=shop.root / "other.toml")
    for _ in range(2):
        inspection = inspect_project(other, environ=shop.environ, load=None)
        assert {str(module.file.path.parent) for module in inspection.modules} == {"shop/made"}
        assert len(stale(inspection)) == len(inspection.modules) == 4
    shop.write("shop/__init__.py", "")
    assert shop.look().ok
    assert find_unchanged(CODE, root=shop.root, environ=shop.environ) is not None
    (shop.root / "other.toml").write_text("version = 1\n")
    assert inspect_project(
        load_project(config=other.config_path), environ=shop.environ, load=None
    ).ok
    assert find_unchanged(CODE, root=shop.root, environ=shop.environ) is None


def test_another_interpreter_reads_everything(shop: Shop, tmp_path: Path) -> None:
    python = tmp_path / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    environ = {**shop.environ, "VIRTUAL_ENV": str(tmp_path / "venv")}
    (tmp_path / "venv" / "pyvenv.cfg").write_text(f"home = {Path(sys.base_prefix) / 'bin'}\n")
    environ["PYTHONPATH"] = os.pathsep.join(sys.path)
    assert inspect_project(shop.project, environ=environ, load=None).ok
    assert shop.imported() == [f"shop.{name}" for name in NAMES]
    assert inspect_project(shop.project, environ=environ, load=None).ok
    assert shop.imported() == []
