"""What a fresh interpreter sees: the cost of the import, `python -m jaunt`, type checkers."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

import jaunt

from .conftest import Project

SOURCE = str(Path(jaunt.__file__).parent.parent)


def test_importing_jaunt_imports_little(project: Project) -> None:
    # -I and -S: nothing that site or the environment imports hides what jaunt does.
    code = f"import sys; sys.path.insert(0, {SOURCE!r}); import jaunt; print(*sys.modules)"
    loaded = set(project.python("-I", "-S", "-c", code).stdout.split())
    assert "jaunt" in loaded
    tops = {name.partition(".")[0] for name in loaded}
    assert tops <= sys.stdlib_module_names | {"jaunt", "__main__"}
    costly = {"asyncio", "inspect", "typing", "dataclasses", "re", "pathlib", "enum", "ast"}
    assert not tops & (costly | {"threading", "pickle", "logging", "json", "traceback"})


def test_declaring_and_calling_specs_imports_little(project: Project) -> None:
    project.write(
        {
            "shop/a.py": "import jaunt\n@jaunt.magic\ndef f(a: int = 1) -> int: ...\n",
            "shop/__generated__/a.py": "def f(a=1): return a\n",
        }
    )
    code = (
        f"import sys; sys.path[:0] = [{SOURCE!r}, {str(project.root)!r}]; "
        "import shop.a; shop.a.f(); print(*sys.modules)"
    )
    loaded = set(project.python("-I", "-S", "-c", code).stdout.split())
    assert "shop.__generated__.a" in loaded
    assert not loaded & {"asyncio", "inspect", "typing", "dataclasses", "pathlib", "re"}


def run_module(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m jaunt` where nothing but the runtime (and the project) is installed."""
    code = (
        f"import sys; sys.path[:0] = [{str(project.root)!r}, {SOURCE!r}]; "
        f"sys.argv[1:] = {list(arguments)!r}; import runpy; "
        "runpy.run_module('jaunt', None, '__main__')"
    )
    return project.python("-I", "-S", "-c", code)


def test_without_the_cli_it_says_how_to_install_it(project: Project) -> None:
    done = run_module(project, "build")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "not installed" in done.stderr
    assert 'uv add --dev "jaunt-cli[openai]"' in done.stderr
    assert 'pip install "jaunt-cli[openai]"' in done.stderr


def test_with_the_cli_it_hands_over(project: Project) -> None:
    project.write(
        {
            "jaunt_cli/__init__.py": "",
            "jaunt_cli/main.py": "def main(argv): print(argv); return 3\n",
        }
    )
    done = run_module(project, "build", "--json")
    assert (done.returncode, done.stdout) == (3, "['build', '--json']\n")


def test_a_broken_cli_is_shown_as_what_it_is(project: Project) -> None:
    project.write({"jaunt_cli/main.py": "import rich_that_is_missing\n"})
    done = run_module(project)
    assert "No module named 'rich_that_is_missing'" in done.stderr


TYPED = """
    import jaunt
    from typing import assert_type

    @jaunt.magic
    def plain(a: int, *, b: str = "") -> bytes:
        raise NotImplementedError

    @jaunt.magic(deps=[plain, "shop.b:f"], prompt="quick", infer_deps=None)
    async def fetch(a: int) -> str:
        raise NotImplementedError

    @jaunt.magic()
    class Ledger:
        def __init__(self, name: str) -> None:
            raise NotImplementedError

    class Sub(Ledger):
        pass

    @jaunt.magic(deps=plain)
    def single() -> None:
        raise NotImplementedError

    @jaunt.test(targets=[plain, Ledger], deps="shop.b:f")
    def test_plain() -> None:
        "It works."

    @jaunt.test
    def test_ledger() -> None:
        "It works."

    async def main() -> None:
        assert_type(plain(1, b="x"), bytes)
        assert_type(await fetch(1), str)
        assert_type(Ledger("x"), Ledger)
        assert_type(Sub("x"), Sub)
        test_plain()
"""
WRONG = """
    plain("no")
    Ledger()
    jaunt.magic(prompt=3)
    jaunt.magic(targets=[])
"""


@pytest.mark.skipif(importlib.util.find_spec("ty") is None, reason="ty is not installed")
def test_signatures_stay_visible_to_a_type_checker(project: Project) -> None:
    project.write({"typed.py": TYPED, "wrong.py": TYPED + WRONG})
    assert project.python("-m", "ty", "check", "typed.py").returncode == 0
    done = project.python("-m", "ty", "check", "--output-format", "concise", "wrong.py")
    assert done.stdout.count("wrong.py:") == 4, done.stdout
