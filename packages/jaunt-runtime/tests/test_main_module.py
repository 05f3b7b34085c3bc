"""Specs in the module that Python was started with."""

import pytest

from .conftest import Project

APP = """
    import jaunt, pickle

    class Money:
        pass

    class Wrong(Exception):
        pass

    @jaunt.magic
    def price() -> Money:
        raise NotImplementedError

    @jaunt.magic
    def fail() -> None:
        raise NotImplementedError

    @jaunt.magic
    class Till:
        def take(self) -> Money:
            raise NotImplementedError

    if __name__ == "__main__":
        assert type(price()) is Money and type(Till().take()) is Money
        try:
            fail()
        except Wrong:
            print("caught")
        assert pickle.loads(pickle.dumps(Till)) is Till
        print(price.__jaunt_spec_ref__, Till.__jaunt_spec_ref__, Till)
"""
GENERATED = """
    from {module} import Money, Wrong
    def price(): return Money()
    def fail(): raise Wrong
    class Till:
        def take(self): return Money()
"""


@pytest.mark.parametrize("has_code", [True, False])
@pytest.mark.parametrize(
    ("arguments", "spec_file", "generated_file", "module"),
    [
        (["app.py"], "app.py", "__generated__/app.py", "app"),
        (["./sub/app.py"], "sub/app.py", "sub/__generated__/app.py", "app"),
        (["-m", "app"], "app.py", "__generated__/app.py", "app"),
        (["-m", "shop.app"], "shop/app.py", "shop/__generated__/app.py", "shop.app"),
        (["-m", "shop"], "shop/__main__.py", "shop/__generated__/__main__.py", "shop.__main__"),
    ],
)
def test_scripts_and_modules_find_their_generated_code(
    project: Project,
    arguments: list[str],
    spec_file: str,
    generated_file: str,
    module: str,
    has_code: bool,
) -> None:
    project.write({spec_file: APP, "shop/__init__.py": ""})
    if has_code:
        project.write({generated_file: GENERATED.format(module=module)})
    # No PYTHONPATH: a script finds its neighbours by its own folder.
    done = project.python(*arguments, path="")
    if has_code:
        assert done.stdout == f"caught\n{module}:price {module}:Till <class '__main__.Till'>\n"
        assert done.stderr == ""
    else:
        assert f"JauntNotBuiltError: {module}:price is not built" in done.stderr
        assert f"run `jaunt build --target {module}`" in done.stderr


def test_tools_that_run_a_script_for_us(project: Project) -> None:
    project.write({"app.py": APP, "__generated__/app.py": GENERATED.format(module="app")})
    code = "import runpy; runpy.run_path('app.py', run_name='__mp_main__'); print('ran')"
    assert project.output(code) == "ran"


def test_children_of_multiprocessing_find_generated_code(project: Project) -> None:
    project.write(
        {
            "app.py": """
                import jaunt, multiprocessing
                @jaunt.magic
                def double(n: int) -> int: raise NotImplementedError
                @jaunt.magic
                class Till:
                    n: int
                if __name__ == "__main__":
                    with multiprocessing.get_context("spawn").Pool(1) as pool:
                        print(pool.map(double, [1, 2]), pool.map(type, [Till()]) == [Till])
            """,
            "__generated__/app.py": "def double(n): return 2 * n\nclass Till: pass\n",
        }
    )
    assert project.python("app.py").stdout == "[2, 4] True\n"


def test_a_half_imported_script_is_explained_too(project: Project) -> None:
    project.write(
        {
            "app.py": "import jaunt\n@jaunt.magic\nclass Till: ...\nclass Below: ...\n",
            "__generated__/app.py": "from app import Below\nclass Till: ...\n",
        }
    )
    done = project.python("app.py")
    assert "ImportError: cannot import name 'Below'" in done.stderr
    assert "must stand above the first class spec" in done.stderr


@pytest.mark.parametrize("kind", ["def f() -> int: ...", "class F: ..."])
def test_a_prompt_has_no_module_to_build(project: Project, kind: str) -> None:
    done = project.python("-c", f"import jaunt\n@jaunt.magic\n{kind}\n")
    assert "JauntError: jaunt needs specs in a file" in done.stderr
    assert "hint: put the spec into a module and import it" in done.stderr
