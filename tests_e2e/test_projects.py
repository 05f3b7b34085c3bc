"""Projects of other shapes than the examples: fixtures, plugins, environments, options."""

from __future__ import annotations

import shutil
import subprocess
import sys

from .conftest import Jaunt, MakeProject, edit, files_below, outcomes, write_files

SHOP = {
    "src/shop/__init__.py": "",
    "src/shop/tax.py": """
        import jaunt


        @jaunt.magic()
        def tax(net: int) -> int:
            '''Return a fifth of `net`.'''
            raise NotImplementedError
        """,
    "answers/shop.tax.py": "def tax(net: int) -> int:\n    return net // 5\n",
}
SOURCE_ROOT = '[paths]\nsource_roots = ["src"]'
ROOTS = f'{SOURCE_ROOT}\ntest_roots = ["tests"]'


def test_fixtures_beside_and_above_the_test_specs(jaunt: Jaunt, make_project: MakeProject) -> None:
    """pytest runs on `__generated__` folders alone, and finds what stands around them."""
    project = make_project(
        {
            **SHOP,
            "conftest.py": """
                import pytest


                @pytest.fixture
                def top() -> str:
                    return "top"


                @pytest.fixture
                def hidden() -> str:
                    return "top"
                """,
            "tests/conftest.py": """
                import pytest

                from shop.tax import tax


                @pytest.fixture(params=[5, 10])
                def net(request: pytest.FixtureRequest) -> int:
                    return request.param


                @pytest.fixture(autouse=True)
                def used() -> None:
                    tax.used = True
                """,
            "tests/sub/conftest.py": """
                import pytest


                @pytest.fixture
                def beside() -> str:
                    return "beside"


                @pytest.fixture
                def hidden(hidden: str) -> str:
                    return hidden + "/sub"
                """,
            "tests/sub/test_tax.py": """
                import jaunt
                from shop.tax import tax


                @jaunt.test(targets=[tax])
                def test_tax(net: int, top: str, hidden: str, beside: str, tmp_path) -> None:
                    '''It is a fifth.'''
                    ...
                """,
            "answers/tests.sub.test_tax.py": """
                from shop.tax import tax


                def test_tax(net: int, top: str, hidden: str, beside: str, tmp_path) -> None:
                    assert tax(net) * 5 == net
                    assert tax.used
                    assert (top, hidden, beside) == ("top", "top/sub", "beside")
                    assert tmp_path.is_dir()
                """,
        },
        config=ROOTS,
    )
    ran = jaunt.run("test", "--json", cwd=project)
    assert ran.code == 0, ran.err
    assert ran.document["pytest"]["passed"] == 2
    # From another working directory, by --root: the same.
    ran = jaunt.run("test", "--json", "--root", str(project / "tests/sub"), cwd=project.parent)
    assert ran.document["pytest"]["passed"] == 2


def test_async_tests_with_the_plugin_of_the_project(
    jaunt: Jaunt, make_project: MakeProject
) -> None:
    jaunt.load_plugins()
    project = make_project(
        {
            "pyproject.toml": """
                [tool.pytest.ini_options]
                anyio_mode = "auto"
                """,
            "clock.py": """
                from collections.abc import AsyncIterator

                import jaunt


                @jaunt.magic()
                async def later(value: int) -> int:
                    '''Return `value` after a moment.'''
                    raise NotImplementedError


                @jaunt.magic()
                async def ticks(count: int) -> AsyncIterator[int]:
                    '''Yield 0, 1, ... `count` - 1.'''
                    raise NotImplementedError
                    yield 0
                """,
            "answers/clock.py": """
                import asyncio
                from collections.abc import AsyncIterator


                async def later(value: int) -> int:
                    await asyncio.sleep(0)
                    return value


                async def ticks(count: int) -> AsyncIterator[int]:
                    for number in range(count):
                        await asyncio.sleep(0)
                        yield number
                """,
            "tests/test_clock.py": """
                import jaunt
                from clock import later, ticks


                @jaunt.test(targets=[later, ticks])
                async def test_clock() -> None:
                    '''Both give what they promise.'''
                    ...
                """,
            "answers/tests.test_clock.py": """
                from clock import later, ticks


                async def test_clock() -> None:
                    assert await later(3) == 3
                    assert [tick async for tick in ticks(3)] == [0, 1, 2]
                """,
        },
        config="[test]\njobs = 1",
    )
    ran = jaunt.run("test", "--json", cwd=project)
    assert ran.code == 0, ran.err
    assert ran.document["pytest"] == {"exit_code": 0, "passed": 1, "failed": 0, "failures": []}
    assert "Warning" not in ran.err


def test_python_m_jaunt(jaunt: Jaunt, make_project: MakeProject) -> None:
    project = make_project(SHOP, config=SOURCE_ROOT)
    shown = jaunt.run("--version", cwd=project)
    jaunt.command = (sys.executable, "-m", "jaunt")
    assert jaunt.run("--version", cwd=project) == shown
    assert shown.code == 0
    assert shown.out.startswith("jaunt 0.")
    ran = jaunt.run("build", "--json", cwd=project)
    assert ran.code == 0, ran.err
    assert outcomes(ran.document) == {"shop.tax": "generated"}
    assert jaunt.run("build", "--frobnicate", cwd=project).code == 2


def test_what_git_ignores(jaunt: Jaunt, make_project: MakeProject) -> None:
    """What it ignores inside of a project holds no specs; a project that it ignores does."""
    broken = {"src/shop/build/lib.py": "import jaunt\n1 / 0\n", ".gitignore": "build/\n"}
    project = make_project({**SHOP, **broken}, config=SOURCE_ROOT)
    subprocess.run(["git", "init", "--quiet", project.parent], check=True)
    ran = jaunt.run("build", "--json", cwd=project)
    assert ran.code == 0, ran.err
    assert outcomes(ran.document) == {"shop.tax": "generated"}
    # What a build keeps for itself is not offered for a commit.
    listed = subprocess.run(
        ["git", "status", "--porcelain", "-uall"],
        cwd=project,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "src/shop/__generated__/tax.py" in listed.stdout
    assert ".jaunt" not in listed.stdout

    shutil.rmtree(project / "src/shop/build")
    write_files(project.parent, {".gitignore": "project/\n"})
    ran = jaunt.run("build", "--json", cwd=project)
    assert ran.code == 0, ran.err
    assert outcomes(ran.document) == {"shop.tax": "fresh"}


def test_what_a_build_changed(jaunt: Jaunt, make_project: MakeProject) -> None:
    project = make_project(SHOP, config=SOURCE_ROOT)
    assert jaunt.run("build", cwd=project).code == 0
    edit(project / "src/shop/tax.py", "a fifth of `net`", "a fifth of `net`, at least 0")
    edit(project / "answers/shop.tax.py", "net // 5", "max(net // 5, 0)")
    assert "see what changed: jaunt diff shop.tax\n" in jaunt.run("build", cwd=project).err
    before = files_below(project)
    (module,) = jaunt.run("diff", "--json", cwd=project).document["modules"]
    (symbol,) = module["symbols"]
    assert (symbol["name"], symbol["change"]) == ("tax", "changed")
    (behaviour,) = symbol["behaviours"]
    assert 0 < behaviour["differing"] < behaviour["tried"] <= 100
    assert behaviour["differences"][0] == {
        "call": "tax(net=-1)",
        "before": "returns -1",
        "after": "returns 0",
    }
    assert files_below(project) == before
