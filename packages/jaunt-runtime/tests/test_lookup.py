"""Where generated code is looked for, and what is said when it is not there."""

import pytest

from jaunt import JauntNotBuiltError

from .conftest import Project


def test_a_missing_module_names_the_spec_and_the_command(project: Project) -> None:
    project.write({"shop/a.py": "import jaunt\n@jaunt.magic\ndef f() -> int: ...\n"})
    shop = project.load("shop.a")
    with pytest.raises(JauntNotBuiltError) as caught:
        shop.f()
    assert str(caught.value) == (
        "shop.a:f is not built: there is no module shop.__generated__.a\n"
        "  hint: run `jaunt build --target shop.a`"
    )
    # Once built, the same function object finds its code.
    project.write({"shop/__generated__/a.py": "def f(): return 5\n"})
    assert shop.f() == 5


def test_a_module_without_the_name_is_not_built_either(project: Project) -> None:
    project.write(
        {
            "shop/a.py": "import jaunt\n@jaunt.magic\ndef f() -> int: ...\n",
            "shop/__generated__/a.py": "def g(): return 5\n",
        }
    )
    with pytest.raises(JauntNotBuiltError, match=r"shop\.__generated__\.a does not define f"):
        project.load("shop.a").f()


@pytest.mark.parametrize(
    ("line", "error", "message"),
    [
        ("import no_such_module", ModuleNotFoundError, "No module named 'no_such_module'"),
        ("import shop.missing", ModuleNotFoundError, r"No module named 'shop\.missing'"),
        ("from json import nothing", ImportError, "cannot import name 'nothing' from 'json'"),
        ("1 / 0", ZeroDivisionError, "division by zero"),
        ("def broken(", SyntaxError, "never closed"),
    ],
)
def test_an_error_inside_generated_code_is_shown_as_what_it_is(
    project: Project, line: str, error: type[Exception], message: str
) -> None:
    project.write(
        {
            "shop/a.py": "import jaunt\n@jaunt.magic\ndef f() -> int: ...\n",
            "shop/__generated__/a.py": f"{line}\ndef f(): return 5\n",
        }
    )
    with pytest.raises(error, match=message) as caught:
        project.load("shop.a").f()
    assert type(caught.value) is error
    assert not hasattr(caught.value, "__notes__")


@pytest.mark.parametrize(
    ("spec_file", "generated_file", "module"),
    [
        ("flat.py", "__generated__/flat.py", "flat"),
        ("shop/__init__.py", "shop/__generated__/__init__.py", "shop"),
        ("shop/sub/deep.py", "shop/sub/__generated__/deep.py", "shop.sub.deep"),
        ("shop/sub/__init__.py", "shop/sub/__generated__/__init__.py", "shop.sub"),
    ],
)
def test_generated_code_is_found_beside_the_spec_file(
    project: Project, spec_file: str, generated_file: str, module: str
) -> None:
    project.write(
        {
            spec_file: "import jaunt\n@jaunt.magic\ndef f() -> int: ...\n",
            generated_file: "def f(): return __name__\n",
        }
    )
    assert "__generated__" in project.load(module).f()


def test_the_top_package_may_name_another_generated_folder(project: Project) -> None:
    project.write(
        {
            "shop/__init__.py": '__jaunt_generated__ = "made"\n',
            "shop/sub/a.py": "import jaunt\n@jaunt.magic\ndef f() -> int: ...\n",
            "shop/sub/made/a.py": "def f(): return 5\n",
        }
    )
    assert project.load("shop.sub.a").f() == 5
