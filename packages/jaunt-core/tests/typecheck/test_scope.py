"""Which files the settings of each type checker leave out."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from jaunt_core.model.typecheck import Checker
from jaunt_core.typecheck.detect import InstalledChecker
from jaunt_core.typecheck.scope import CheckerScope

FILES = {
    "src/shop/cart.py": "shop.cart",
    "src/shop/__generated__/cart.py": "shop.__generated__.cart",
    "tests/test_cart.py": "tests.test_cart",
    "tests/deep/__generated__/test_a.py": "tests.deep.__generated__.test_a",
}
CART, MADE, TEST, DEEP = FILES
NONE: set[str] = set()
CASES = [
    # mypy
    ("mypy.ini", "[mypy]\nstrict = True", NONE),
    ("mypy.ini", "[mypy]\nfiles = src", {TEST, DEEP}),
    ("mypy.ini", "[mypy]\nfiles = src/, tests/test_*.py", {DEEP}),
    ("mypy.ini", "[mypy]\nfiles = **/*.py", NONE),
    ("mypy.ini", "[mypy]\nfiles =\n    ./src,\n    tests", NONE),
    ("mypy.ini", "[mypy]\nfiles = .", NONE),
    ("mypy.ini", "[mypy]\nfiles = src/shop/cart.py", {MADE, TEST, DEEP}),
    ("mypy.ini", "[mypy]\npackages = shop", {TEST, DEEP}),
    ("mypy.ini", "[mypy]\nmodules = shop.cart", {MADE, TEST, DEEP}),
    ("mypy.ini", "[mypy]\nexclude = __generated__", {MADE, DEEP}),
    (
        "mypy.ini",
        "[mypy]\nexclude = (?x)(\n    ^tests/deep/\n    | ^src/shop/cart\\.py$ )",
        {CART, DEEP},
    ),
    ("mypy.ini", "[mypy]\nfiles = tests\nexclude = ^tests/$", {CART, MADE}),
    ("mypy.ini", "[mypy]\nfiles = tests\nexclude = deep/", {CART, MADE, DEEP}),
    ("mypy.ini", "[mypy]\nexclude = [", NONE),
    ("mypy.ini", "[mypy-tests.*]\nignore_errors = True", NONE),  # mypy reads no such file
    ("mypy.ini", "[mypy]\n[mypy-tests.*]\nignore_errors = True", {TEST, DEEP}),
    ("mypy.ini", "[mypy]\n[mypy-tests.*,shop.cart]\nignore_errors = True", {CART, TEST, DEEP}),
    ("mypy.ini", "[mypy]\n[mypy-tests.*]\nignore_errors = False", NONE),
    ("mypy.ini", "[mypy]\n[mypy-*.test_a]\nignore_errors = True", {DEEP}),
    ("mypy.ini", "[mypy]\nignore_errors = 1\n[mypy-shop.*]\nignore_errors = no", {TEST, DEEP}),
    (
        "mypy.ini",
        "[mypy]\n[mypy-tests.*]\nignore_errors = 1\n[mypy-tests.test_cart]\nignore_errors = off",
        {DEEP},
    ),
    ("setup.cfg", "[mypy]\nfiles = src", {TEST, DEEP}),
    ("pyproject.toml", "[tool.mypy]\nfiles = ['src', 'tests/deep']", {TEST}),
    ("pyproject.toml", "[tool.mypy]\nfiles = 'src,tests/deep'", {TEST}),
    (
        "pyproject.toml",
        "[tool.mypy]\nexclude = ['__generated__', '^tests/test_']",
        {MADE, TEST, DEEP},
    ),
    (
        "pyproject.toml",
        "[[tool.mypy.overrides]]\nmodule = ['tests.*', 'x']\nignore_errors = true",
        {TEST, DEEP},
    ),
    ("pyproject.toml", "[tool.mypy]\nfiles = 3\nexclude = 4\noverrides = 'x'", NONE),
    # pyright
    ("pyrightconfig.json", "{}", NONE),
    ("pyrightconfig.json", '{"include": ["src"]}', {TEST, DEEP}),
    ("pyrightconfig.json", '{"include": ["./src", "tests/de?p"], "strict": ["src"]}', {TEST}),
    ("pyrightconfig.json", '{"exclude": ["**/__generated__"]}', {MADE, DEEP}),
    ("pyrightconfig.json", '{"exclude": ["tests/**"]}', {TEST, DEEP}),
    ("pyrightconfig.json", '{"ignore": ["tests"]}', {TEST, DEEP}),
    ("pyrightconfig.json", '{"exclude": ["deep"]}', NONE),
    (
        "pyrightconfig.json",
        '{// no tests\n"include": ["src",], /* "x": */ "x": "//",}',
        {TEST, DEEP},
    ),
    ("pyrightconfig.json", "{", NONE),
    ("pyrightconfig.json", '{"include": 3, "exclude": {}}', NONE),
    ("pyrightconfig.json", '{"extends": "./base.json"}', {CART, MADE}),
    ("pyrightconfig.json", '{"extends": "none.json", "include": ["src"]}', NONE),
    ("pyproject.toml", "[tool.pyright]\ninclude = ['src/shop']", {TEST, DEEP}),
    # ty
    ("ty.toml", "", NONE),
    ("ty.toml", "[src]\ninclude = ['src']", {TEST, DEEP}),
    ("ty.toml", "[src]\nexclude = ['deep', '!x']", {DEEP}),
    ("ty.toml", "[src]\nexclude = ['tests', '!tests/deep']", {TEST}),
    ("ty.toml", "[src]\nexclude = ['/tests/*.py']", {TEST}),
    ("ty.toml", "src = 3", NONE),
    ("pyproject.toml", "[tool.ty.src]\nexclude = ['**/__generated__/**']", {MADE, DEEP}),
]


@pytest.mark.parametrize(("name", "text", "expected"), CASES)
def test_what_the_settings_leave_out(
    name: str, text: str, expected: set[str], tmp_path: Path
) -> None:
    (tmp_path / name).write_text(textwrap.dedent(text), "utf-8")
    (tmp_path / "base.json").write_text('{"include": ["tests"]}', "utf-8")
    words = f"{name} {text}"
    checker = next((each for each in (Checker.PYRIGHT, Checker.MYPY) if each in words), Checker.TY)
    installed = InstalledChecker(
        checker=checker, program=Path("none"), settings=tmp_path / name, top=tmp_path
    )
    scope = CheckerScope(installed)
    left_out = {
        path for path, module in FILES.items() if scope.leaves_out(tmp_path / path, {module})
    }

    assert left_out == expected
    assert not scope.leaves_out(tmp_path.parent / "elsewhere.py", {"elsewhere"})
