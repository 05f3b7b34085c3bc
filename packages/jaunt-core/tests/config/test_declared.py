"""What generated code may import: what the project declares, and what its own people use."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jaunt_core.config.declared import declared_packages
from jaunt_core.config.loading import Project
from jaunt_core.engine.builder import BuildOptions, build
from jaunt_core.errors import JauntConfigError
from jaunt_core.findings.import_policy import describe_packages
from jaunt_core.model.generation import ImportPolicy
from jaunt_core.model.report import FailedModule
from jaunt_core.model.spec import Kind
from jaunt_core.testing import ScriptedBackend, loader_of

MakeProject = Callable[..., Project]

DECLARED = """
    [project]
    name = "shop"
    dependencies = ["Typing_Extensions >=4", "httpx[http2]; python_version > '3'"]
    [project.optional-dependencies]
    fast = ["orjson"]
    [dependency-groups]
    dev = ["pytest>=8", {include-group = "lint"}]
    lint = ["ruff"]
    [tool.uv]
    dev-dependencies = ["freezegun"]
    """
EXTRAS = """
    [project]
    name = "shop"
    dependencies = ["httpx"]
    [project.optional-dependencies]
    test = ["pytest", "hypothesis", "faker"]
    """
POETRY = """
    [tool.poetry]
    name = "shop"
    [tool.poetry.dependencies]
    python = "^3.11"
    pydantic = "^2"
    [tool.poetry.group.dev.dependencies]
    hypothesis = "*"
    """


@pytest.mark.parametrize(
    ("text", "build_packages", "more_for_tests"),
    [
        (DECLARED, ("httpx", "orjson", "typing-extensions"), {"pytest", "ruff", "freezegun"}),
        (EXTRAS, ("faker", "httpx"), {"hypothesis", "pytest"}),
        (POETRY, ("pydantic", "python"), {"hypothesis", "pytest"}),
        ("[project]\nname = 'shop'\n", (), {"pytest"}),
        ("[project]\nname = 'shop'\ndependencies = 3\n", (), {"pytest"}),
    ],
)
def test_what_a_project_declares(
    make_project: MakeProject,
    text: str,
    build_packages: tuple[str, ...],
    more_for_tests: set[str],
) -> None:
    root = make_project({"pyproject.toml": text}).root

    assert declared_packages(root, Kind.BUILD) == build_packages
    for_tests = declared_packages(root, Kind.TEST)
    assert for_tests is not None
    assert set(for_tests) - set(build_packages) == more_for_tests


def test_tools_are_not_told_of() -> None:
    names = ("freezegun", "mypy", "pre-commit", "pytest", "python", "ruff", "types-requests")

    sentence = describe_packages(ImportPolicy(packages=names, python="3.12"))

    assert sentence.endswith("and these packages: freezegun, pytest.")


@pytest.mark.parametrize("files", [{}, {"pyproject.toml": "[tool.ruff]\nline-length = 88\n"}])
def test_a_project_that_declares_nothing(make_project: MakeProject, files: dict[str, str]) -> None:
    assert declared_packages(make_project(files).root, Kind.BUILD) is None


def test_settings_that_are_no_toml_are_named(make_project: MakeProject) -> None:
    project = make_project({"pyproject.toml": "[project\n"})

    with pytest.raises(JauntConfigError, match=r"pyproject\.toml: this is no TOML"):
        declared_packages(project.root, Kind.BUILD)


SPEC = '''
    import jaunt
    {imports}

    @jaunt.magic
    def total(prices: list[int]) -> int:
        """Return the sum."""
    '''
ANSWER = "{imports}\n\n\ndef total(prices: list[int]) -> int:\n    return sum(prices)\n"


def failure_of(project: Project, imports: str) -> FailedModule | None:
    answer = ANSWER.format(imports=imports)
    report = build(
        project,
        BuildOptions(),
        sink=lambda _: None,
        environ={},
        load=loader_of(ScriptedBackend({"shop": [answer]})),
    )
    return report.modules[0].failure


PYDANTIC_ONLY = "[project]\nname = 'shop'\ndependencies = ['pydantic']\n"


def test_an_undeclared_package_is_not_imported(make_project: MakeProject) -> None:
    project = make_project({"shop.py": SPEC.format(imports=""), "pyproject.toml": PYDANTIC_ONLY})

    failure = failure_of(project, "import json\nfrom anyio import run\nimport pydantic")

    assert failure is not None
    (finding,) = failure.findings
    assert (finding.code, finding.line) == ("import-undeclared", 2)
    assert "anyio belongs to anyio" in finding.message
    assert finding.expected.endswith("and these packages: pydantic.")


@pytest.mark.parametrize(
    ("files", "imports"),
    [
        ({"pyproject.toml": PYDANTIC_ONLY}, "import pydantic"),
        ({"pyproject.toml": PYDANTIC_ONLY}, "from helper import LIMIT"),
        ({"pyproject.toml": "[tool.ruff]\n"}, "import anyio"),
        ({}, "import anyio"),
        (
            {"pyproject.toml": PYDANTIC_ONLY},
            "try:\n    import anyio\nexcept ImportError:\n    anyio = None",
        ),
    ],
)
def test_what_may_be_imported_lands(
    make_project: MakeProject, files: dict[str, str], imports: str
) -> None:
    project = make_project(
        {"shop.py": SPEC.format(imports=""), "helper.py": "LIMIT = 1\n", **files}
    )

    failure = failure_of(project, imports)

    assert failure is None


def test_what_the_spec_module_imports_itself_may_be_used(make_project: MakeProject) -> None:
    spec = SPEC.format(imports="from anyio import sleep")
    project = make_project({"shop.py": spec, "pyproject.toml": PYDANTIC_ONLY})

    assert failure_of(project, "from anyio import run") is None
