"""What generated code may import: told to the model beforehand, and checked in its answer."""

from __future__ import annotations

import re

from jaunt_core.findings.codes import FindingCode
from jaunt_core.model.candidate import ImportFacts
from jaunt_core.model.generation import Finding, ImportPolicy

_OURS = "jaunt-runtime"  # declared by all, and of no use to generated code
_SEPARATORS = re.compile(r"[-_.]+")


def normal_name(distribution: str) -> str:
    """The name of a distribution as packaging tools compare it."""
    return _SEPARATORS.sub("-", distribution.strip()).lower()


def describe_packages(policy: ImportPolicy) -> str:
    """The policy in words, for a prompt."""
    library = f"the standard library of Python {policy.python}".rstrip()
    if policy.packages is None:
        return f"The project's own modules, {library}, and packages that the project has installed."
    listed = ", ".join(name for name in policy.packages if name != _OURS)
    if not listed:
        return f"The project's own modules and {library}; no other package."
    return f"The project's own modules, {library}, and these packages: {listed}."


def undeclared_finding(policy: ImportPolicy, item: ImportFacts) -> Finding | None:
    """What is wrong with an import of a package that the project does not declare."""
    if policy.packages is None or not item.distributions or item.optional:
        return None
    names = [normal_name(name) for name in item.distributions]
    if any(name in policy.packages for name in names):
        return None
    return Finding(
        code=FindingCode.IMPORT_UNDECLARED,
        line=item.line,
        message=f"{item.module} belongs to {' or '.join(names)}, which the project's "
        "pyproject.toml does not declare",
        expected=describe_packages(policy),
    )


__all__ = ["describe_packages", "normal_name", "undeclared_finding"]
