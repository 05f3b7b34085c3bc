"""What a request says about how its answer is judged: recipe, so that no digest changes by it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from jaunt_core.config.loading import Project
from jaunt_core.config.pytest_settings import describe_pytest
from jaunt_core.engine.tester import TestOptions, run_tests
from jaunt_core.model.generation import GenerationRequest
from jaunt_core.model.typecheck import Checker
from jaunt_core.testing import ScriptedBackend, loader_of
from jaunt_core.typecheck.detect import InstalledChecker
from jaunt_core.typecheck.strictness import describe_checker

PYTEST = {
    "nothing": ("", "", "No setting runs asynchronous tests; a marker has to (`pytestmark = …`)."),
    "pytest.ini": (
        "pytest.ini",
        "[pytest]\nasyncio_mode = auto\n",
        "pytest runs asynchronous tests with asyncio_mode = auto.",
    ),
    "pyproject.toml": (
        "pyproject.toml",
        '[tool.pytest.ini_options]\nasyncio_mode = "strict"\nfilterwarnings = ["error"]\n',
        "pytest runs asynchronous tests with asyncio_mode = strict. Warnings are errors in tests.",
    ),
    "pyproject.toml of pytest 9": (
        "pyproject.toml",
        '[tool.pytest]\nanyio_mode = "auto"\n',
        "pytest runs asynchronous tests with anyio_mode = auto.",
    ),
    "setup.cfg": (
        "setup.cfg",
        "[tool:pytest]\nasyncio_mode = auto\nfilterwarnings =\n    error\n    ignore:x\n",
        "pytest runs asynchronous tests with asyncio_mode = auto. Warnings are errors in tests.",
    ),
    "unreadable": (
        "pyproject.toml",
        "[tool.pytest",
        "No setting runs asynchronous tests; a marker has to (`pytestmark = …`).",
    ),
}

CHECKERS = {
    "mypy": (Checker.MYPY, "mypy.ini", "[mypy]\n", "mypy"),
    "mypy, strict": (
        Checker.MYPY, "pyproject.toml", "[tool.mypy]\nstrict = true\n", "mypy --strict"
    ),
    "mypy, strict in an INI file": (
        Checker.MYPY, "mypy.ini", "[mypy]\nstrict = True\n", "mypy --strict"
    ),
    "mypy, some flags": (
        Checker.MYPY,
        "pyproject.toml",
        "[tool.mypy]\ndisallow_untyped_defs = true\nwarn_return_any = false\n",
        "mypy with disallow_untyped_defs",
    ),
    "pyright": (Checker.PYRIGHT, "pyproject.toml", "[tool.pyright]\n", "pyright in standard mode"),
    "pyright, basic": (
        Checker.PYRIGHT,
        "pyrightconfig.json",
        '{"typeCheckingMode": "basic"}',
        "pyright in basic mode",
    ),
    "ty": (Checker.TY, "ty.toml", "[rules]\nunresolved-import = 'error'\n", "ty"),
    "ty, all rules": (
        Checker.TY, "ty.toml", "[rules]\nall = 'error'\n", "ty with all rules as errors"
    ),
}  # fmt: skip


@pytest.mark.parametrize("title", PYTEST)
def test_settings_of_pytest(title: str, tmp_path: Path) -> None:
    name, text, expected = PYTEST[title]
    if name:
        (tmp_path / name).write_text(text, "utf-8")

    assert " ".join(describe_pytest(tmp_path, is_asynchronous=True)) == expected
    assert not any("async" in line for line in describe_pytest(tmp_path, is_asynchronous=False))


@pytest.mark.parametrize("title", CHECKERS)
def test_strictness(title: str, tmp_path: Path) -> None:
    checker, name, text, expected = CHECKERS[title]
    settings = tmp_path / name
    settings.write_text(text, "utf-8")

    installed = InstalledChecker(checker=checker, program=tmp_path, settings=settings, top=tmp_path)

    assert describe_checker(installed) == expected


SPECS = {
    "tax.py": '''
        import jaunt

        @jaunt.magic
        def rate() -> int:
            """Return 19."""
            raise NotImplementedError
        ''',
    "tests/test_tax.py": '''
        import jaunt
        from tax import rate

        @jaunt.test(targets=[rate])
        async def test_rate() -> None:
            """It is 19."""
        ''',
}
ANSWERS = {
    "tax": ["def rate() -> int:\n    return 19\n"],
    "tests.test_tax": [
        "from tax import rate\n\n\nasync def test_rate() -> None:\n    assert rate() == 19\n"
    ],
}
ON = "[build]\nrun_examples = true\n"
OFF = "[build]\nrun_examples = false\ntype_check = 'off'\n[test]\nrun_trials = false\n"


def requests_of(project: Project) -> list[GenerationRequest]:
    backend = ScriptedBackend(ANSWERS)
    run_tests(
        project, TestOptions(run=False), sink=lambda _: None, environ={}, load=loader_of(backend)
    )
    return backend.requests


def test_a_request_says_what_its_answer_is_put_to(make_project: Callable[..., Project]) -> None:
    files = {name: dedent(text) for name, text in SPECS.items()}
    settings = {"pytest.ini": "[pytest]\nasyncio_mode = auto\n"}
    code, tests = requests_of(make_project({**files, **settings}, ON, folder="on"))
    plain_code, plain_tests = requests_of(make_project(files, OFF, folder="off"))

    assert "The examples and `Raises:` lines of docstrings are run." in code.context.judged_by
    assert "run on wrong implementations" in "\n".join(tests.context.judged_by)
    assert "asyncio_mode = auto" in tests.messages[1].text
    assert [len(request.context.judged_by) for request in (plain_code, plain_tests)] == [1, 3]
    assert "A test that asserts nothing is rejected." in plain_tests.messages[1].text
    assert (code.digest, tests.digest) == (plain_code.digest, plain_tests.digest)
