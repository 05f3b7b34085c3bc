"""What a shell learns from `$?`, and programs from `--json`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from .conftest import Jaunt, MakeProject, Ran, outcomes, write_files

ONE = {
    "one.py": """
        import jaunt

        @jaunt.magic()
        def one() -> int:
            '''Return 1.'''
            raise NotImplementedError
        """,
    "answers/one.py": "def one() -> int:\n    return 1\n",
}
TWO = {
    "two.py": """
        import jaunt

        @jaunt.magic()
        def two() -> int:
            '''Return 2.'''
            raise NotImplementedError
        """,
    "answers/two.py": "def two() -> str:\n    return 'two'\n",
}
TEST_ONE = {
    "tests/test_one.py": """
        import jaunt
        from one import one

        @jaunt.test(targets=[one])
        def test_one() -> None:
            '''It is 1.'''
            ...
        """,
    "answers/tests.test_one.py": """
        from one import one

        def test_one() -> None:
            assert one() == 1
        """,
}
FAILING = {
    "answers/tests.test_one.py": """
        from one import one

        def test_one() -> None:
            assert one() == 2
        """
}
CYCLE = {
    "one.py": """
        import jaunt

        @jaunt.magic(deps=["two:two"])
        def one() -> int:
            '''Return 1.'''
            raise NotImplementedError
        """,
    "two.py": """
        import jaunt

        @jaunt.magic(deps=["one:one"])
        def two() -> int:
            '''Return 2.'''
            raise NotImplementedError
        """,
}


def run_both(jaunt: Jaunt, command: str, *arguments: str, cwd: Path, **environ: str) -> Ran:
    """Run with `--json` (returned) and without: the same code, the same words for people."""
    ran = jaunt.run(command, "--json", *arguments, cwd=cwd, **environ)
    plain = jaunt.run(command, *arguments, cwd=cwd, **environ)
    assert plain.code == ran.code
    document = ran.document
    assert document["schema"] == 1
    assert document["command"] == command
    assert document["ok"] is (ran.code == 0)
    assert "Traceback" not in ran.err + plain.err
    if ran.code == 2:
        assert plain.out == ""
        assert plain.err == ran.err
        assert document["error"]["message"] in ran.err
        assert (document["error"]["hint"] or "") in ran.err
    return ran


def test_success(jaunt: Jaunt, make_project: MakeProject) -> None:
    project = make_project({**ONE, **TEST_ONE})
    ran = run_both(jaunt, "build", cwd=project)
    assert ran.code == 0
    assert ran.document["error"] is None
    assert outcomes(ran.document) == {"one": "generated"}
    ran = run_both(jaunt, "test", cwd=project)
    assert ran.code == 0
    assert outcomes(ran.document["tests"]) == {"tests.test_one": "generated"}
    assert ran.document["pytest"]["passed"] == 1


# What is wrong, the arguments, the kind of the error, what is said.
USAGE: list[tuple[tuple[str, ...], str]] = [
    (("--jobs", "0"), "0"),
    (("--jobs", "many"), "many"),
    (("--frobnicate",), "--frobnicate"),
    (("--root",), "--root"),
    (("somewhere",), "somewhere"),
]


@pytest.mark.parametrize(("arguments", "said"), USAGE)
def test_wrong_usage(
    arguments: tuple[str, ...], said: str, jaunt: Jaunt, make_project: MakeProject
) -> None:
    project = make_project(ONE)
    ran = run_both(jaunt, "build", *arguments, cwd=project)
    assert ran.code == 2
    assert ran.document["error"]["kind"] == "usage"
    assert said in ran.document["error"]["message"]
    assert not (project / "__generated__").exists()


CONFIG: dict[str, tuple[Mapping[str, str], tuple[str, ...], str, str]] = {
    "unknown section": ({"jaunt.toml": "version = 1\n[pahts]\n"}, (), "config", "pahts"),
    "unknown key": (
        {"jaunt.toml": "version = 1\n[build]\njosb = 3\n"},
        (),
        "config",
        "unknown key [build] josb",
    ),
    "no toml": ({"jaunt.toml": "version = \n"}, (), "config", "no valid TOML"),
    "unknown provider": (
        {"jaunt.toml": 'version = 1\n[llm]\nprovider = "opneai"\n'},
        (),
        "config",
        "provider = 'opneai' names no installed backend",
    ),
    "missing key": (
        {"jaunt.toml": 'version = 1\n[llm]\nprovider = "openai"\n'},
        (),
        "config",
        "$OPENAI_API_KEY is not set",
    ),
    "unknown target": ({}, ("--target", "won"), "config", "--target won names no spec"),
    "no such root": ({}, ("--root", "elsewhere"), "config", "elsewhere is no folder"),
    "no such config": ({}, ("--config", "other.toml"), "config", "other.toml is no file"),
    "module raises": (
        {"one.py": "import jaunt\n\nraise OSError('no disk')\n"},
        (),
        "discovery",
        "one.py:3: ",
    ),
    "module exits": (
        {"one.py": "import sys\nimport jaunt\n\nsys.exit(0)\n"},
        (),
        "discovery",
        "one.py:4: ",
    ),
    "syntax error": ({"one.py": "import jaunt\n\ndef one(:\n"}, (), "discovery", "one.py:3: "),
    "cycle": (CYCLE, (), "cycle", "one:one (one.py:3) -> two:two (two.py:3) -> one:one (one.py:3)"),
}


@pytest.mark.parametrize("name", CONFIG)
def test_what_has_to_be_corrected_first(name: str, jaunt: Jaunt, make_project: MakeProject) -> None:
    files, arguments, kind, said = CONFIG[name]
    project = make_project({**ONE, **TEST_ONE})
    write_files(project, files)
    built = run_both(jaunt, "build", *arguments, cwd=project)
    tested = jaunt.run("test", "--json", *arguments, cwd=project)
    for ran in (built, tested):
        assert ran.code == 2, ran.err
        assert ran.document["error"]["kind"] == kind
        assert said in ran.document["error"]["message"]
    assert not (project / "__generated__").exists()


def test_no_project(jaunt: Jaunt, tmp_path: Path) -> None:
    ran = run_both(jaunt, "build", cwd=tmp_path)
    assert ran.code == 2
    assert "no jaunt.toml in " in ran.err
    assert "version = 1" in ran.err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [((), 2), (("nope",), 2), (("--json",), 2), (("--help",), 0), (("--version",), 0)],
)
def test_the_command_alone(
    arguments: tuple[str, ...], code: int, started_jaunt: Jaunt, tmp_path: Path
) -> None:
    ran = started_jaunt.run(*arguments, cwd=tmp_path)
    assert ran.code == code
    # Help that was asked for goes where pages and pipes read it; so does what programs ask for.
    assert bool(ran.out) is (code == 0 or "--json" in arguments)
    assert bool(ran.err) is (code != 0)


def test_generation_fails_and_the_rest_goes_on(jaunt: Jaunt, make_project: MakeProject) -> None:
    project = make_project({**ONE, **TWO, **TEST_ONE})
    ran = run_both(jaunt, "build", cwd=project)
    assert ran.code == 3
    assert outcomes(ran.document) == {"one": "generated", "two": "failed"}
    ran = run_both(jaunt, "test", cwd=project)
    assert ran.code == 3
    assert ran.document["pytest"]["passed"] == 1
    assert ran.document["error"] is None


def test_a_backend_that_fails(jaunt: Jaunt, make_project: MakeProject) -> None:
    project = make_project(ONE, llm='provider = "command"\ncommand = ["/bin/false"]')
    ran = run_both(jaunt, "build", cwd=project)
    assert ran.code == 3
    (module,) = ran.document["modules"]
    assert "'/bin/false' failed with exit code 1" in module["failure"]["message"]


def test_a_test_fails(jaunt: Jaunt, make_project: MakeProject) -> None:
    project = make_project({**ONE, **TEST_ONE, **FAILING})
    ran = run_both(jaunt, "test", cwd=project)
    assert ran.code == 4
    assert ran.document["error"] is None
    (failure,) = ran.document["pytest"]["failures"]
    assert failure["node_id"] == "tests/__generated__/test_one.py::test_one"
    assert failure["message"].startswith("assert 1 == 2")
    path, _, line = failure["location"].partition(":")
    assert path == "tests/__generated__/test_one.py"
    lines = (project / path).read_text("utf-8").splitlines()
    assert lines[int(line) - 1] == "    assert one() == 2"


def test_3_beats_4(jaunt: Jaunt, make_project: MakeProject) -> None:
    project = make_project({**ONE, **TWO, **TEST_ONE, **FAILING})
    ran = run_both(jaunt, "test", cwd=project)
    assert ran.code == 3
    assert ran.document["pytest"]["failed"] == 1


@pytest.mark.parametrize("files", [{}, {"tests/test_one.py": "def test_by_hand():\n    pass\n"}])
def test_no_test_at_all(files: Mapping[str, str], jaunt: Jaunt, make_project: MakeProject) -> None:
    project = make_project({**ONE, **files})
    ran = run_both(jaunt, "test", cwd=project)
    assert ran.code == 4
    assert ran.document["pytest"]["exit_code"] == 5
    assert "no test specs" in ran.err
    assert run_both(jaunt, "test", "--no-run", cwd=project).code == 0


def test_no_test_is_collected(jaunt: Jaunt, make_project: MakeProject) -> None:
    project = make_project({**ONE, **TEST_ONE})
    ran = run_both(jaunt, "test", "--pytest-args=-k", "--pytest-args=nothing", cwd=project)
    assert ran.code == 4
    assert ran.document["pytest"] == {"exit_code": 5, "passed": 0, "failed": 0, "failures": []}
    assert "no test was collected" in ran.err


def test_nobody_reads_the_output(started_jaunt: Jaunt, make_project: MakeProject) -> None:
    """`jaunt test | head -1`: the code is that of the run, and nothing is said of a pipe."""
    project = make_project({**ONE, **TEST_ONE})
    process = started_jaunt.start("test", cwd=project)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    said = process.stderr.read()
    assert process.wait(60) == 0, said
    assert "pytest: 1 passed" in said
    assert "Broken pipe" not in said
