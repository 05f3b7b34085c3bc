"""Generated class modules import half-imported spec modules: in which orders, and what is said."""

import pytest

from .conftest import Project

SPEC = """
    import jaunt

    class Above:
        pass

    @jaunt.magic
    class Ledger:
        def use(self) -> tuple[str, str]:
            raise NotImplementedError

    class Below:
        pass
"""
RIGHT = """
    from typing import TYPE_CHECKING
    from shop.a import Above
    if TYPE_CHECKING:
        from shop.a import Below

    class Ledger:
        above = Above()
        def use(self) -> "tuple[str, str]":
            from shop.a import Below
            return type(self.above).__name__, Below.__name__
"""


def test_handwritten_types_above_and_below_the_class(project: Project) -> None:
    project.write({"shop/a.py": SPEC, "shop/__generated__/a.py": RIGHT})
    assert project.output("import shop.a; print(shop.a.Ledger().use())") == "('Above', 'Below')"


def test_a_name_from_below_fails_as_an_import_error_with_the_rule(project: Project) -> None:
    wrong = "from shop.a import Below\nclass Ledger: pass\n"
    project.write({"shop/a.py": SPEC, "shop/__generated__/a.py": wrong})
    done = project.python("-c", "import shop.a")
    assert done.returncode == 1
    assert "ImportError: cannot import name 'Below' from partially initialized" in done.stderr
    assert done.stderr.count("shop.a is still being imported") == 1
    assert "must stand above the first class spec" in done.stderr


def test_entering_through_the_generated_module_is_a_clear_error(project: Project) -> None:
    project.write({"shop/a.py": SPEC, "shop/__generated__/a.py": RIGHT})
    done = project.python("-c", "import shop.__generated__.a")
    assert done.returncode == 1
    assert (
        "JauntError: shop.__generated__.a was imported before shop.a, which needs Ledger from it\n"
        "  hint: import shop.a instead: generated modules are no entry points\n"
    ) in done.stderr
    # After the spec module, importing it is harmless.
    assert project.output("import shop.a, shop.__generated__.a; print(shop.a.Ledger)") == (
        "<class 'shop.a.Ledger'>"
    )


MUTUAL = """
    import jaunt
    import shop.{other} as other

    class {mine}Type:
        pass

    @jaunt.magic
    class {mine}:
        def make(self) -> "other.{other}":
            raise NotImplementedError

    class {mine}Below:
        pass
"""
MUTUAL_GENERATED = """
    from __future__ import annotations
    from typing import TYPE_CHECKING
    from shop.{mine} import {mine}Type
    if TYPE_CHECKING:
        from shop.{other} import {other}

    class {mine}:
        kind = {mine}Type
        def make(self) -> {other}:
            from shop.{other} import {other}
            from shop.{mine} import {mine}Below
            return {other}()
"""


@pytest.mark.parametrize("first", ["a", "b"])
def test_two_spec_modules_with_classes_import_each_other(project: Project, first: str) -> None:
    files = {"shop/__init__.py": ""}
    for mine, other in [("a", "b"), ("b", "a")]:
        files[f"shop/{mine}.py"] = MUTUAL.format(mine=mine, other=other)
        files[f"shop/__generated__/{mine}.py"] = MUTUAL_GENERATED.format(mine=mine, other=other)
    files["shop/c.py"] = "import shop.a\nclass Sub(shop.a.a):\n    pass\n"
    project.write(files)
    code = f"""
        import shop.{first}, shop.c
        from shop import a, b
        assert type(a.a().make()) is b.b and type(b.b().make()) is a.a
        assert a.a.kind is a.aType and b.b.kind is b.bType
        assert type(shop.c.Sub().make()) is b.b
        print(a.a, b.b, shop.c.Sub)
    """
    assert project.output(code) == ("<class 'shop.a.a'> <class 'shop.b.b'> <class 'shop.c.Sub'>")


def test_mutual_classes_that_need_each_other_at_import_say_the_rule_once(
    project: Project,
) -> None:
    files = {"shop/__init__.py": ""}
    for mine, other in [("a", "b"), ("b", "a")]:
        files[f"shop/{mine}.py"] = MUTUAL.format(mine=mine, other=other)
        files[f"shop/__generated__/{mine}.py"] = (
            f"from shop.{other} import {other}\nclass {mine}: pass\n"
        )
    project.write(files)
    done = project.python("-c", "import shop.a")
    assert done.returncode == 1
    assert "cannot import name 'a' from partially initialized module 'shop.a'" in done.stderr
    assert done.stderr.count("shop.a is still being imported") == 1


def test_a_function_called_at_import_through_the_generated_module(project: Project) -> None:
    project.write(
        {
            "shop/a.py": "import jaunt\n@jaunt.magic\ndef f() -> int: ...\nFIVE = f()\n",
            "shop/__generated__/a.py": "import shop.a\ndef f(): return 5\n",
        }
    )
    assert project.output("import shop.a; print(shop.a.FIVE)") == "5"
    done = project.python("-c", "import shop.__generated__.a")
    assert "shop.__generated__.a was imported before shop.a, which needs f" in done.stderr
