"""What `jaunt test` runs, and what it leaves alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from .conftest import Jaunt, MakeProject, outcomes, write_files

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


THREE_TESTS = {
    **SHOP,
    "tests/test_tax.py": """
        import pathlib

        import jaunt
        from shop.tax import tax


        @jaunt.test(targets=[tax])
        def test_small() -> None:
            '''5 -> 1'''
            pathlib.Path("stub-ran").touch()


        @jaunt.test(targets=[tax])
        def test_large() -> None:
            '''500 -> 100'''
            pathlib.Path("stub-ran").touch()


        def test_by_hand() -> None:
            pathlib.Path("by-hand-ran").touch()
        """,
    "answers/tests.test_tax.py": """
        from shop.tax import tax


        def test_small() -> None:
            assert tax(5) == 1


        def test_large() -> None:
            assert tax(500) == 100
        """,
}


def test_options(jaunt: Jaunt, make_project: MakeProject) -> None:
    project = make_project(THREE_TESTS, config=ROOTS)

    ran = jaunt.run("test", "--no-build", "--no-run", "--json", cwd=project)
    assert ran.code == 0, ran.err
    assert ran.document["build"] is None
    assert ran.document["pytest"] is None
    assert outcomes(ran.document["tests"]) == {"tests.test_tax": "generated"}
    assert not (project / "src/shop/__generated__").exists()

    # There is no code yet, and the tests say so, with what helps.
    ran = jaunt.run("test", "--no-build", "--json", cwd=project)
    assert ran.code == 4
    failures = ran.document["pytest"]["failures"]
    assert len(failures) == 2
    for failure in failures:
        assert "shop.tax:tax" in failure["message"]
        assert "jaunt build" in failure["message"]

    ran = jaunt.run("test", "--json", "--pytest-args=-k", "--pytest-args=small", cwd=project)
    assert ran.code == 0, ran.err
    assert ran.document["pytest"]["passed"] == 1
    ran = jaunt.run("test", "--pytest-args", "-vv", "--pytest-args", "-k not large", cwd=project)
    assert ran.code == 0
    assert "test_small PASSED" in ran.out
    assert "1 passed, 1 deselected" in ran.out

    # Neither the stubs of the specs nor tests written by hand are run.
    assert not (project / "stub-ran").exists()
    assert not (project / "by-hand-ran").exists()


def test_plain_pytest_collects_no_stub(jaunt: Jaunt, make_project: MakeProject) -> None:
    """What runs in a project's own CI: the tests by hand and the generated ones."""
    project = make_project(THREE_TESTS, config=ROOTS)
    assert jaunt.run("test", "--no-run", cwd=project).code == 0
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--import-mode=importlib", "-p", "no:cacheprovider"],
        cwd=project,
        env={**jaunt.environ, "PYTHONPATH": "src", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "3 passed" in done.stdout
    assert (project / "by-hand-ran").exists()
    assert not (project / "stub-ran").exists()


def test_tests_of_code_that_could_not_be_built_are_skipped(
    jaunt: Jaunt, make_project: MakeProject
) -> None:
    project = make_project(
        {
            **THREE_TESTS,
            "src/shop/price.py": """
                import jaunt
                from shop.tax import tax


                @jaunt.magic(deps=[tax])
                def price(net: int) -> int:
                    '''Return `net` and its tax.'''
                    raise NotImplementedError
                """,
            "answers/shop.price.py": "def price(gross: int) -> int:\n    return gross\n",
            "tests/test_price.py": """
                import jaunt
                from shop.price import price


                @jaunt.test(targets=[price])
                def test_price() -> None:
                    '''5 -> 6'''
                    ...
                """,
        },
        config=ROOTS,
    )
    ran = jaunt.run("test", "--json", cwd=project)
    assert ran.code == 3
    assert outcomes(ran.document["build"]) == {"shop.price": "failed", "shop.tax": "generated"}
    assert outcomes(ran.document["tests"]) == {
        "tests.test_price": "skipped",
        "tests.test_tax": "generated",
    }
    assert ran.document["pytest"]["passed"] == 2
    lines = [line for line in ran.err.splitlines() if "shop.price failed" in line]
    assert lines, ran.err
    assert all("tests.test_price" in line for line in lines)
    # Nobody was asked for tests of what does not exist.
    assert ran.document["tests"]["calls"] == 1
    # Once it works, the rest follows.
    write_files(
        project,
        {
            "answers/shop.price.py": """
                from shop.tax import tax


                def price(net: int) -> int:
                    return net + tax(net)
                """,
            "answers/tests.test_price.py": """
                from shop.price import price


                def test_price() -> None:
                    assert price(5) == 6
                """,
        },
    )
    ran = jaunt.run("test", "--json", cwd=project)
    assert ran.code == 0, ran.err
    assert outcomes(ran.document["build"]) == {"shop.price": "generated", "shop.tax": "fresh"}
    assert ran.document["pytest"]["passed"] == 3


def test_what_a_test_leaves_behind_holds_nothing_up(
    jaunt: Jaunt, make_project: MakeProject
) -> None:
    """As plain pytest does not wait for it either; `-s` gives it our own output to hold."""
    project = make_project(THREE_TESTS, config=ROOTS)
    answer = project / "answers/tests.test_tax.py"
    lingering = """
        import pathlib
        import subprocess

        from shop.tax import tax


        def test_small() -> None:
            process = subprocess.Popen(["sleep", "600"])
            pathlib.Path("pid").write_text(str(process.pid))
            assert tax(5) == 1


        def test_large() -> None:
            print("the last words")
            assert tax(500) == 100
        """
    write_files(answer.parent, {answer.name: lingering})
    try:
        ran = jaunt.run("test", "--pytest-args=-s", cwd=project)
    finally:
        os.kill(int((project / "pid").read_text()), signal.SIGKILL)
    assert ran.code == 0, ran.err
    assert "the last words" in ran.out
    assert "2 passed" in ran.out


# How a test ruins the run, what pytest ends with, and what is told.
RUINS = {
    "leaves with 0": ("os._exit(0)", "", 1, "before it could report"),
    "leaves with 3": ("os._exit(3)", "", 3, "with exit code 3 before"),
    "crashes": ("os.kill(os.getpid(), signal.SIGSEGV)", "", -11, "with exit code -11 before"),
    "cannot be imported": ("assert True", "raise OSError('no disk')", 2, "OSError: no disk"),
    "prints no text": ("os.write(2, bytes(range(128, 256)) * 3000); assert 0", "", 1, "assert 0"),
}


@pytest.mark.parametrize("name", RUINS)
def test_whatever_a_test_does_the_run_ends_and_says_so(
    name: str, jaunt: Jaunt, make_project: MakeProject
) -> None:
    body, top, exit_code, said = RUINS[name]
    answer = f"""
        import os
        import signal

        from shop.tax import tax

        {top}

        def test_small() -> None:
            {body}
            assert tax(5) == 1


        def test_large() -> None:
            assert os and signal and tax(500) == 100
        """
    project = make_project({**THREE_TESTS, "answers/tests.test_tax.py": answer}, config=ROOTS)
    ran = jaunt.run("test", "--json", "--pytest-args=-s", cwd=project)
    assert ran.code == 4, ran.err
    result = ran.document["pytest"]
    assert result["exit_code"] == exit_code
    assert len(result["failures"]) == result["failed"] == 1
    assert said in result["failures"][0]["message"]
