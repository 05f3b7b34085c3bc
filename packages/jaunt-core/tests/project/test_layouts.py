"""Which files are read as which modules, in every shape that a project may have."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from jaunt_core.config.loading import load_project
from jaunt_core.errors import JauntConfigError, JauntDiscoveryError
from jaunt_core.project.roots import find_roots

from ..conftest import MakeProject, discover, write_files

SPEC = "import jaunt\n\n@jaunt.magic\ndef f() -> int: ...\n"
TEST = "import jaunt\n\n@jaunt.test\ndef test_f() -> None: ...\n"
BAD = "import jaunt\nraise RuntimeError('this file must not be read')\n"


@dataclass(frozen=True)
class Layout:
    """Files, and the modules in them as `kind module path`; `package` where it is one."""

    files: dict[str, str]
    modules: list[str]
    config: str = ""


LAYOUTS = {
    "flat": Layout(
        {"app.py": SPEC, "shop/tax.py": SPEC, "shop/__init__.py": "", "tests/test_a.py": TEST},
        ["build app app.py", "build shop.tax shop/tax.py", "test tests.test_a tests/test_a.py"],
    ),
    "src": Layout(
        {"src/shop/__init__.py": "", "src/shop/tax.py": SPEC, "tests/test_a.py": TEST},
        ["build shop.tax src/shop/tax.py", "test tests.test_a tests/test_a.py"],
    ),
    "src and scripts beside it": Layout(
        {"src/shop/tax.py": SPEC, "tools/release.py": SPEC, "run.py": SPEC},
        [
            "build run run.py",
            "build shop.tax src/shop/tax.py",
            "build tools.release tools/release.py",
        ],
    ),
    "namespace packages in two roots": Layout(
        {"src/ns/one/mod.py": SPEC, "lib/ns/two/mod.py": SPEC},
        ["build ns.one.mod src/ns/one/mod.py", "build ns.two.mod lib/ns/two/mod.py"],
        '[paths]\nsource_roots = ["src", "lib"]\n',
    ),
    "nested packages": Layout(
        {
            "shop/__init__.py": "from shop.sub.deep import mod\n",
            "shop/sub/__init__.py": "",
            "shop/sub/deep/__init__.py": "",
            "shop/sub/deep/mod.py": SPEC,
            "shop/sub/same.py": SPEC,
            "shop/same.py": SPEC,
        },
        [
            "build shop.same shop/same.py",
            "build shop.sub.deep.mod shop/sub/deep/mod.py",
            "build shop.sub.same shop/sub/same.py",
        ],
    ),
    "a package as spec module": Layout(
        {"shop/__init__.py": SPEC, "shop/sub/__init__.py": SPEC, "tests/__init__.py": TEST},
        [
            "build shop shop/__init__.py package",
            "build shop.sub shop/sub/__init__.py package",
            "test tests tests/__init__.py package",
        ],
    ),
    "test roots inside a source root": Layout(
        {
            "src/shop/__init__.py": "",
            "src/shop/tax.py": SPEC,
            "src/shop/tests/test_tax.py": TEST,
            "src/shop/tests/deep/test_deep.py": TEST,
            "tests/tool.py": SPEC,
        },
        [
            "build shop.tax src/shop/tax.py",
            "test shop.tests.deep.test_deep src/shop/tests/deep/test_deep.py",
            "test shop.tests.test_tax src/shop/tests/test_tax.py",
        ],
        '[paths]\nsource_roots = ["src"]\ntest_roots = ["src/shop/tests"]\n',
    ),
    "several test roots, none inside a source root": Layout(
        {"lib/tax.py": SPEC, "checks/unit/test_a.py": TEST, "checks/slow/test_a.py": TEST},
        [
            "test slow.test_a checks/slow/test_a.py",
            "build tax lib/tax.py",
            "test unit.test_a checks/unit/test_a.py",
        ],
        '[paths]\nsource_roots = ["lib"]\ntest_roots = ["checks/unit", "checks/slow"]\n',
    ),
    "a source root inside a test root": Layout(
        {"tests/test_a.py": TEST, "tests/fakes/shop.py": SPEC},
        ["build shop tests/fakes/shop.py", "test tests.test_a tests/test_a.py"],
        '[paths]\nsource_roots = [".", "tests/fakes"]\n',
    ),
    "nested projects": Layout(
        {
            "app.py": SPEC,
            "libs/other/jaunt.toml": "version = 1\n",
            "libs/other/app.py": BAD,
            "tests/jaunt.toml": "version = 1\n",
            "tests/test_a.py": BAD,
        },
        ["build app app.py"],
    ),
    "what is no source of the project": Layout(
        {
            "app.py": SPEC,
            ".hidden/app.py": BAD,
            "env/pyvenv.cfg": "home = /usr\n",
            "env/lib/app.py": BAD,
            "conda/conda-meta/history": "",
            "conda/app.py": BAD,
            "__generated__/app.py": BAD,
            "shop/__generated__/tax.py": BAD,
            "node_modules/tool/app.py": BAD,
            "shop/__pycache__/tax.py": BAD,
            "shop/no-name.py": BAD,
            "2024/app.py": BAD,
            "notes.txt": BAD,
            "shop/mentions.py": "# jaunt\nraise RuntimeError('it does not import it')\n",
        },
        ["build app app.py"],
    ),
    "one module name in two roots, but specs in one": Layout(
        {"src/app.py": SPEC, "app.py": "# not the app that jaunt is for\n"},
        ["build app src/app.py"],
    ),
    "no specs at all": Layout({"app.py": "import jaunt\n"}, []),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_layout(name: str, make_project: MakeProject) -> None:
    layout = LAYOUTS[name]
    project = make_project(layout.files, layout.config)
    modules = [
        f"{module.kind} {module.name} {module.path}{' package' * module.is_package}"
        for module in discover(project)
    ]
    assert modules == layout.modules


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)


def test_git_ignored_folders_are_skipped(tmp_path: Path) -> None:
    # The project is a folder of a larger repository, as in a monorepo.
    write_files(
        tmp_path,
        {
            ".gitignore": "out/\n/app/made\n!/app/kept/out/\n",
            "app/jaunt.toml": "version = 1\n",
            "app/tax.py": SPEC,
            "app/out/tax.py": BAD,
            "app/made/tax.py": BAD,
            "app/kept/out/tax.py": SPEC,
            "app/shop/.gitignore": "tmp\n",
            "app/shop/tax.py": SPEC,
            "app/shop/tmp/deep/tax.py": BAD,
            "app/forced/.gitignore": "*\n",
            "app/forced/tax.py": SPEC,
        },
    )
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "--force", "app/forced/tax.py")
    project = load_project(root=tmp_path / "app")
    assert [module.name for module in discover(project)] == [
        "forced.tax",
        "kept.out.tax",
        "shop.tax",
        "tax",
    ]


def test_a_project_inside_an_ignored_folder_is_read(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {".gitignore": "scratch/\n", "scratch/jaunt.toml": "version = 1\n", "scratch/a.py": SPEC},
    )
    git(tmp_path, "init", "-q")
    project = load_project(root=tmp_path / "scratch")
    assert [module.name for module in discover(project)] == ["a"]


def test_links_to_folders_are_not_followed(make_project: MakeProject) -> None:
    project = make_project({"app.py": SPEC, "shop/tax.py": SPEC})
    (project.root / "again").symlink_to(project.root / "shop", target_is_directory=True)
    (project.root / "other.py").symlink_to(project.root / "nowhere.py")
    assert [module.name for module in discover(project)] == ["app", "shop.tax"]


def test_two_roots_with_one_module_name(make_project: MakeProject) -> None:
    project = make_project({"src/app.py": SPEC, "app.py": SPEC})
    with pytest.raises(JauntDiscoveryError) as caught:
        discover(project)
    assert caught.value.args[0] == "src/app.py: module 'app' is also app.py"
    assert (
        caught.value.hint == "rename one of the two, or put them into packages of different names"
    )


def test_a_helper_that_hides_a_spec_module(make_project: MakeProject) -> None:
    project = make_project({"src/app.py": "x = 1\n", "app.py": SPEC})
    with pytest.raises(JauntDiscoveryError) as caught:
        discover(project)
    hidden_by = project.root / "src" / "app.py"
    assert caught.value.args[0] == f"app.py: module 'app' is imported from {hidden_by} instead"


@pytest.mark.parametrize(
    ("installed", "named"), [("shop/tax.py", "shop.tax"), ("shop/other.py", "shop")]
)
def test_an_installed_copy_of_the_project(
    installed: str, named: str, make_project: MakeProject, tmp_path: Path
) -> None:
    # A namespace package gives way to an installed one, wherever that stands on the path.
    site = tmp_path / "site"
    write_files(site, {"shop/__init__.py": "", installed: SPEC})
    project = make_project({"src/shop/tax.py": SPEC})
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(site)}
    with pytest.raises(JauntDiscoveryError) as caught:
        discover(project, environ=environ)
    copy = site / ("shop/tax.py" if named == "shop.tax" else "shop/__init__.py")
    assert caught.value.args[0] == (
        f"src/shop/tax.py: module '{named}' is imported from {copy} instead"
    )
    assert "uninstall the copy" in str(caught.value.hint)


def test_default_roots_may_be_missing(make_project: MakeProject) -> None:
    roots = find_roots(make_project({"app.py": SPEC}))
    assert [str(root) for root in roots.source] == ["."]
    assert roots.test == ()
    assert [str(folder) for folder in roots.prefix] == ["."]


def test_the_import_path_has_source_roots_first_and_each_folder_once(
    make_project: MakeProject,
) -> None:
    files = {"src/a.py": SPEC, "src/tests/test_a.py": TEST, "tests/x/test_b.py": TEST}
    config = '[paths]\nsource_roots = ["src"]\ntest_roots = ["src/tests", "tests/x"]\n'
    roots = find_roots(make_project(files, config))
    assert [str(folder) for folder in roots.prefix] == ["src", "tests"]


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            '[paths]\nsource_roots = ["lib"]\n',
            "{config}: [paths] source_roots names 'lib', which is no folder",
        ),
        (
            '[paths]\ntest_roots = ["tests", "app.py"]\n',
            "{config}: [paths] test_roots names 'app.py', which is no folder",
        ),
        (
            "[paths]\nsource_roots = []\n",
            "{config}: no source root",
        ),
    ],
)
def test_named_roots_must_exist(config: str, message: str, make_project: MakeProject) -> None:
    project = make_project({"app.py": SPEC, "tests/test_a.py": TEST}, config)
    with pytest.raises(JauntConfigError) as caught:
        find_roots(project)
    assert caught.value.args[0] == message.format(config=project.config_path)


def test_generated_dir_of_package_and_config_agree(make_project: MakeProject) -> None:
    config = '[paths]\ngenerated_dir = "_made"\n'
    files = {
        "shop/__init__.py": "__jaunt_generated__ = '_made'\n",
        "shop/sub/tax.py": SPEC,
        "shop/sub/_made/tax.py": BAD,
        # Nothing looks for the code of tests at run time, so their folder need not say it.
        "tests/test_a.py": TEST,
    }
    modules = discover(make_project(files, config))
    assert [module.name for module in modules] == ["shop.sub.tax", "tests.test_a"]


@pytest.mark.parametrize(
    ("declared", "configured", "shown"),
    [
        ("", "_made", "'__generated__'"),
        ("__jaunt_generated__ = '_made'\n", "__generated__", "'_made'"),
        ("__jaunt_generated__ = '_made'\n", "_other", "'_made'"),
    ],
)
def test_generated_dir_mismatch(
    declared: str, configured: str, shown: str, make_project: MakeProject
) -> None:
    files = {"shop/__init__.py": declared, "shop/tax.py": SPEC}
    project = make_project(files, f'[paths]\ngenerated_dir = "{configured}"\n')
    with pytest.raises(JauntDiscoveryError) as caught:
        discover(project)
    assert caught.value.args[0] == (
        f"shop/tax.py: the package says __jaunt_generated__ = {shown}, but jaunt.toml says "
        f"generated_dir = '{configured}'"
    )
    assert caught.value.hint == (
        f"write __jaunt_generated__ = '{configured}' at the top of package 'shop', "
        "or make [paths] generated_dir the same"
    )
