"""`jaunt` in one environment, the project in another, also of another Python."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import ROOT, Jaunt, MakeProject, outcomes, uv, write_files

MakeEnvironment = Callable[..., Path]
RUNTIME = ("-e", str(ROOT / "packages/jaunt-runtime"))
# Each of the tests has it, so a wrong interpreter is noticed wherever it is started.
FILES = {
    "where.py": """
        import sys

        import jaunt

        PREFIX = sys.prefix


        @jaunt.magic()
        def prefix() -> str:
            '''Return `PREFIX`.'''
            raise NotImplementedError
        """,
    "answers/where.py": """
        def prefix() -> str:
            from where import PREFIX
            return PREFIX
        """,
    "tests/test_where.py": """
        import jaunt
        from where import prefix


        @jaunt.test(targets=[prefix])
        def test_where() -> None:
            '''It is the environment of the project.'''
            ...
        """,
    "answers/tests.test_where.py": """
        import importlib.metadata
        import pathlib

        from where import prefix


        def test_where() -> None:
            names = {item.name for item in importlib.metadata.distributions()}
            assert "jaunt-runtime" in names
            assert "jaunt-core" not in names
            pathlib.Path("prefix.txt").write_text(prefix())
        """,
}

pytestmark = pytest.mark.slow


@pytest.fixture
def make_environment(tmp_path: Path) -> MakeEnvironment:
    def make(folder: Path, *requirements: str, python: str = sys.executable) -> Path:
        uv("venv", "--quiet", "--python", python, folder, cwd=tmp_path)
        if requirements:
            target = ("--python", folder / "bin/python")
            uv("pip", "install", "--quiet", *target, *requirements, cwd=tmp_path)
        return folder

    return make


def other_python() -> str:
    """Another CPython of this machine, the newest one; skips the test where there is none."""
    spec = importlib.util.spec_from_file_location("_interpreters", ROOT / "scripts/interpreters.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    newest = module.find_interpreters()[-1]
    if newest.number[:2] == sys.version_info[:2]:
        pytest.skip("no other Python on this machine")
    return str(newest.path)


def test_the_environment_of_the_project_is_found(
    jaunt: Jaunt, make_project: MakeProject, make_environment: MakeEnvironment
) -> None:
    """It has `jaunt-runtime` and pytest alone; `.venv`, `$VIRTUAL_ENV` and `[paths] python`."""
    project = make_project(FILES)
    environment = make_environment(project / ".venv", *RUNTIME, "pytest")
    told = project / "prefix.txt"

    ran = jaunt.run("test", "--json", cwd=project)
    assert ran.code == 0, ran.err
    assert outcomes(ran.document["build"]) == {"where": "generated"}
    assert ran.document["pytest"]["passed"] == 1
    assert told.read_text() == str(environment)

    # From here on it is found under another name.
    elsewhere = environment.rename(project.parent / "elsewhere")
    told.unlink()
    ran = jaunt.run("test", "--json", cwd=project, VIRTUAL_ENV=str(elsewhere))
    assert ran.code == 0, ran.err
    assert outcomes(ran.document["build"]) == {"where": "fresh"}
    assert told.read_text() == str(elsewhere)

    told.unlink()
    config = project / "jaunt.toml"
    text = config.read_text("utf-8")
    config.write_text(f'{text}\n[paths]\npython = "../elsewhere"\n', "utf-8")
    ran = jaunt.run("test", "--json", cwd=project)
    assert ran.code == 0, ran.err
    assert told.read_text() == str(elsewhere)


NEWER = {
    "newer.py": """
        import jaunt

        type Pair[T] = tuple[T, T]


        @jaunt.magic()
        def swap[T](pair: Pair[T]) -> Pair[T]:
            '''Return the pair the other way round.'''
            raise NotImplementedError
        """,
    "answers/newer.py": """
        from newer import Pair


        def swap[T](pair: Pair[T]) -> Pair[T]:
            match pair:
                case (left, right):
                    return (right, left)
        """,
    "tests/test_newer.py": """
        import jaunt
        from newer import swap


        @jaunt.test(targets=[swap])
        def test_swap() -> None:
            '''(1, 2) -> (2, 1)'''
            ...
        """,
    "answers/tests.test_newer.py": """
        from newer import swap


        def test_swap() -> None:
            type Unused[T = int] = list[T]
            assert swap((1, 2)) == (2, 1)
        """,
}


def test_a_project_on_a_newer_python(
    jaunt: Jaunt, make_project: MakeProject, make_environment: MakeEnvironment
) -> None:
    """Specs and answers may be written in a syntax that our own interpreter does not know."""
    python = other_python()
    project = make_project({**FILES, **NEWER})
    environment = make_environment(project / ".venv", *RUNTIME, "pytest", python=python)
    ran = jaunt.run("test", "--json", cwd=project)
    assert ran.code == 0, ran.err
    assert outcomes(ran.document["build"]) == {"newer": "generated", "where": "generated"}
    assert ran.document["pytest"]["passed"] == 2
    assert (project / "prefix.txt").read_text() == str(environment)

    # The digests of what both understand are the same under both.
    for path in ("newer.py", "answers/newer.py", "tests/test_newer.py"):
        (project / path).unlink()
    environment.rename(project.parent / "elsewhere")
    ran = jaunt.run("test", "--json", "--no-run", cwd=project)
    assert ran.code == 0, ran.err
    assert outcomes(ran.document["build"]) == {"where": "fresh"}
    assert outcomes(ran.document["tests"]) == {"tests.test_where": "fresh"}


def test_what_the_environment_lacks(
    jaunt: Jaunt, make_project: MakeProject, make_environment: MakeEnvironment
) -> None:
    project = make_project(FILES)
    environment = make_environment(project / ".venv")
    ran = jaunt.run("build", "--json", cwd=project)
    assert ran.code == 2
    python = environment / "bin/python"
    assert ran.document["error"] == {
        "kind": "config",
        "message": f"the project's interpreter {python} has no jaunt-runtime",
        "hint": "add it to the project: uv add jaunt-runtime "
        "(or pip install jaunt-runtime in that environment)",
    }

    uv("pip", "install", "--quiet", "--python", python, *RUNTIME, cwd=project)
    assert jaunt.run("build", cwd=project).code == 0
    ran = jaunt.run("test", "--json", cwd=project)
    assert ran.code == 2
    assert ran.document["error"] == {
        "kind": "config",
        "message": f"the project's interpreter {python} has no pytest",
        "hint": "add it to the project: uv add --dev pytest "
        "(or pip install pytest in that environment)",
    }
    # Tests can be written all the same.
    ran = jaunt.run("test", "--json", "--no-run", cwd=project)
    assert ran.code == 0, ran.err
    assert outcomes(ran.document["tests"]) == {"tests.test_where": "generated"}

    write_files(project, {"jaunt.toml": 'version = 1\n[paths]\npython = "elsewhere"\n'})
    ran = jaunt.run("build", "--json", cwd=project)
    assert ran.code == 2
    assert "[paths] python = 'elsewhere' is no interpreter" in ran.document["error"]["message"]
