"""What generated code may import: described in the prompt, and checked in the answer."""

from __future__ import annotations

import re

from jaunt_core.findings.codes import FindingCode
from jaunt_core.model.candidate import ImportFacts
from jaunt_core.model.generation import Finding, ImportPolicy

_RUNTIME = "jaunt-runtime"  # declared by all, and of no use to generated code
_TOOLS = frozenset({
    "autoflake", "autopep8", "bandit", "basedpyright", "black", "build", "bump-my-version",
    "bumpversion", "codespell", "commitizen", "coverage", "deptry", "flake8", "flit", "hatch",
    "interrogate", "ipdb", "ipython", "isort", "jaunt-cli", "jupyter", "mkdocs",
    "mkdocs-material", "mypy", "nox", "pdm", "pdoc", "pip-audit", "pip-tools", "poetry",
    "pre-commit", "prek", "pylint", "pyrefly", "pyright", "pyupgrade", "ruff", "safety", "sphinx",
    "tbump", "tombi", "towncrier", "tox", "twine", "ty", "uv", "vulture", "wheel", "yapf",
    "zensical", "zuban",
})  # fmt: skip
"""Programs for developers: declared for a project's work, and of no use to its code."""

_TOOL_PREFIXES = (
    "flake8-",
    "jaunt-backend-",
    "mkdocs-",
    "pylint-",
    "pytest-xdist",
    "pytest-cov",
    "sphinx-",
    "tox-",
    "types-",
)
_TOOL_SUFFIXES = ("-stubs",)
_TEST_LIBRARIES = ("pytest", "hypothesis")
_SEPARATORS = re.compile(r"[-_.]+")


def normal_name(distribution: str) -> str:
    """The name of a distribution as packaging tools compare it."""
    return _SEPARATORS.sub("-", distribution.strip()).lower()


def is_for_tests(distribution: str) -> bool:
    """Whether a distribution is a library for tests, which other code has no use for."""
    return distribution.startswith(_TEST_LIBRARIES)


def _is_tool(distribution: str) -> bool:
    return (
        distribution in _TOOLS
        or distribution in (_RUNTIME, "python")
        or distribution.startswith(_TOOL_PREFIXES)
        or distribution.endswith(_TOOL_SUFFIXES)
    )


def describe_packages(policy: ImportPolicy) -> str:
    """What may be imported, as a sentence for a prompt."""
    library = f"the standard library of Python {policy.python}".rstrip()
    if policy.packages is None:
        return f"The project's own modules, {library}, and packages that the project has installed."
    listed = ", ".join(name for name in policy.packages if not _is_tool(name))
    if not listed:
        return f"The project's own modules and {library}; no other package."
    return f"The project's own modules, {library}, and these packages: {listed}."


def undeclared_finding(policy: ImportPolicy, imported: ImportFacts) -> Finding | None:
    """The finding for an import of a package that the project does not declare."""
    if policy.packages is None or not imported.distributions or imported.optional:
        return None
    names = [normal_name(name) for name in imported.distributions]
    if any(name in policy.packages for name in names):
        return None
    return FindingCode.IMPORT_UNDECLARED.finding(
        f"{imported.module} belongs to {' or '.join(names)}, which the project's "
        "pyproject.toml does not declare",
        describe_packages(policy),
        line=imported.line,
    )
